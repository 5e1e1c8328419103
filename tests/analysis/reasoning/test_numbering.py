"""Evidence is numbered in the order of its use."""

from opsagent.analysis.reasoning.numbering import MOST, Numbered, highest, interleaved, with_known_numbers
from opsagent.models.evidence import Cause, Evidence, Observation


def line(where: str, text: str = "x") -> Observation:
    """Return one observation."""
    return Observation("logs", where, text)


def test_the_same_line_has_one_number() -> None:
    """Two causes that cite one line share its number."""
    numbers = Numbered()
    assert numbers.cite([line("a"), line("b")], first=True) == ("E1", "E2")
    assert numbers.cite([line("c"), line("a")], first=False) == ("E3", "E1")


def test_one_field_quoted_at_different_length_is_one_piece() -> None:
    """Two rules that read one field do not make two witnesses; two fields of one line do."""
    numbers = Numbered()
    assert numbers.cite([line("p", "web Error, exit code 1"), line("p", "Error, exit code 1")], first=True) == ("E1",)
    assert numbers.cite([line("p", "api: offline")], first=False) == ("E2",)


def test_many_pieces_are_cut_and_no_cause_is_left_without() -> None:
    """A cause cites a few lines, and one at least though the list is full."""
    numbers = Numbered()
    for cause in range(12):
        assert numbers.cite([line(f"{cause}/{n}") for n in range(9)], first=cause == 0)
    assert len(numbers.evidence) <= MOST + 12


def test_each_finding_shows_its_best_before_any_shows_its_second() -> None:
    """The decisive lines of all witnesses come first."""
    assert [o.where for o in interleaved([[line("a1"), line("a2")], [line("b1")], []])] == ["a1", "b1", "a2"]


def piece(number: int, where: str) -> Evidence:
    """Return one numbered piece."""
    return Evidence(f"E{number}", "logs", where, "x")


def test_a_later_check_keeps_the_numbers_of_what_is_known() -> None:
    """What was E2 is E2 again wherever it ranks now; what is new comes after all that was numbered, cited or not."""
    known = (piece(1, "a"), piece(2, "b"), piece(7, "looked up"))
    cause = Cause("db.locked", None, None, 0.8, "", ("E1", "E2"))
    causes, evidence = with_known_numbers((cause,), (piece(1, "b"), piece(2, "c")), known)
    assert [(p.id, p.where) for p in evidence] == [("E2", "b"), ("E8", "c")]
    assert causes[0].evidence == ("E2", "E8")


def test_two_pieces_never_share_a_number() -> None:
    """The same line twice is one known piece and a new one; with nothing known all is numbered from one."""
    _, evidence = with_known_numbers((), (piece(1, "a"), piece(2, "a")), (piece(5, "a"),))
    assert [p.id for p in evidence] == ["E5", "E6"]
    assert with_known_numbers((), evidence, ())[1] == (piece(1, "a"), piece(2, "a"))
    assert (highest(evidence), highest(())) == (6, 0)

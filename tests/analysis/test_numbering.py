"""Evidence is numbered in the order of its use."""

from opsagent.analysis.numbering import MOST, Numbered, interleaved
from opsagent.models.evidence import Observation


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

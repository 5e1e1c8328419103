"""Lines that may be cited: the most informative first, one number each, the rules' own numbers kept."""

from datetime import UTC, datetime, timedelta

from opsagent.analysis.logs.evidence import citable_lines
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.evidence import Evidence

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def group(kind: str, text: str, first: int, *, count: int = 1, last: int | None = None, minute: int = 0) -> LogGroup:
    """Return a group of like lines."""
    at = AT + timedelta(minutes=minute)
    return LogGroup(kind, text, count, first, last or first, at, at)  # type: ignore[arg-type]


def digest(*groups: LogGroup, where: str = "logs/web-1/web.log") -> LogDigest:
    """Return a log's digest."""
    return LogDigest(where, "web-1", "web", False, "web", 100, 1000, groups)


def test_new_numbers_begin_after_what_is_taken() -> None:
    """Two lines that nobody cited yet follow on the numbers in use."""
    lines = citable_lines([digest(group("error", "ERROR boom", 3), group("error", "ERROR other", 9))], (), after=6)
    assert sorted(line.evidence.id for line in lines) == ["E7", "E8"]
    assert {line.evidence.where for line in lines} == {"logs/web-1/web.log:L3", "logs/web-1/web.log:L9"}
    assert {line.evidence.source for line in lines} == {"logs"}


def test_a_line_that_is_evidence_keeps_its_number() -> None:
    """Found by its group's first line or by its last one; no second number for the same line."""
    cited = (
        Evidence("E2", "logs", "logs/web-1/web.log:L3", "x"),
        Evidence("E4", "logs", "logs/web-1/web.log:L90", "y"),
    )
    lines = citable_lines(
        [digest(group("error", "ERROR boom", 3), group("error", "ERROR late", 9, last=90), group("error", "new", 20))],
        cited, after=5,
    )  # fmt: skip
    assert {line.group.text: line.evidence.id for line in lines} == {
        "ERROR boom": "E2",
        "ERROR late": "E4",
        "new": "E6",
    }


def test_lines_that_differ_in_numbers_only_are_one() -> None:
    """Counted together, over their complete time."""
    same = [group("error", f"ERROR request {n} took {n}01 ms", n, count=n, minute=n) for n in range(1, 5)]
    [line] = citable_lines([digest(*same)], (), after=0)
    assert line.count == 10
    assert (line.first_at, line.last_at) == (AT + timedelta(minutes=1), AT + timedelta(minutes=4))


def test_two_pieces_of_evidence_are_never_made_one() -> None:
    """Lines that differ in numbers only, but were cited under two numbers, keep both."""
    alike = [group("error", f"ERROR request {n}", n) for n in (1, 2)]
    cited = tuple(Evidence(f"E{n}", "logs", f"logs/web-1/web.log:L{n}", "x") for n in (1, 2))
    assert {line.evidence.id for line in citable_lines([digest(*alike)], cited, after=2)} == {"E1", "E2"}


def test_of_quiet_lines_a_few_a_log_are_enough() -> None:
    """What a log states every day does not crowd out another log; errors are all kept, and so is what was cited."""
    words = ("one", "two", "three", "four", "five", "six")
    plain = [group("plain", f"served {word}", 10 + number) for number, word in enumerate(words)]
    errors = [group("error", f"ERROR {word}", 30 + number) for number, word in enumerate(words)]
    lines = citable_lines([digest(*plain, *errors), digest(*plain, where="logs/b.log")], (), after=0)
    kinds = [(line.log.where, line.group.kind) for line in lines]
    assert kinds.count(("logs/web-1/web.log", "plain")) == kinds.count(("logs/b.log", "plain")) == 3
    assert kinds.count(("logs/web-1/web.log", "error")) == 6
    cited = tuple(Evidence(f"E{n}", "logs", f"logs/web-1/web.log:L{10 + n}", "x") for n in range(6))
    kept = citable_lines([digest(*plain)], cited, after=6)
    assert {line.evidence.id for line in kept} >= {piece.id for piece in cited}


def test_numbers_do_not_depend_on_how_much_is_shown() -> None:
    """The same logs give the same numbers again; each number is given once."""
    logs = [
        digest(*(group("error", f"ERROR {chr(97 + n)}", n + 1) for n in range(20)), where=f"logs/{m}.log")
        for m in range(3)
    ]
    once, again = citable_lines(logs, (), after=3), citable_lines(logs, (), after=3)
    assert once == again
    ids = [line.evidence.id for line in once]
    assert len(set(ids)) == len(ids) == 60


def test_without_logs_there_is_nothing_to_cite() -> None:
    """No digest, or one of an empty log: no line."""
    assert citable_lines((), (), after=0) == citable_lines([digest()], (), after=0) == ()

"""The lines around a piece of evidence, from what was kept of its log."""

from opsagent.agent.log_lines import LogLines
from opsagent.models.evidence import Evidence


def test_the_lines_around_evidence_are_its_own_logs() -> None:
    """By number, with its own lines marked, redacted; nothing of what is not a log or was not kept."""
    kept = LogLines()
    lines = [f"line {number} token=s3cret" for number in range(1, 21)]
    assert b"".join(kept.keeping("logs/p/c.log", [("\n".join(lines) + "\n").encode()])).count(b"\n") == 20
    pieces = (
        Evidence("E1", "logs", "logs/p/c.log:L10", "line 10", None),
        Evidence("E2", "logs", "logs/other.log:L1", "x", None),
        Evidence("E3", "objects", "Pod/p:status", "x", None),
        Evidence("E4", "logs", "logs/p/c.log:L99", "x", None),
    )
    around = kept.around(pieces, lambda text: text.replace("s3cret", "***"))
    assert set(around) == {"E1", "E4"}
    assert [line.split()[0] == ">" for line in around["E1"]] == [False] * 4 + [True] + [False] * 3
    assert around["E1"][4] == ">   10  line 10 token=***"
    assert around["E4"] == ()
    kept.clear()
    assert kept.around(pieces, str) == {}


def test_a_log_beyond_the_bound_is_passed_on_and_not_kept() -> None:
    """Every byte reaches the digest; memory stays bounded."""
    kept = LogLines()
    chunk = b"x" * (1024 * 1024)
    assert sum(map(len, kept.keeping("logs/p/c.log", [chunk] * 6))) == 6 * len(chunk)
    assert kept.around((Evidence("E1", "logs", "logs/p/c.log:L1", "x", None),), str) == {}

"""Whether what was given as a log is one."""

import pytest

from opsagent.analysis.evidence.understood import is_log, text_of
from opsagent.models.digest import GroupKind, LogDigest, LogGroup


def digest(*lines: str, pod: str | None = None, kind: GroupKind = "plain") -> LogDigest:
    """Return the digest of these lines, each a kind of its own."""
    groups = tuple(LogGroup(kind, line, 2, number, number) for number, line in enumerate(lines, 1))
    size = sum(map(len, lines))
    return LogDigest("a", pod, None, previous=False, service=None, lines=len(lines), size=size, groups=groups)


@pytest.mark.parametrize(
    ("log", "is_one"),
    [
        (digest("2026-11-22T12:00:00Z INFO started", "2026-11-22T12:00:01Z INFO ready"), True),
        (
            digest('{"t":{"$date":"2026-11-22T12:00:00Z"},"s":"I","c":"NETWORK","ctx":"listener","msg":"accepted"}'),
            True,
        ),
        (digest('{"Timestamp":"2026-11-22T12:00:00Z","MessageTemplate":"HTTP {Method} {Path}"}'), True),
        (digest("tests/test_till.py::test_sum PASSED    [ 10%]", "====== 30 passed in 4.20s ======"), True),
        (digest("--- PASS: TestSum (0.00s)", "ok  \tshop/till\t0.031s"), True),
        (digest("some words of a letter", "and some more of them"), False),
        (digest("some words of a letter", "and some more of them", pod="web-1"), True),  # whatever a container writes
        (digest("sqlite3.OperationalError: database is locked", kind="error"), True),  # a rule knows it
        (digest("\x00\x01\x7fELF", "\x00\x02", pod="web-1"), False),
    ],
    ids=[
        "records",
        "MongoDB",
        "Serilog",
        "pytest",
        "go test",
        "prose",
        "prose of a pod",
        "a known wording",
        "bytes of a pod",
    ],
)
def test_a_log_is_known_by_its_records_or_its_words(log: LogDigest, is_one: bool) -> None:
    """The form of records, a known wording, or text that a container wrote."""
    assert is_log(log) is is_one


def test_of_a_traceback_its_first_lines_count() -> None:
    """One line a group, then up to two of each traceback; without any, the last lines as they are."""
    trace = digest("Traceback (most recent call last):\n  File\nValueError: x\nmore", kind="traceback")
    assert text_of(trace) == ("Traceback (most recent call last):\n  File\nValueError: x", (2, 1, 1))

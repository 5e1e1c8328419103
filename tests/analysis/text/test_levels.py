"""The words by which a line shows something: roots of failure, and the harmless words that hold one."""

import pytest

from opsagent.analysis.logs.digest import digest
from opsagent.analysis.text.levels import BENIGN, STRONG, WEAK, Level, answered, any_of, level_of
from opsagent.models.observed import LogRef


@pytest.mark.parametrize(
    "line",
    [
        "Token verified successfully",
        "INFO:gate:Token verified successfully for user_id: 7",
        "carefully priced 3 orders",
        "guest 4 joined the room, skills shown: none",
        "Retrieved 12 rows depending on the tenant",
        "zoom level stored",
    ],
)
def test_harmless_words_that_hold_a_root_of_failure_are_plain(line: str) -> None:
    """A line of good news is not a warning, whatever letters it holds."""
    (group,) = digest(LogRef("app.log"), [f"{line}\n".encode()]).groups
    assert group.kind == "plain"


@pytest.mark.parametrize(
    "line",
    [
        "disk full",
        "sqlite_full: cannot commit",
        "killed",
        "kernel: oom-kill:constraint=CONSTRAINT_MEMCG",
        "reason:oomkilled",
        "systemoom encountered",
        "worker was sent sigkill",
        "order is still pending",
        "status=pending",
        "retrying in 2s",
    ],
)
def test_the_roots_themselves_still_show(line: str) -> None:
    """What speaks of a full disk, a kill or a wait is found, at the start of a line and inside it."""
    assert any_of(STRONG, line) or any_of(WEAK, line)


@pytest.mark.parametrize(
    ("line", "benign"),
    [
        ("imported 12 rows, 0 failed", True),
        ("0 errors", True),
        ("pg-0 failed to join", False),
        ("store.0 has failed", False),
        ("10 errors", False),
        ("# HELP failures_total Failures so far", True),
        ("out of memory guard enabled", True),
        ("out of memory", False),
    ],
)
def test_a_count_of_none_is_distinguished_from_a_name_that_ends_in_nought(line: str, benign: bool) -> None:
    """The first pod of a StatefulSet fails as any other does."""
    assert (BENIGN.search(line) is not None) is benign


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ('I0201 10:00:00.000001 1 event.go:377] "Event occurred" type="Warning" reason="FailedMount"', Level.WARNING),
        ("level=info msg=\"Event(v1.ObjectReference{}): type: 'Warning' reason: 'BackOff' again\"", Level.WARNING),
        ('{"level":"info","msg":"event","type":"Warning","reason":"FailedCreate"}', Level.WARNING),
        ('I0201 10:00:00.000001 9 prober.go:107] "Probe failed" probeType="Startup" pod="a/b"', Level.WARNING),
        ('I0201 10:00:00.000001 1 event.go:377] "Event occurred" type="Normal" reason="Scheduled"', Level.INFO),
        ("4m12s (x3 over 9m)   Warning   BackOff   pod/a-1   Back-off restarting failed container", Level.WARNING),
        ("17s   Normal   Killing   pod/a-1   Stopping container a", Level.INFO),
        ("2026-02-01T10:00:00.1Z\tinfo\tretry_sender.go:118\tExporting failed", Level.INFO),
        ("[10:00:00 WRN] desk is shut", Level.WARNING),
        ("[2026-02-01 10:00:00 FTL] desk is gone", Level.FATAL),
        ("2026.02.01 10:00:00.1 [ 9 ] {} <Error> TCPHandler: desk is shut", Level.ERROR),
        ('[10:00:00 INF] Parsed inbound message {"level":"ERROR","text":"gate fault"}', Level.INFO),
        ("2026-02-01 INFO Stored gate report: severity=CRITICAL code=7", Level.INFO),
        ('2026-02-01 INFO [main] c.e.Relay : {"level":"error","msg":"gate fault"}', Level.ERROR),
    ],
)
def test_a_line_has_the_level_of_what_it_carries(line: str, level: Level) -> None:
    """A controller that passes on a warning at INFO warns; a list of events has levels in its second column."""
    assert level_of(line) == level


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ('10.0.0.1 - - [22/Nov/2026] "POST /import HTTP/1.1" 413 183', 413),
        ('{"level":"INFO","message":"GET /items 200 in 5 ms"}', 200),
        ('{"level":"ERROR","message":"POST /import 413: body of 9 bytes exceeds the limit of 4 bytes"}', None),
    ],
)
def test_a_programs_own_sentence_about_a_request_is_not_an_access_line(line: str, status: int | None) -> None:
    """What follows the colon states why, and is read as any other record."""
    assert answered(line, level_of(line)) == status

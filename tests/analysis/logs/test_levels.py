"""The words by which a line tells something: roots of failure, and the harmless words that hold one."""

import pytest

from opsagent.analysis.logs.digest import digest
from opsagent.analysis.logs.levels import BENIGN, STRONG, WEAK, any_of
from opsagent.models.look import LogRef


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
    """A line of good news is no warning, whatever letters it holds."""
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
def test_the_roots_themselves_still_tell(line: str) -> None:
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
def test_a_count_of_none_is_told_from_a_name_that_ends_in_nought(line: str, benign: bool) -> None:
    """The first pod of a StatefulSet fails as any other does."""
    assert (BENIGN.search(line) is not None) is benign

"""Whether a complaint is over: what the same log says after it."""

import pytest

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.look import LogRef

REFUSED = "ERROR rates:80: connection refused\n"
SERVED = '10.0.0.4 - - "GET /cart HTTP/1.1" 200 12\n'


def over(after: str, before: str = REFUSED) -> bool:
    """Say whether the complaint before is over by what comes after it."""
    found = log_findings([digest(LogRef("app.log"), [f"{before}{after}\n{SERVED * 5}".encode()])])
    return found[0].over


@pytest.mark.parametrize(
    "after",
    [
        "INFO retry succeeded after 2 attempts",
        "INFO order 7 saved (attempt 2)",
        "INFO attempt 2/3 ok",
        "INFO second attempt succeeded",
        "INFO successfully processed message after retry",
        "INFO retried, ok now",
        '{"level":"info","msg":"operation succeeded","attempt":2}',
        "INFO back to normal",
        "INFO circuit breaker rates is closed",
        "INFO connection restored",
    ],
)
def test_what_passed_by_itself_is_over(after: str) -> None:
    """A success that names the attempt, or the state that is well again, in the words of many programs."""
    assert over(after)


@pytest.mark.parametrize(
    "after",
    [
        "INFO retry 3 sent",
        "INFO attempt 2 of 5",
        "INFO message accepted, retries queued",
        "WARN retry failed, giving up",
        "INFO retrying until it is ok",
        "INFO processed 12 orders",
        "INFO retries: 9, successful: 0",
    ],
)
def test_an_attempt_is_not_yet_a_success(after: str) -> None:
    """Another try, or a word of success about something else, ends nothing."""
    assert not over(after)


def test_a_complaint_after_the_success_is_not_over() -> None:
    """Only what comes after the last complaint counts."""
    assert not over("", before=f"{REFUSED}INFO retry succeeded after 2 attempts\n{REFUSED}")


def test_a_command_that_was_missed_is_over_once_the_program_started() -> None:
    """A wrapper that lacks a tool and starts the program all the same is no bad command."""
    missed = "WARN entrypoint.sh: line 4: git: command not found\n"
    assert over("INFO listening on :8080", before=missed)
    assert not over("INFO cleaning up", before=missed)

"""What was read is one record, and its questions have one answer each."""

import pytest

from opsagent.errors import (
    CheckError,
    ForbiddenError,
    GoneError,
    NoClusterError,
    NotAnAnswerError,
    NotCheckedError,
    TransientCheckError,
    UnauthorizedError,
    UnreachableError,
)
from opsagent.models.coverage import IDLE, STATE_SOURCES, Coverage, Outcome, Reading, outcome_of
from opsagent.store.records import from_json, to_json

COVERAGE = Coverage(
    (
        Reading("stats", None, Outcome.READ),
        Reading("objects", None, Outcome.REFUSED, "HTTP 403"),
        Reading("pods", None, Outcome.REFUSED, "HTTP 403"),
        Reading("events", None, Outcome.FAILED, "timed out"),
        Reading("logs", "web", Outcome.NOT_UNDERSTOOD, "a.log is not a log"),
        Reading("stats", "web", Outcome.READ, "online"),
        Reading("objects", "web", Outcome.REFUSED, "objects: HTTP 403"),
        Reading("stats", "mail", Outcome.NOT_UNDERSTOOD, "no status"),
        Reading("objects", "mail", Outcome.REFUSED, "objects: HTTP 403"),
        Reading("objects", "spare", Outcome.EMPTY, IDLE),
    )
)


def test_a_state_counts_only_from_a_source_that_can_show() -> None:
    """A log that was read, or a source that was refused, is not a state; a spare is neither read nor missing."""
    assert COVERAGE.read_of("web") == ("stats",)
    assert COVERAGE.services_read(("web", "mail", "spare")) == ("web",)
    assert COVERAGE.unread(("web", "mail", "spare", "unknown")) == ("mail", "unknown")
    text = Coverage((Reading("logs", "web", Outcome.READ, "12 lines"),))
    assert text.services_read(("web",)) == ()
    assert not text.blind


def test_why_a_service_was_not_read_is_the_reason_that_explains_most() -> None:
    """A refusal comes before an answer that reports nothing; without a reason no source reports it."""
    assert COVERAGE.why_unread("mail") == "objects: HTTP 403"
    assert COVERAGE.why_unread("unknown") == "no source reports its state"


def test_what_was_not_checked_is_listed_once() -> None:
    """Each source once, the summary of all kinds not beside the kind itself, a log that is none by its own source."""
    assert [(source, why) for source, why, _ in COVERAGE.not_checked()] == [
        ("pods", "HTTP 403"),
        ("events", "timed out"),
        ("logs", "a.log is not a log"),
    ]


def test_blind_is_where_nothing_was_read() -> None:
    """An empty answer is an answer; refusals, failures and strange answers are none."""
    none = [Reading("pods", None, outcome, "x") for outcome in Outcome if outcome not in ("read", "empty")]
    assert Coverage(tuple(none)).blind
    assert Coverage().blind
    assert not Coverage((*none, Reading("pods", None, Outcome.EMPTY))).blind
    assert not COVERAGE.blind
    assert [reading.what for reading in COVERAGE.strange] == ["a.log is not a log"]


def test_outcomes_by_source() -> None:
    """What is not recorded was not asked."""
    assert COVERAGE.outcome("objects") is Outcome.REFUSED
    assert COVERAGE.outcome("objects", "spare") is Outcome.EMPTY
    assert COVERAGE.outcome("health") is Outcome.NOT_ASKED
    assert COVERAGE.why("objects") == "HTTP 403"
    assert COVERAGE.why("stats") == ""


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (UnauthorizedError, Outcome.REFUSED),
        (ForbiddenError, Outcome.REFUSED),
        (NotAnAnswerError, Outcome.NOT_UNDERSTOOD),
        (NotCheckedError, Outcome.NOT_ASKED),
        (NoClusterError, Outcome.NOT_ASKED),
        (UnreachableError, Outcome.FAILED),
        (TransientCheckError, Outcome.FAILED),
        (GoneError, Outcome.FAILED),
        (CheckError, Outcome.FAILED),
    ],
)
def test_each_error_stands_for_one_outcome(kind: type[CheckError], outcome: Outcome) -> None:
    """Errors of the clients are turned into outcomes in one place."""
    assert outcome_of(kind("it failed", source="pods")) is outcome


def test_a_coverage_is_kept_and_read_again() -> None:
    """The store brings back the same record, its outcomes included."""
    assert from_json(Coverage, to_json(COVERAGE)) == COVERAGE
    assert set(STATE_SOURCES) == {"stats", "objects", "health", "metrics"}

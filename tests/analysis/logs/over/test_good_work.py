"""How good work after a complaint is measured: its length, its amount, and whether the work from before went on."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.analysis.logs.said import said

_START = datetime(2031, 5, 4, 6, tzinfo=UTC)


def _log(*parts: tuple[int, float, str]) -> str:
    """Write parts of (how many lines, seconds between them, what they state)."""
    at, lines = _START, []
    for count, pause, text in parts:
        for n in range(count):
            at += timedelta(seconds=pause)
            lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ} {text.format(n)}")
    return "\n".join(lines) + "\n"


_WORK = "INFO stored berth {}"
_OTHER = "INFO queue of berths holds {} requests that wait"
_FAILS = "ERROR rates:80: connection refused"
_WARNS = "WARN rates:80: connection refused"


@pytest.mark.parametrize(
    ("parts", "over"),
    [
        (((30, 5, _WORK), (2, 2, _FAILS), (60, 5, _WORK)), True),
        (((30, 5, _WORK), (2, 2, _FAILS), (10, 5, _WORK)), False),
        (((30, 5, _WORK), (1, 2, _WARNS), (18, 2, _WORK)), True),
        (((30, 5, _WORK), (1, 2, _WARNS), (10, 2, _WORK)), False),
        (((30, 5, _WORK), (1, 2, _FAILS), (12, 2, _WORK)), False),
        (((30, 5, _WORK), (1, 2, _FAILS), (18, 2, _WORK)), True),
        (((30, 5, _WORK), (1, 2, _FAILS), (18, 2, _OTHER)), False),
        (((30, 5, _WORK), (2, 2, _WARNS), (18, 2, _WORK)), True),
        (((30, 5, _WORK), (4, 8, _WARNS), (18, 2, _WORK)), False),
        (((30, 5, _WORK), (20, 20, _FAILS), (60, 5, _WORK)), False),
        (((30, 5, _WORK), (20, 20, _FAILS), (400, 6, _WORK)), True),
    ],
    ids=[
        "a moment",
        "too little since",
        "a warning",
        "too little since a warning",
        "an error, too little since",
        "an error, and the usual work",
        "an error, and other work",
        "two warnings",
        "warnings that took as long as the work since",
        "as long as it lasted",
        "many times as long",
    ],
)
def test_good_work_has_to_last_longer_than_the_failure_did(
    parts: tuple[tuple[int, float, str], ...], over: bool
) -> None:
    """A failure of a moment is over soon, one of minutes only after many times as long."""
    assert (said(_log(*parts)) == []) is over


def test_a_complaint_whose_usual_pause_has_not_passed_is_not_over() -> None:
    """What recurs once a minute is not over for half a minute's good words of the same."""
    recurs = [part for _ in range(6) for part in ((8, 6, _WORK), (1, 6, _FAILS), (1, 1, "INFO connected to rates:80"))]
    assert said(_log(*recurs, (4, 6, _WORK)))
    assert not said(_log(*recurs, (60, 6, _WORK)))


def test_work_that_ended_with_the_failure_is_owed() -> None:
    """Where one kind of work never comes again, all other work proves nothing."""
    both = [part for _ in range(20) for part in ((1, 3, _WORK), (1, 3, "INFO consumed message {} of the quay"))]
    failed = (1, 2, "ERROR consumer: rates:80: connection refused")
    assert said(_log(*both, failed, (150, 4, _WORK)))
    assert not said(_log(*both, failed, *both, *both))


def test_few_failures_of_one_request_do_not_accuse_a_credential() -> None:
    """A password that one session got wrong is over by long good work; one that nobody gets right is not."""
    refused = 'ERROR FATAL:  password authentication failed for user "ops"'
    assert not said(_log((30, 5, _WORK), (1, 2, refused), (120, 6, _WORK)))
    assert said(_log((30, 5, _WORK), (9, 20, refused), (30, 6, _WORK))) == ["db.credentials"]

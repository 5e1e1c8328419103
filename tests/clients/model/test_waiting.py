"""How long an answer is waited for: by an own clock, without waiting."""

import pytest

from opsagent.clients.model.client import COLD_S, patience
from opsagent.clients.model.waiting import PendingQuestion, SkippedModelError, StalledError
from opsagent.config.settings import ModelSettings
from opsagent.errors import ModelError


class Clock:
    """A clock that is put forward by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def waiting(clock: Clock, *, cold: bool = False) -> PendingQuestion:
    """Return a question that was just put: 60 s in all, 300 s to the first byte, 30 s between two tokens."""
    return PendingQuestion(60.0, 300.0, 30.0, cold=cold, clock=clock)


def test_a_cold_model_is_waited_for_without_charge() -> None:
    """The wait for its first token is not counted to the budget; what comes after is."""
    clock = Clock()
    asked = waiting(clock, cold=True)
    clock.now = 250.0
    asked.check(None)
    asked.received(b'data: {"choices": []}\n\n')
    assert asked.cold_s == 250.0
    clock.now = 279.0
    asked.check(None)
    asked.received(b"data: {}\n\n")
    clock.now = 308.0
    asked.received(b"data: {}\n\n")
    asked.check(None)
    clock.now = 311.0
    with pytest.raises(ModelError, match="did not finish within the 60 s"):
        asked.check(None)


def test_a_cold_model_is_not_waited_for_for_ever() -> None:
    """After the first-byte time-out it is given up."""
    clock = Clock()
    asked = waiting(clock, cold=True)
    clock.now = 301.0
    with pytest.raises(StalledError, match="300 s"):
        asked.check(None)


def test_a_warm_model_has_its_budget() -> None:
    """Where no model has to be loaded the wait for the first byte counts."""
    clock = Clock()
    asked = waiting(clock)
    clock.now = 61.0
    with pytest.raises(ModelError, match="did not finish"):
        asked.check(None)


def test_a_stalled_stream_is_ended_though_comments_come() -> None:
    """A comment that keeps the connection open is not a token."""
    clock = Clock()
    asked = waiting(clock)
    asked.received(b"data: {}\n\ndata: {}\n\n")
    for clock.now in (10.0, 20.0, 29.0):
        asked.received(b": keep-alive\n\n")
        asked.check(None)
    clock.now = 31.0
    with pytest.raises(StalledError, match="30 s, after 2 tokens"):
        asked.check(None)


def test_seconds_and_tokens_are_shown_and_a_no_ends_it() -> None:
    """Whoever watches sees how it goes, and can skip the model for this step."""
    clock = Clock()
    asked = waiting(clock)
    asked.received(b"data: {}\n\n" * 5)
    clock.now = 4.0
    shown: list[tuple[float, int]] = []

    def watch(seconds: float, tokens: int) -> bool:
        shown.append((seconds, tokens))
        return len(shown) < 2

    asked.check(watch)
    with pytest.raises(SkippedModelError):
        asked.check(watch)
    assert shown == [(4.0, 5), (4.0, 5)]


@pytest.mark.parametrize(
    ("url", "settings", "expected"),
    [
        ("http://127.0.0.1:11434/v1", {}, (COLD_S, True)),
        ("http://localhost:11434/v1", {}, (COLD_S, True)),
        ("https://api.openai.com/v1", {}, (30.0, False)),
        ("https://api.openai.com/v1", {"first_byte_timeout_s": 90.0}, (90.0, True)),
        ("http://[::1]/v1", {"first_byte_timeout_s": 9.0}, (9.0, True)),
    ],
)
def test_a_local_model_has_five_minutes_to_begin(
    url: str, settings: dict[str, float], expected: tuple[float, bool]
) -> None:
    """300 s on loopback, the read time-out elsewhere, and what is configured before both."""
    assert patience(ModelSettings(**settings), url) == expected  # type: ignore[arg-type]

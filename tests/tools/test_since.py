"""Durations in kubectl's spellings."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.errors import UsageError
from opsagent.tools.since import parse_since


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("45s", 45),
        ("10m", 600),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("0", 0),
        ("500ms", 1),
        (" 2H ", 7200),
        ("1m1.5s", 62),
    ],
)
def test_kubectl_spellings(text: str, seconds: int) -> None:
    """What kubectl takes for --since is taken, rounded up to whole seconds."""
    assert parse_since(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "10 m", "-5m", "10x", "1h-3m", "ten minutes", "9" * 40 + "h"])
def test_no_durations(text: str) -> None:
    """Anything else is refused with an example."""
    with pytest.raises(UsageError) as caught:
        parse_since(text)
    assert caught.value.hint


def test_days_are_known() -> None:
    """kubectl knows none; who looks back over a week-end writes them all the same."""
    assert parse_since("2d") == parse_since("48h")
    assert parse_since("1d12h") == parse_since("36h")


@given(st.text(max_size=20))
def test_any_text(text: str) -> None:
    """Any text is a number of seconds or a usage error."""
    with suppress(UsageError):
        assert parse_since(text) >= 0

"""Single keys of a real terminal, and resizes."""

import os
import pty
import signal
import termios
from collections.abc import Iterator
from contextlib import suppress

import pytest

from opsagent.ui.keys import RESIZED, keys_of, ready_of, resizes


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Give the two ends of a terminal: where a person types, and where a program reads."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    for descriptor in (ours, theirs):
        os.close(descriptor)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (b"q", "q"), (b"\x1b[A", "up"), (b"\x1b[6~", "page down"), (b"\x1bOB", "down"), (b"\x1b", "escape"),
        (b"\r", "enter"), (b" ", "space"), (b"\x7f", "backspace"), (b"/", "/"), ("한".encode(), "한"),
        (b"\x1b[99;99x", "unknown"), (b"\x01", "unknown"), ("é".encode(), "é"),
    ],
)  # fmt: skip
def test_each_key_has_a_name(terminal: tuple[int, int], typed: bytes, key: str) -> None:
    """Letters are themselves, sequences of bytes have names, what is unknown does nothing harmful."""
    ours, theirs = terminal
    with keys_of(theirs) as keys:
        os.write(ours, typed)
        assert keys.key(5.0) == key
        assert keys.key(0.0) == ""


def test_the_terminal_is_as_before(terminal: tuple[int, int]) -> None:
    """Afterwards echo and lines are back, whatever ended it."""
    _, theirs = terminal
    before = termios.tcgetattr(theirs)
    with suppress(KeyboardInterrupt), keys_of(theirs):
        assert termios.tcgetattr(theirs) != before
        raise KeyboardInterrupt
    assert termios.tcgetattr(theirs) == before


def test_a_resize_is_noticed_and_stated_once(terminal: tuple[int, int]) -> None:
    """Many changes of the size while a window is dragged are one redraw."""
    _, theirs = terminal
    before = signal.getsignal(signal.SIGWINCH)
    with resizes() as resized:
        for _ in range(5):
            os.kill(os.getpid(), signal.SIGWINCH)
        assert ready_of(theirs, resized, 5.0) == RESIZED
        assert ready_of(theirs, resized, 0.0) == ""
    assert signal.getsignal(signal.SIGWINCH) == before

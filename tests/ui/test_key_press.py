"""A key while something is waited for: seen on a terminal, never anywhere else, and the terminal is given back."""

import os
import pty
import select
import termios
from collections.abc import Iterator

import pytest

from opsagent.ui import key_press
from opsagent.ui.key_press import key_pressed


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """A terminal in the foreground: the operator's end, and the program's."""
    monkeypatch.setattr(key_press, "_in_front", lambda _: True)
    outer, inner = pty.openpty()
    yield outer, inner
    os.close(outer)
    os.close(inner)


def test_the_key_is_seen_and_others_are_forgotten(terminal: tuple[int, int]) -> None:
    """Small or capital, without a line end; a key pressed before is not remembered after others."""
    outer, inner = terminal
    with key_pressed("s", inner) as pressed:
        assert not pressed()
        for typed, seen in ((b"x", False), (b"s", True), (b"qS", True), (b"zzz", False)):
            os.write(outer, typed)
            while not select.select([inner], [], [], 5)[0]:
                pass
            assert pressed() is seen
        assert not pressed()


def test_the_terminal_is_given_back(terminal: tuple[int, int]) -> None:
    """As it was before, also where an error or Ctrl-C ends the wait."""
    _, inner = terminal
    before = termios.tcgetattr(inner)

    def interrupted() -> None:
        with key_pressed("s", inner):
            during = termios.tcgetattr(inner)
            assert not during[3] & termios.ICANON
            assert during[3] & termios.ISIG, "Ctrl-C interrupts as before"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert termios.tcgetattr(inner) == before


def test_without_a_terminal_it_is_never_pressed() -> None:
    """A pipe is not an operator."""
    reader, writer = os.pipe()
    os.write(writer, b"s")
    with key_pressed("s", reader) as pressed:
        assert not pressed()
    os.close(reader)
    os.close(writer)

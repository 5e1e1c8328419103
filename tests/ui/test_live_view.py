"""A live view ends cleanly, and is a plain list of blocks without a terminal."""

import io
from collections.abc import Iterator

import pytest
from rich.text import Text

from opsagent.ui.console import console_on
from opsagent.ui.live_view import follow
from tests.ui.test_steps import Screen


def _frames(*, interrupted: bool = False) -> Iterator[Text]:
    yield Text("first")
    yield Text("second")
    if interrupted:
        raise KeyboardInterrupt


def test_without_a_terminal_each_frame_is_a_block() -> None:
    """In a file the frames are below each other."""
    stream = io.StringIO()
    follow(_frames(), console_on(stream))
    assert stream.getvalue() == "first\n\nsecond\n\n"


def test_in_a_terminal_the_newest_frame_replaces_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last frame stays, and the cursor is given back."""
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = Screen()
    follow(_frames(), console_on(screen))
    shown = screen.getvalue()
    assert shown.index("first") < shown.index("\x1b[2K") < shown.index("second")
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


def test_ctrl_c_restores_the_terminal_and_goes_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt ends the view; the cursor is visible again and the last frame still there."""
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = Screen()
    with pytest.raises(KeyboardInterrupt):
        follow(_frames(interrupted=True), console_on(screen))
    shown = screen.getvalue()
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert "second" in shown


def test_a_reader_that_leaves_ends_it() -> None:
    """An endless view into a closed pipe stops by itself."""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    drawn: list[int] = []

    def endless() -> Iterator[Text]:
        while True:
            drawn.append(1)
            yield Text("again")

    follow(endless(), console_on(Gone()))
    assert len(drawn) == 1

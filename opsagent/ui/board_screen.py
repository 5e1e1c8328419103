"""The live view on the alternate screen: it answers to keys at once, and moves only when something changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from rich.console import Console
from rich.live import Live

from opsagent.models.board import Board
from opsagent.ui.board_view import BoardScreen, Cursor
from opsagent.ui.keys import RESIZED, Keyboard

_TICK_S = 0.25  # within which a new board is shown
_LONGEST_FILTER = 40
Wish = Literal["quit", "diagnose", "logs", "incidents", "help"]
_WISHES: dict[str, Wish] = {
    "q": "quit", "Q": "quit", "end of input": "quit", "d": "diagnose", "l": "logs", "i": "incidents", "?": "help",
}  # fmt: skip


@dataclass(frozen=True)
class Wished:
    """What the operator asked for next, and where the cursor was."""

    wish: Wish
    service: str | None
    cursor: Cursor


def run_board(newest: Callable[[], Board], console: Console, keyboard: Keyboard, cursor: Cursor) -> Wished:
    """Show the newest board until a key asks for something else; the screen is then as before."""
    shown: tuple[Board, Cursor] | None = None
    with Live(console=console, screen=True, auto_refresh=False, vertical_overflow="crop") as live:
        while True:
            board = newest()
            if shown != (board, cursor):
                live.update(BoardScreen(board, cursor), refresh=True)
                shown = (board, cursor)
            key = keyboard.key(_TICK_S)
            if key is None:
                return Wished("quit", None, cursor)
            if key == RESIZED:
                shown = None
            elif cursor.typing is None and key in _WISHES:
                return Wished(_WISHES[key], cursor.chosen(board), cursor)
            elif key:
                cursor = moved(cursor, key, len(cursor.services(board)))


def moved(cursor: Cursor, key: str, rows: int) -> Cursor:
    """Return the cursor after a key: up, down, or a letter of the filter."""
    if cursor.typing is not None:
        return _typed(cursor, cursor.typing, key)
    if key == "/":
        return replace(cursor, typing="")
    if key == "escape":
        return Cursor()
    step = {"up": -1, "k": -1, "down": 1, "j": 1}.get(key, 0)
    return replace(cursor, row=max(0, min(cursor.row + step, rows - 1))) if step else cursor


def _typed(cursor: Cursor, typed: str, key: str) -> Cursor:
    if key == "enter":
        return Cursor(0, typed)
    if key in {"escape", "end of input"} or (key == "backspace" and not typed):
        return replace(cursor, typing=None)
    if key == "backspace":
        return replace(cursor, typing=typed[:-1])
    return replace(cursor, typing=(typed + key)[:_LONGEST_FILTER]) if len(key) == 1 else cursor

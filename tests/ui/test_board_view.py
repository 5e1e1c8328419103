"""The live view: one screen, whatever there is to show; keys choose, filter and ask for more."""

from dataclasses import replace

import pytest

from opsagent.models.board import Board, Waiting
from opsagent.ui.board_screen import Wished, moved, run_board
from opsagent.ui.board_view import BoardScreen, Cursor, board_view
from opsagent.ui.keys import RESIZED
from tests.ui.drawing import console_of, drawn, flat
from tests.ui.records import AT, CHANGES, STATS, WHERE, later

WAITING = (
    Waiting("b7k2", "awaiting_approval", "blog-service", "db.locked", later(-8), later(1800)),
    Waiting("c3m4", "interrupted", None, None, later(-100)),
)
BOARD = Board(
    AT, WHERE, STATS, history={"blog-service": (True, True, False, None, False)}, requests=(61.0, None, 49.4),
    response_ms=(5.0, 700.0, 1531.0), waiting=WAITING, changes=CHANGES,
)  # fmt: skip


def test_services_incidents_and_changes_are_one_view() -> None:
    """Each with what a person needs next: the state lately, the command, what changed."""
    shown = flat(board_view(BOARD, Cursor()), 100)
    for said in (
        "kind-titanium · titanium-local · 12:25:45 UTC · the platform answered in 2.01 s",
        "> load-balancer healthy",
        "blog-service OFFLINE ▇▇▁ ▁ 8 s",
        "requests 49.4 /s █ ▇ latency 1531 ms ▁▄█",
        "b7k2 awaiting approval · blog-service · db.locked · 12:25:37 (8s ago)",
        "opsagent approve b7k2 (30 min left)",
        "opsagent resume c3m4",
        "11:25:45 (60m ago) Deployment/local-api-gateway-deployment: image api-gateway:1.4 → 1.5",
    ):
        assert said in shown


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30), (140, 40)])
def test_it_fills_the_screen_and_no_more(width: int, height: int) -> None:
    """Ten incidents and twenty changes are counted where there is no room; the keys are the last line."""
    many = replace(BOARD, waiting=WAITING * 5, changes=CHANGES * 20)
    console = console_of(width, height)
    lines = console.render_lines(BoardScreen(many, Cursor()), console.options, pad=False)
    assert len(lines) == height
    text = ["".join(segment.text for segment in line) for line in lines]
    assert text[-1].startswith(" [d]iagnose  [l]ogs  [i]ncidents  [/]filter  [?]help  [q]uit")
    assert any("press i" in line for line in text)
    assert any("more changes" in line for line in text)
    assert max(map(len, text)) <= width


def test_what_could_not_be_read_is_stated() -> None:
    """An outage of /stats or of the cluster is a line, and the rest is there."""
    shown = flat(board_view(replace(BOARD, stats=None, error="refused", changes=None, changes_error="401"), Cursor()))
    assert "/stats was not read: refused" in shown
    assert "CHANGED not read: 401" in shown
    assert "opsagent approve b7k2" in shown
    empty = flat(board_view(replace(BOARD, waiting=(), changes=()), Cursor()))
    assert "nothing waits for anybody" in empty
    assert "nothing in the last hours" in empty


def test_the_cursor_chooses_among_what_the_filter_leaves() -> None:
    """Up and down stop at the ends; / lists only what has the text in its name; Esc lists all."""
    cursor = Cursor()
    for _ in range(9):
        cursor = moved(cursor, "down", 5)
    assert cursor.chosen(BOARD) == "blog-service"
    assert moved(cursor, "up", 5).chosen(BOARD) == "user-service"
    for key in ("/", "a", "u", "t", "backspace", "t"):
        cursor = moved(cursor, key, 5)
    assert cursor.typing == "aut"
    assert [one.service for one in cursor.services(BOARD)] == ["auth-service"]
    cursor = moved(cursor, "enter", 1)
    assert (cursor.filter, cursor.typing, cursor.chosen(BOARD)) == ("aut", None, "auth-service")
    assert moved(cursor, "escape", 1) == Cursor()
    assert "no service has 'zz' in its name" in drawn(board_view(BOARD, Cursor(filter="zz")))
    assert Cursor(filter="zz").chosen(BOARD) is None


class Typed:
    """Keys from a list."""

    def __init__(self, *keys: str | None) -> None:
        self._keys = list(keys)

    def key(self, timeout_s: float | None = None) -> str | None:
        """Return the next key."""
        return self._keys.pop(0)


@pytest.mark.parametrize(
    ("keys", "wished"),
    [
        (("", RESIZED, "q"), Wished("quit", "load-balancer", Cursor())),
        (("j", "d"), Wished("diagnose", "api-gateway", Cursor(1))),
        (("l",), Wished("logs", "load-balancer", Cursor())),
        (("/", "q", "d", "escape", "i"), Wished("incidents", "load-balancer", Cursor())),
        (("?",), Wished("help", "load-balancer", Cursor())),
        ((None,), Wished("quit", None, Cursor())),
    ],
)
def test_a_key_asks_for_what_it_states(keys: tuple[str | None, ...], wished: Wished) -> None:
    """While a filter is typed, letters are letters; a terminal that is gone ends the view."""
    assert run_board(lambda: BOARD, console_of(80, 24), Typed(*keys), Cursor()) == wished


def test_nothing_is_drawn_that_did_not_change() -> None:
    """The same board is drawn once, however often it is asked for."""
    console = console_of(80, 24)
    run_board(lambda: BOARD, console, Typed("", "", "", "x", "q"), Cursor())
    assert console.file.getvalue().count("load-balancer") <= 2  # type: ignore[attr-defined]

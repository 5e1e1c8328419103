"""A page scrolls, is searched, and is left."""

from opsagent.ui.keys import RESIZED
from opsagent.ui.layout import say, stacked
from opsagent.ui.page import Page, PageState, show_page
from tests.ui.drawing import console_of

ROWS = 10


def _page(lines: int = 100) -> Page:
    page = Page(stacked([say(f"line {number}") for number in range(1, lines + 1)]), "evidence")
    page.laid_out(console_of(40), 40)
    return page


def _after(page: Page, *keys: str) -> PageState:
    state = PageState()
    for key in keys:
        state = page.pressed(state, key, ROWS)
    return state


def test_keys_scroll_and_stop_at_the_ends() -> None:
    """j, k, space, b, g and G move as in less; nothing moves past an end."""
    page = _page()
    assert _after(page, "up").top == 0
    assert _after(page, "j", "j", "k").top == 1
    assert _after(page, "space").top == 9
    assert _after(page, "space", "b").top == 0
    assert _after(page, "G").top == 90
    assert _after(page, "end", "space").top == 90
    assert _after(page, "G", "g").top == 0
    assert _after(_page(3), "G").top == 0


def test_a_search_goes_to_the_next_hit_and_round() -> None:
    """/ takes a text, n goes on, N goes back, the case does not matter."""
    page = _page()
    found = _after(page, "/", *"LINE", "space", "7", "enter")
    assert found.top == 6
    assert page.pressed(found, "n", ROWS).top == 69
    assert page.pressed(found, "N", ROWS).top == 78
    last = _after(page, "/", *"99", "enter", "n")
    assert last.top == 98


def test_a_search_without_a_hit_states_it() -> None:
    """The page stays where it is."""
    page = _page()
    state = _after(page, "j", "/", *"nothing", "enter")
    assert state.top == 1
    assert page.bar(state, ROWS) == "not found: nothing"
    assert _after(page, "/", "x", "backspace", "backspace").typing is None
    assert page.bar(_after(page, "/", "q"), ROWS) == "/q"


def test_q_and_escape_leave_and_other_keys_do_not() -> None:
    """A key without a meaning changes nothing."""
    page = _page()
    assert _after(page, "q").left
    assert _after(page, "escape").left
    assert _after(page, "x", "unknown", "a") == PageState()


class Typed:
    """Keys from a list."""

    def __init__(self, *keys: str | None) -> None:
        self._keys = list(keys)

    def key(self, timeout_s: float | None = None) -> str | None:
        """Return the next key."""
        return self._keys.pop(0)


def test_the_page_is_left_when_the_terminal_is_gone() -> None:
    """None ends it; a resize draws again."""
    console = console_of(40)
    show_page(say("text"), "evidence", console, Typed(RESIZED, "j", None))


def test_the_bar_states_where_one_is() -> None:
    """The last line holds the place and the keys."""
    page = _page()
    assert page.bar(_after(page, "space"), ROWS).startswith("evidence · 10-19/100 · [q]uit")


def test_the_bar_fits_eighty_columns() -> None:
    """With a title and a page as long as they get, no key is cut off."""
    page = Page(stacked([say(str(number)) for number in range(1, 901)]), "evidence of incident b7k2")
    page.laid_out(console_of(80), 80)
    bar = page.bar(page.pressed(PageState(), "end", ROWS), ROWS)
    assert bar.endswith("[b]ack")
    assert len(bar) <= 80

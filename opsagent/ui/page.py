"""A page of its own on the screen: it scrolls, it can be searched, and the screen is as before when it is left."""

from dataclasses import dataclass, field, replace

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.style import Style

from opsagent.ui.inert import inert
from opsagent.ui.keys import RESIZED, Keyboard
from opsagent.ui.language import localised
from opsagent.ui.layout import clipped, padded

_FOUND = Style(reverse=True)
_BAR = Style(reverse=True)
_LONGEST_QUERY = 60
_KEYS = "[q]uit [/]search [n]ext [space] [b]ack"
_MOVES = {"up": -1, "k": -1, "down": 1, "j": 1, "enter": 1}
_LEAVE = frozenset({"q", "Q", "escape", "end of input"})


@dataclass(frozen=True)
class PageState:
    """What of the page is shown; each key makes a new one."""

    top: int = 0
    query: str = ""
    typing: str | None = None  # the query that is being typed
    note: str = ""
    left: bool = False


@dataclass
class Page:
    """A renderable, laid out at the screen's width, and how it answers to keys."""

    view: RenderableType
    title: str
    _width: int = 0
    _lines: list[list[Segment]] = field(default_factory=list)

    def laid_out(self, console: Console, width: int) -> list[list[Segment]]:
        """Return the lines at that width."""
        if width != self._width:
            options = console.options.update(width=width, height=None)
            self._lines = console.render_lines(self.view, options, pad=False)
            self._width = width
        return self._lines

    def pressed(self, state: PageState, key: str, rows: int) -> PageState:
        """Return what is shown after a key; `rows`: lines of the page that fit."""
        state = replace(state, note="")
        if state.typing is not None:
            return self._typed(state, state.typing, key, rows)
        if key in _LEAVE:
            return replace(state, left=True)
        if key == "/":
            return replace(state, typing="")
        if key in {"n", "N"} and state.query:
            return self._search(state, rows, back=key == "N")
        return replace(state, top=self._at(state.top + self._move(key, state.top, rows), rows))

    def _move(self, key: str, top: int, rows: int) -> int:
        if key in {"home", "g"}:
            return -top
        if key in {"end", "G"}:
            return len(self._lines)
        page = max(1, rows - 1)
        return _MOVES.get(key, {"space": page, "page down": page, "b": -page, "page up": -page}.get(key, 0))

    def _typed(self, state: PageState, typed: str, key: str, rows: int) -> PageState:
        if key == "enter":
            return self._search(replace(state, typing=None, query=typed or state.query), rows, here=True)
        if key in {"escape", "end of input"} or (key == "backspace" and not typed):
            return replace(state, typing=None)
        if key == "backspace":
            return replace(state, typing=typed[:-1])
        added = " " if key == "space" else key if len(key) == 1 else ""
        return replace(state, typing=(typed + added)[:_LONGEST_QUERY])

    def _search(self, state: PageState, rows: int, *, back: bool = False, here: bool = False) -> PageState:
        hits = [number for number, line in enumerate(self._lines) if state.query.lower() in _plain(line).lower()]
        if not state.query or not hits:
            return replace(state, note=localised("not found: {query}").format(query=state.query) if state.query else "")
        if back:
            wanted = next((hit for hit in reversed(hits) if hit < state.top), hits[-1])
        else:
            wanted = next((hit for hit in hits if hit > state.top - here), hits[0])
        return replace(state, top=self._at(wanted, rows, last=True))

    def _at(self, top: int, rows: int, *, last: bool = False) -> int:
        most = len(self._lines) - 1 if last else len(self._lines) - rows
        return max(0, min(top, most))

    def bar(self, state: PageState, rows: int) -> str:
        """Return the last line of the screen: where one is, and the keys."""
        if state.typing is not None:
            return f"/{state.typing}"
        total = len(self._lines)
        end = min(total, state.top + rows)
        where = f"{state.top + 1}-{end}/{total}"
        return state.note or f"{self.title} · {where} · {localised(_KEYS)}"


@dataclass(frozen=True)
class _Shown:
    page: Page
    state: PageState

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows, width = console.height - 1, options.max_width
        lines = self.page.laid_out(console, width)[self.state.top : self.state.top + rows]
        for line in lines:
            yield from _marked(line, self.state.query)
            yield Segment.line()
        for _ in range(rows - len(lines)):
            yield Segment.line()
        yield Segment(padded(clipped(inert(self.page.bar(self.state, rows)), width), width), _BAR)


def show_page(view: RenderableType, title: str, console: Console, keyboard: Keyboard, *, at_end: bool = False) -> None:
    """Show the page on the alternate screen until it is left; `at_end`: its last lines first."""
    page, state = Page(view, title), PageState()
    if at_end:
        page.laid_out(console, console.width)
        state = page.pressed(state, "end", console.height - 1)
    with Live(console=console, screen=True, auto_refresh=False, vertical_overflow="crop") as live:
        while not state.left:
            live.update(_Shown(page, state), refresh=True)
            key = keyboard.key()
            if key is None:
                return
            if key != RESIZED:
                state = page.pressed(state, key, console.height - 1)


def _plain(line: list[Segment]) -> str:
    return "".join(segment.text for segment in line if not segment.control)


def _marked(line: list[Segment], query: str) -> list[Segment]:
    """Return the line with what was searched for in reverse video."""
    if not query or query.lower() not in _plain(line).lower():
        return line
    marked: list[Segment] = []
    for segment in line:
        rest, low = segment.text, query.lower()
        while (at := rest.lower().find(low)) >= 0:
            style = (segment.style or Style()) + _FOUND
            marked += [Segment(rest[:at], segment.style), Segment(rest[at : at + len(low)], style)]
            rest = rest[at + len(low) :]
        marked.append(Segment(rest, segment.style))
    return marked

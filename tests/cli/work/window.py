"""A window that is resized while a question is open: every panel as it is drawn for each size, in this process."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

import pyte

from opsagent.models.panel import Panel
from opsagent.models.plan import Answer
from opsagent.ui.console import QuietConsole
from opsagent.ui.language import in_use, use
from opsagent.ui.prompt import RichPrompter
from opsagent.ui.terminal import ResizedError

Screen = list[str]
SIZES = ((80, 24), (100, 30), (140, 40), (400, 60))


class Window:
    """An operator's terminal of one size after the other; after the last, Enter alone rejects."""

    name = "pts/9"

    def __init__(self) -> None:
        self.screens: dict[tuple[int, int], Screen] = {}
        self._sent = io.StringIO()
        self.console = QuietConsole(
            file=self._sent, force_terminal=True, width=80, height=24, highlight=False, markup=False, emoji=False,
            _environ={"TERM": "xterm-256color"},
        )  # fmt: skip

    def screen(self) -> TextIO | None:
        """The console writes to the window already."""
        return None

    def forget(self) -> None:
        """Nothing is typed ahead."""

    def size(self) -> tuple[int, int]:
        """Return columns and rows as they are now."""
        return self.console.width, self.console.height

    def line(self, drawn: tuple[int, int] | None) -> str | None:
        """Keep what is on the screen, and resize the window while an answer is awaited."""
        columns, rows = size = self.size()
        assert drawn == size
        self.screens[size] = shown(self._sent.getvalue(), rows, columns)
        self._sent.truncate(self._sent.seek(0))
        if size == SIZES[-1]:
            return ""
        self.console.width, self.console.height = SIZES[SIZES.index(size) + 1]
        raise ResizedError

    @contextmanager
    def keyboard(self) -> Iterator[None]:
        """There are no single keys."""
        yield None


class Onlooker:
    """Rejects each panel, after it was drawn for every size in English and in Korean."""

    def __init__(self) -> None:
        self.english: dict[tuple[int, int], Screen] = {}
        self.korean: dict[tuple[int, int], Screen] = {}

    def ask(self, panel: Panel) -> Answer:
        """Draw the panel and reject it."""
        before = in_use()
        for language, screens in (("en", self.english), ("ko", self.korean)):
            use("ko" if language == "ko" else "en")
            window = Window()
            answer = RichPrompter(console=window.console, hearing=window).ask(panel)
            screens.update(window.screens)
        use(before)
        return answer


def shown(sent: str, rows: int, columns: int) -> Screen:
    """Return the rows of a terminal after what was sent to it; a wide character fills two cells, the second empty."""
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(sent.replace("\r\n", "\n").replace("\n", "\r\n"))
    return ["".join(screen.buffer[row][column].data for column in range(columns)) for row in range(rows)]


def complete(screen: Sequence[str]) -> bool:
    """Hold that an English panel is on the screen from its first to its last row, with the question below it."""
    for label in ("Approve? · incident", "CLUSTER", "CAUSE", "CHANGE", "RISK", "WHY", "NOT CHECKED", "╰─"):
        assert any(label in line for line in screen), label
    assert screen[-1].strip() in {">", ""}
    top = next(line for line in screen if "Approve?" in line)
    bottom = next(line for line in screen if "╰─" in line)
    assert len(top.rstrip()) == len(bottom.rstrip()) == len(screen[0])
    return True

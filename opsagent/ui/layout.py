"""The few shapes that every view is built from; text from outside enters through `say` alone."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsagent.ui.inert import inert
from opsagent.ui.language import localised

# Colour only repeats what a word already states.
BAD = "bold red"
POOR = "yellow"
GOOD = "green"
QUIET = "dim"
STRONG = "bold"
_WORD = 16  # characters: a longer word is cut rather than left out


def say(text: object, style: str = "", *, newlines: bool = False) -> Text:
    """Return any text as inert Text; long words fold instead of being cut."""
    return Text(inert(str(text), newlines=newlines), style, overflow="fold")


def own(sentence: str, style: str = "") -> Text:
    """Return one of our own sentences in the operator's language."""
    return say(localised(sentence), style)


def joined(*pieces: str | Text, between: str = "") -> Text:
    """Return the pieces as one Text; plain strings are made inert."""
    parts = [piece if isinstance(piece, Text) else say(piece) for piece in pieces]
    line = Text(between).join(parts)
    line.overflow = "fold"
    return line


def stacked(lines: Iterable[str | Text], *, empty: str = "none") -> Text:
    """Return the lines one below the other; `empty` where there is none."""
    texts = list(lines)
    return joined(*texts, between="\n") if texts else own(empty)


def two_columns(width: int) -> Table:
    """Return an empty grid: a first column of a fixed width, and a text beside it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=width, no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    return grid


def labelled(rows: Iterable[tuple[str, RenderableType]], *, width: int = 8) -> RenderableType:
    """Return rows of a label and its text; a label is our own word; one made of data is inert too.

    It is shown in the operator's language. A label longer than `width` gets the room that it needs.
    """
    grids: list[tuple[int, Table]] = []
    for word, body in rows:
        label = inert(localised(word))
        room = max(width, cell_len(label))
        if not grids or grids[-1][0] != room:
            grids.append((room, two_columns(room)))
        grids[-1][1].add_row(Text(label, STRONG), body)
    return Group(*(grid for _, grid in grids))


def hanging(rows: Iterable[tuple[str | Text, str | Text]]) -> Table:
    """Return rows of a short mark (E3, "-", "!") and a text that wraps beside it, not under it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    for mark, text in rows:
        grid.add_row(joined(mark), joined(text))
    return grid


def listing(*headers: str, right: Iterable[str] = ()) -> Table:
    """Return an empty table without lines, as kubectl prints one; the columns in `right` are right-aligned."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=STRONG)
    for header in headers:
        table.add_column(localised(header), overflow="fold", justify="right" if header in set(right) else "left")
    return table


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes: a Korean or Chinese sign takes two."""
    return len(text) if text.isascii() else cell_len(text)


def padded(text: str, width: int) -> str:
    """Return the text with blanks up to so many cells."""
    return text + " " * (width - cells(text))


def clipped(text: str, most: int) -> str:
    """Return the text, cut with an ellipsis where it takes more than `most` cells."""
    return text if cells(text) <= most else _begin(text, most - 1).rstrip() + "…"


def shortened(text: str, most: int) -> str:
    """Return the text without its middle where it takes more than `most` cells.

    Errors that wrap each other ("fetching x: Get y: context deadline exceeded") begin with who speaks and end with why.
    """
    if cells(text) <= most:
        return text
    head = most // 3
    begin, end = _begin(text, head), _begin(text[::-1], most - head - 3)[::-1]
    if " " in begin[-_WORD:] and text[len(begin)] != " ":
        begin = begin[: begin.rindex(" ")]
    if " " in end[:_WORD]:
        end = end[end.index(" ") :]
    return f"{begin.rstrip()} … {end.lstrip()}"


def _begin(text: str, most: int) -> str:
    """Return as many characters of the beginning as fit into so many cells."""
    if text.isascii():
        return text[:most]
    taken = 0
    for place, sign in enumerate(text):
        taken += cell_len(sign)
        if taken > most:
            return text[:place]
    return text

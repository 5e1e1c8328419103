"""Draw a view into text, as a terminal of a given width would show it without colours."""

import io

from rich.console import Console, RenderableType


def drawn(view: RenderableType, width: int = 80) -> str:
    """Return the view's lines, monochrome."""
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, color_system=None, highlight=False, markup=False, emoji=False, legacy_windows=False
    )
    console.print(view)
    return stream.getvalue()


def console_of(width: int, height: int | None = None) -> Console:
    """Return a monochrome console of that size that nobody sees."""
    return Console(
        file=io.StringIO(), width=width, height=height, color_system=None, highlight=False, markup=False, emoji=False
    )


def flat(view: RenderableType, width: int = 80) -> str:
    """Return the view as one line with single spaces, so that a sentence is found wherever it wraps."""
    return " ".join(drawn(view, width).replace("│", " ").split())

"""A view that follows what happens, until Ctrl-C."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.live import Live

from opsagent.ui.console import QuietConsole, out


def follow(frames: Iterable[RenderableType], console: QuietConsole | None = None) -> None:
    """Show each frame in place of the one before; without a terminal print them one below the other.

    The last frame stays on the screen. Whatever ends it, Ctrl-C included, the terminal is as it was before.
    """
    target = console or out()
    if not target.is_interactive:
        _print_each(frames, target)
        return
    # Drawn only when there is something new: nothing flickers, and a screen reader is not read to all the time.
    with Live(console=target, auto_refresh=False, vertical_overflow="ellipsis") as live:
        for frame in frames:
            live.update(frame, refresh=True)
            if target.closed:
                return


def _print_each(frames: Iterable[RenderableType], console: QuietConsole) -> None:
    for frame in frames:
        console.print(frame)
        console.print()
        if console.closed:
            return

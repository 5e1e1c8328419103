"""Where text goes: data to stdout, prose to stderr, readable on every terminal and in every pipe."""

import os
import sys
from typing import IO, TextIO, cast

from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from opsagent.errors import CheckError, NoClusterError, OpsagentError
from opsagent.ui.inert import inert
from opsagent.ui.language import localised
from opsagent.ui.stream import PlainStream, prints_marks

_WIDEST_IN_A_PIPE = 400
_FIRST_ASKED = frozenset({"stats", "health"})
_WITHOUT_CLUSTER = "opsagent demo needs no cluster · opsagent doctor checks everything"


class QuietConsole(Console):
    """A console that goes silent when its reader leaves, so that the command still ends with its own exit code."""

    def on_broken_pipe(self) -> None:
        """Send what is still to come nowhere; a stream of lines asks `closed` and stops."""
        self.quiet = True
        silence(cast(TextIO, self.file))

    @property
    def closed(self) -> bool:
        """Whether the reader has left."""
        return self.quiet


def out() -> QuietConsole:
    """Return the console for results, on stdout."""
    return console_on(sys.stdout)


def err() -> QuietConsole:
    """Return the console for prose and progress, on stderr."""
    return console_on(sys.stderr)


def console_on(stream: TextIO, *, width: int | None = None) -> QuietConsole:
    """Return a console on the stream; 80 columns wide where its width is not known.

    NO_COLOR, TERM=dumb and a stream that is not a terminal are Rich's own rules; a stream that cannot print our marks
    gets ASCII ones.
    """
    plain = PlainStream(stream, marks=prints_marks(stream, os.environ))
    return QuietConsole(
        file=cast(IO[str], plain), width=width, highlight=False, markup=False, emoji=False, force_jupyter=False
    )


def show(view: RenderableType, console: QuietConsole | None = None) -> None:
    """Print one view as a command's result.

    In a pipe nothing is wrapped or cut that a grep would then miss: the view gets its natural width there.
    """
    target = console or out()
    if target.is_terminal:
        target.print(view)
        return
    if "COLUMNS" not in os.environ and not isinstance(view, Panel):  # a frame has no natural width
        wide = target.options.update(max_width=_WIDEST_IN_A_PIPE)
        target.width = max(target.width, Measurement.get(target, wide, view).maximum)
    with target.capture() as drawn:
        target.print(view)
    # Cells are filled up to their column's width; in a file that is only noise.
    target.out("\n".join(line.rstrip() for line in drawn.get().split("\n")), end="", highlight=False)


def plain_text(view: RenderableType, *, width: int = 100) -> str:
    """Return a view as plain text, for a file."""
    console = Console(width=width, no_color=True, highlight=False, markup=False, emoji=False, force_jupyter=False)
    with console.capture() as drawn:
        console.print(view)
    return "\n".join(line.rstrip() for line in drawn.get().split("\n"))


def write(text: str) -> bool:
    """Write machine-readable text to stdout as it is (JSON, YAML, Markdown); return whether the reader is still there.

    Only on a terminal is it made inert: a pipe gets every character.
    """
    stream = PlainStream(sys.stdout, marks=True)
    if stream.isatty():
        text = inert(text, newlines=True)
    try:
        stream.write(text if text.endswith("\n") or not text else text + "\n")
        stream.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        return False
    return True


def silence(stream: TextIO) -> None:
    """Point the stream's descriptor at nothing, so that flushing at exit does not complain of a closed pipe."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)


def error_text(error: OpsagentError) -> RenderableType:
    """Draw an error: what was tried and what came back, then how to fix it, in the operator's language.

    The message itself is English everywhere: it is what others search for. Further lines of message and hint are below
    the first ones, so that a command in a hint can be copied.
    """
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text("error:", "bold red"), _body(error.message))
    # Without a cluster the first thing to try is what needs none.
    ways = [_WITHOUT_CLUSTER] if isinstance(error, NoClusterError) else []
    # Whoever cannot reach the platform itself may have another address, or none: after the fix of this one.
    others = [_WITHOUT_CLUSTER] if isinstance(error, CheckError) and error.source in _FIRST_ASKED else []
    hint = "\n".join([*ways, *([error.hint] if error.hint else []), *others])
    if hint:
        grid.add_row(Text(localised("hint:"), "bold"), _body("\n".join(map(localised, hint.split("\n")))))
    return grid


def prose(text: str) -> None:
    """Print prose on stderr, its line feeds kept."""
    err().print(Text(inert(text, newlines=True), overflow="fold"))


def print_error(error: OpsagentError) -> None:
    """Print an error on stderr."""
    show(error_text(error), err())


def note_text(text: str, *, label: str = "note") -> Text:
    """Draw one line of prose for stderr: `note: …`, `warning: …`."""
    style = "bold yellow" if label == "warning" else "bold"
    return Text(overflow="fold").append(f"{label}: ", style).append(_body(text))


def _body(text: str) -> Text:
    return Text(inert(text, newlines=True), overflow="fold")

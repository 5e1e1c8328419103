"""The operator's terminal as something to ask: lines in, nothing that was typed ahead."""

import os
import platform
import pwd
import sys
import termios
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol, TextIO

from opsagent.ui.keys import RESIZED, Keyboard, keys_of, ready_of, resizes

_LONGEST_LINE = 4096


class ResizedError(Exception):
    """The window changed its size while an answer was awaited: what is on the screen has to be drawn again."""


class Hearing(Protocol):
    """Where answers come from: a terminal, or a test's script."""

    @property
    def name(self) -> str | None:
        """Name the terminal as `who` does ("pts/3"), None where it has no name."""

    def screen(self) -> TextIO | None:
        """Return a stream that is shown where the answer is typed, None where there is none."""

    def forget(self) -> None:
        """Discard what was typed before the question was there."""

    def size(self) -> tuple[int, int] | None:
        """Return the window's columns and rows as they are now, None where there is no window."""

    def line(self, drawn: tuple[int, int] | None) -> str | None:
        """Return one line without its end; None where nobody answers any more (Ctrl-D, a closed terminal).

        drawn: the size for which the question was drawn. Raises ResizedError where the window has another one, or
        gets one before the line is complete.
        """

    def keyboard(self) -> AbstractContextManager[Keyboard | None]:
        """Give single keys for as long as this lasts; None where there are none."""


class Terminal:
    """A controlling terminal, read unbuffered so that nothing typed ahead hides in this process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @property
    def name(self) -> str | None:
        """Name the terminal as `who` does ("pts/3")."""
        # /dev/tty is only "the terminal of this process"; a standard stream on it knows its real name.
        for descriptor in (self._descriptor, 0, 2, 1):
            with suppress(OSError):
                name = os.ttyname(descriptor).removeprefix("/dev/")
                if name != "tty":
                    return name
        return None

    def screen(self) -> TextIO | None:
        """Return a stream onto this terminal, None where it cannot be written to."""
        try:
            return os.fdopen(os.dup(self._descriptor), "w", encoding=sys.stderr.encoding)
        except OSError:
            return None

    def forget(self) -> None:
        """Discard what was typed before the question was there."""
        with suppress(termios.error, OSError):  # a terminal that is gone states it at the read that follows
            termios.tcflush(self._descriptor, termios.TCIFLUSH)

    def size(self) -> tuple[int, int] | None:
        """Return the window's columns and rows as they are now, None where the terminal is gone."""
        try:
            columns, rows = os.get_terminal_size(self._descriptor)
        except OSError:
            return None
        return columns, rows

    def line(self, drawn: tuple[int, int] | None) -> str | None:
        """Return one line without its end; None at Ctrl-D and where the terminal is gone."""
        try:
            termios.tcgetattr(self._descriptor)  # a descriptor that was closed must not be taken for the next pipe
            with resizes() as resized:
                # Between the drawing and this line nobody handled the signal: the size itself is compared.
                if self.size() != drawn or ready_of(self._descriptor, resized) == RESIZED:
                    raise ResizedError
            raw = os.read(self._descriptor, _LONGEST_LINE)
        except (OSError, termios.error):  # EIO: the terminal was closed, or this process is not in its foreground
            return None
        if not raw.endswith(b"\n"):  # Ctrl-D, with or without letters before it: not an answer
            return None
        return raw.decode("utf-8", "replace").rstrip("\r\n")

    @contextmanager
    def keyboard(self) -> Iterator[Keyboard | None]:
        """Give single keys for as long as this lasts; None where the terminal gives none."""
        try:
            termios.tcgetattr(self._descriptor)
        except (termios.error, OSError):
            yield None
            return
        with keys_of(self._descriptor) as keys:
            yield keys


def controlling_terminal() -> Terminal | None:
    """Return the terminal to ask on: /dev/tty, else stdin where that is one, else None."""
    try:
        return Terminal(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        pass
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return None
    return Terminal(descriptor) if os.isatty(descriptor) else None


def operator() -> str:
    """Return "user@host" of whoever runs this process, from the account database and not from the environment."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # an arbitrary UID in a container
        user = f"uid{os.getuid()}"
    return f"{user}@{platform.node() or 'unknown-host'}"

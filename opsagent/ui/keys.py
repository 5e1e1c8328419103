"""Single keys from a terminal, and the news that its window changed its size."""

import os
import select
import signal
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

RESIZED = "resized"
_INPUT = "input"
_PATIENCE_S = 0.05  # within which the rest of an escape sequence arrives
_NAMED = {
    "\r": "enter", "\n": "enter", "\x7f": "backspace", "\b": "backspace", "\x1b": "escape", "\x04": "end of input",
    "\x1b[A": "up", "\x1b[B": "down", "\x1bOA": "up", "\x1bOB": "down", "\x1b[5~": "page up", "\x1b[6~": "page down",
    "\x1b[H": "home", "\x1b[F": "end", "\x1b[1~": "home", "\x1b[4~": "end", "\x1bOH": "home", "\x1bOF": "end",
    "\x06": "page down", "\x02": "page up", " ": "space",
}  # fmt: skip


class Keyboard(Protocol):
    """Where single keys come from: a terminal, or a test's script."""

    def key(self, timeout_s: float | None = None) -> str | None:
        """Return the next key, RESIZED, "" after the time; None where nobody types any more."""


class Keys:
    """The keys of a terminal without Enter and echo; Ctrl-C still interrupts. Made by `keys_of`."""

    def __init__(self, descriptor: int, resized: int) -> None:
        self._descriptor = descriptor
        self._resized = resized

    def key(self, timeout_s: float | None = None) -> str | None:
        """Return a character, the name of a key ("up", "enter"), RESIZED, "" after the time; None at the end."""
        ready = ready_of(self._descriptor, self._resized, timeout_s)
        if ready != _INPUT:
            return ready
        try:
            typed = os.read(self._descriptor, 1)
            if typed == b"\x1b":
                while len(typed) < 8 and select.select([self._descriptor], [], [], _PATIENCE_S)[0]:
                    typed += os.read(self._descriptor, 1)
                    if len(typed) > 2 and (typed[-1:].isalpha() or typed[-1:] == b"~"):
                        break
            for _ in range(_followers(typed)):
                typed += os.read(self._descriptor, 1)
        except OSError:
            return None
        if not typed:
            return None
        text = typed.decode("utf-8", "replace")
        return _NAMED.get(text, text if text.isprintable() else "unknown")


def _followers(typed: bytes) -> int:
    """Return how many bytes of a UTF-8 character follow its first one."""
    first = typed[0] if typed else 0
    return 3 if first >= 0xF0 else 2 if first >= 0xE0 else 1 if first >= 0xC0 else 0


def ready_of(descriptor: int, resized: int, timeout_s: float | None = None) -> str:
    """Wait for input: return "input", RESIZED, or "" after the time. Input comes before a resize."""
    ready, _, _ = select.select([descriptor, resized], [], [], timeout_s)
    if descriptor in ready:
        return _INPUT
    if resized in ready:
        with suppress(BlockingIOError):
            while os.read(resized, 512):
                pass
        return RESIZED
    return ""


@contextmanager
def resizes() -> Iterator[int]:
    """Give a descriptor that becomes readable whenever the window's size changes; never outside the main thread."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)

    def note(number: int, frame: object) -> None:  # noqa: ARG001  (signal's signature)
        with suppress(BlockingIOError, OSError):
            os.write(writing, b"r")

    before: object = None
    with suppress(ValueError):  # not the main thread: no signal arrives there
        before = signal.signal(signal.SIGWINCH, note)
    try:
        yield reading
    finally:
        if before is not None:
            signal.signal(signal.SIGWINCH, before)  # type: ignore[arg-type]
        os.close(reading)
        os.close(writing)


@contextmanager
def keys_of(descriptor: int) -> Iterator[Keys]:
    """Read single keys for as long as this lasts; afterwards the terminal is as it was, what was typed is discarded."""
    before = termios.tcgetattr(descriptor)
    with resizes() as resized:
        try:
            tty.setcbreak(descriptor, termios.TCSAFLUSH)
            yield Keys(descriptor, resized)
        finally:
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)

"""One key of the operator while something is waited for; never pressed where there is no terminal."""

import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def key_pressed(key: str = "s", descriptor: int | None = None) -> Iterator[Callable[[], bool]]:
    """Yield what returns whether the key was pressed since; Ctrl-C interrupts as before, and the terminal is given back.

    A process in the background leaves the terminal alone: to change it there would stop the process.
    """
    wanted = _stdin() if descriptor is None else descriptor
    if wanted is None or not _in_front(wanted):
        yield lambda: False
        return
    before = termios.tcgetattr(wanted)
    tty.setcbreak(wanted, termios.TCSANOW)
    try:
        yield lambda: _hit(wanted, key)
    finally:
        termios.tcsetattr(wanted, termios.TCSANOW, before)


def _hit(descriptor: int, key: str) -> bool:
    """Read what was typed; any other key is forgotten."""
    while select.select([descriptor], [], [], 0)[0]:
        typed = os.read(descriptor, 64)
        if not typed:
            return False
        if key.encode() in typed.lower():
            return True
    return False


def _stdin() -> int | None:
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return None
    return descriptor if os.isatty(descriptor) else None


def _in_front(descriptor: int) -> bool:
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False

"""One key of the operator while something is waited for; never pressed where there is no terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opsagent.ui.keys import Keyboard, keys_of


@contextmanager
def key_pressed(key: str = "s", descriptor: int | None = None) -> Iterator[Callable[[], bool]]:
    """Yield what returns whether the key was pressed since; Ctrl-C works as before, and the terminal is given back.

    A process in the background leaves the terminal alone: to change it there would stop the process.
    """
    wanted = _stdin() if descriptor is None else descriptor
    if wanted is None or not _in_front(wanted):
        yield lambda: False
        return
    with keys_of(wanted) as keys:
        yield lambda: _hit(keys, key)


def _hit(keys: Keyboard, wanted: str) -> bool:
    """Read what was typed; any other key is forgotten."""
    while typed := keys.key(0):
        if typed.lower() == wanted:
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

"""How often Python searches for garbage while one command works."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = 200_000  # new containers before a check: for what may run for days
HARDLY_EVER = 2_000_000  # for one diagnosis: it loads much, keeps it to its end, and ends
_OLDER = (20, 20)  # checks before the older ones are checked, too


@contextmanager
def collected(after: int) -> Iterator[None]:
    """Search for cycles only after so many new containers; what has no cycles is freed as before.

    One check of all that LangGraph's import leaves takes a tenth of a second, and finds nothing. The threshold before
    would have it made at once: one inside another leaves its own until that one ends.
    """
    before = gc.get_threshold()
    gc.set_threshold(after, *_OLDER)
    try:
        yield
    finally:
        if before[1:] != _OLDER:
            gc.set_threshold(*before)


@contextmanager
def to_the_end(after: int) -> Iterator[None]:
    """Search only after so many new containers, and not at all once this ends: nothing but the process' end follows.

    Python would search twice more while it ends, for memory that goes back to the system a moment later.
    """
    with collected(after):
        try:
            yield
        finally:
            gc.freeze()

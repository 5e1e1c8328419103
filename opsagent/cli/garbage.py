"""How often Python looks for garbage while one command works."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARELY = (200_000, 20, 20)  # new containers before a look, and how many looks before the older ones are looked at too


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Look for cycles rarely: a command loads much and keeps it to its end.

    A large namespace costs a quarter less, LangGraph's import a tenth; what has no cycles is freed as ever.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)

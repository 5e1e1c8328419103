"""Several checks once."""

import _thread
import threading
import time

import pytest

from opsagent.tools.side_by_side import AT_ONCE, side_by_side


def test_order_and_bound() -> None:
    """Answers come in the order of the questions, and no more than the bound run at once."""
    running: list[int] = []
    most: list[int] = []

    def look(item: int) -> int:
        running.append(item)
        most.append(len(running))
        time.sleep(0.002 * (item % 3))
        running.remove(item)
        return item * 2

    assert side_by_side(look, range(40)) == [item * 2 for item in range(40)]
    assert 1 < max(most) <= AT_ONCE


def test_nothing_to_do() -> None:
    """No items, no answers."""
    assert side_by_side(lambda item: item, []) == []


def test_error_is_raised_and_ends_the_rest() -> None:
    """What one check raises reaches the caller, and no further check is begun."""
    begun: list[int] = []

    def look(item: int) -> int:
        begun.append(item)
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"):
        side_by_side(look, range(1000))
    assert len(begun) <= AT_ONCE


def test_interrupt_does_not_wait() -> None:
    """Ctrl-C comes through while the checks still hang."""
    release = threading.Event()

    def look(item: int) -> bool:
        if item == 0:
            _thread.interrupt_main()
        return release.wait()

    with pytest.raises(KeyboardInterrupt):
        side_by_side(look, range(20))
    assert not release.is_set()
    release.set()

"""Several checks once, without keeping anybody who interrupts them."""

import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

AT_ONCE = 8
Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(look: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return `look(item)` of each item in their order, at most AT_ONCE at a time; what one raises is raised.

    An interrupt starts no further check and does not wait for those under way: a server that hangs would hold the
    operator up, as a thread pool does at its end and at the interpreter's.
    """
    asked = list(items)
    answers: dict[int, Result] = {}
    errors: list[BaseException] = []
    todo = iter(range(len(asked)))
    lock = threading.Lock()
    stopped = threading.Event()

    def work() -> None:
        while not stopped.is_set():
            with lock:
                place = next(todo, None)
            if place is None:
                return
            try:
                answers[place] = look(asked[place])
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                errors.append(error)
                stopped.set()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(asked)))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stopped.set()
    if errors:
        raise errors[0]
    return [answers[place] for place in range(len(asked))]

"""Whether what answers is an API server: shown once a pass, by an answer that only an API server gives."""

import threading
import time
from collections.abc import Callable
from functools import partial

from opsagent.errors import CheckError


class Proof:
    """The newest proof, shared by the threads of a pass: only one of them asks for it."""

    def __init__(self, ask: Callable[[], object]) -> None:
        """Take what asks for a proof, and raises CheckError where there is none."""
        self._ask = ask
        self._lock = threading.Lock()
        self._given_at: float | None = None
        self._failed: tuple[float, Callable[[], CheckError]] | None = None

    def given(self) -> None:
        """Note an answer that proves it."""
        self._given_at = time.monotonic()

    def forget(self) -> None:
        """Begin a new pass."""
        self._given_at = self._failed = None

    def prove(self, since: float | None = None) -> None:
        """Return where a proof came, `since` that time of the monotonic clock, else ask for one."""
        begun = time.monotonic()
        if self._is_given(since):
            return
        with self._lock:
            if self._is_given(since):
                return
            if self._failed is not None and self._failed[0] >= begun:
                shared = self._failed[1]()
                raise shared  # another thread asked meanwhile, and waited long enough for both
            try:
                self._ask()
            except CheckError as error:
                # Made again for each thread: an error that is kept keeps its frames, and they the connections.
                again = partial(type(error), error.message, source=error.source, hint=error.hint)
                self._failed = (time.monotonic(), again)
                raise
            self.given()

    def _is_given(self, since: float | None) -> bool:
        return self._given_at is not None and (since is None or self._given_at >= since)

"""One incident, one process: two that resume the same one at once would both act."""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opsagent.errors import IncidentError
from opsagent.store.ids import checked_id
from opsagent.store.paths import LOCKS, make_private_below, open_private

# Somebody who only lists incidents holds a lock for an instant; an operator does not notice this wait.
_PATIENCE_S = 0.2


@contextmanager
def incident_lock(state_dir: Path, incident_id: str) -> Iterator[None]:
    """Hold the incident for this process alone; the kernel lets go when the process dies.

    Raises IncidentError where another process, or another caller in this one, holds it.
    """
    path = make_private_below(state_dir, LOCKS) / f"{checked_id(incident_id)}.lock"
    descriptor = _acquire(path, incident_id)
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def is_held(state_dir: Path, incident_id: str) -> bool:
    """Return whether some process works on the incident now."""
    path = state_dir / LOCKS / f"{checked_id(incident_id)}.lock"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # cannot be determined: better called busy than free
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _acquire(path: Path, incident_id: str) -> int:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        descriptor = open_private(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            if time.monotonic() > deadline:
                raise IncidentError(
                    f"another opsagent is working on incident {incident_id} (pid {holder or 'not known'})",
                    hint="wait for it to end, or end it; then: opsagent incidents",
                ) from None
            time.sleep(0.01)
            continue
        except BaseException:
            os.close(descriptor)
            raise
        if _is_there(path, descriptor):
            return descriptor
        os.close(descriptor)  # the one before has just let go and taken the file away


def _is_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@contextmanager
def pass_lock(state_dir: Path, platform: str) -> Iterator[bool]:
    """Hold the passes over one platform for this process; yield False where another pass goes on.

    The kernel lets go when the process dies, however it dies.
    """
    name = hashlib.sha256(platform.encode()).hexdigest()[:16]
    # No incident's id has a hyphen.
    descriptor = open_private(make_private_below(state_dir, LOCKS) / f"pass-{name}.lock")
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)

"""The state directory: where it is, and that nobody else can read it."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from opsagent.config.settings import Settings
from opsagent.errors import StoreError

DATABASE = "opsagent.db"
CHECKPOINTS = "checkpoints.db"
REPORTS = "reports"
LOCKS = "locks"
TOKEN = "api-token"  # noqa: S105  (a file's name)
READ_TOKEN = "api-token-read"  # noqa: S105  (as above) of who may only read: a dashboard
_OURS = {DATABASE, CHECKPOINTS, REPORTS, LOCKS, TOKEN, READ_TOKEN, "setup.lock"}
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WAY_OUT = "name another directory: OPSAGENT_STATE_DIR, or state_dir in the configuration"


def state_dir(settings: Settings, environ: Mapping[str, str]) -> Path:
    """Return where opsagent keeps what outlives the process; nothing is made yet.

    `state_dir` of the settings, else `$XDG_STATE_HOME/opsagent`, else `~/.local/state/opsagent`.
    """
    if settings.state_dir is not None:
        return settings.state_dir.expanduser().absolute()
    home = environ.get("XDG_STATE_HOME", "")
    # The XDG specification: a relative path is to be ignored.
    if home and Path(home).is_absolute():
        return Path(home) / "opsagent"
    try:
        return Path("~/.local/state/opsagent").expanduser()
    except RuntimeError as error:
        raise StoreError(
            "the home directory is not known, so there is no place for the state", hint=_WAY_OUT
        ) from error


def make_private(path: Path) -> Path:
    """Make the directory, or tighten it, to 0700 and return it.

    Raises StoreError where it cannot be made, belongs to somebody else, or is open to others and holds things that are
    not opsagent's (it would be locked for whoever uses those).
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = path.stat()
        if seen.st_uid not in (os.geteuid(), 0):
            raise StoreError(f"the state directory {path} belongs to user id {seen.st_uid}, not to you", hint=_WAY_OUT)
        if seen.st_mode & _OTHERS:
            _tighten(path)
    except OSError as error:
        raise StoreError(
            f"the state directory {path} cannot be made or read: {reason(error)}", hint=_WAY_OUT
        ) from error
    return path


def make_private_below(root: Path, name: str) -> Path:
    """Make one of opsagent's own directories in the state directory, 0700, and return it."""
    make_private(root)
    return make_private(root / name)


def open_private(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """Open a file 0600 whatever the umask, tighten it where it was wider, and return its descriptor."""
    try:
        # O_NONBLOCK: a FIFO that nobody writes to must not hold us before it can be refused.
        descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        _refuse_special(path, descriptor)
        if os.fstat(descriptor).st_mode & _OTHERS:
            os.fchmod(descriptor, 0o600)
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {reason(error)}", hint=way_out(error)) from error
    return descriptor


def _refuse_special(path: Path, descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise not_a_file(path)


def not_a_file(path: Path) -> StoreError:
    """Return the error about a FIFO, a device or a directory where one of opsagent's files is to be."""
    return StoreError(
        f"{path} is no ordinary file", hint=f"move it aside (mv {path} {path}.moved); a new one is made, or {_WAY_OUT}"
    )


def reason(error: OSError) -> str:
    """Return what the system stated, without the path that the message names already."""
    return error.strerror or str(error)


def way_out(error: OSError) -> str:
    """Return what an operator can do about a failed read or write."""
    if error.errno in (28, 122):  # ENOSPC, EDQUOT
        return "make room on that file system (opsagent report prune), or name another directory: OPSAGENT_STATE_DIR"
    return f"make it writable for you, or {_WAY_OUT}"


def _tighten(path: Path) -> None:
    others = sorted(name for name in os.listdir(path) if not _is_ours(name))  # noqa: PTH208  names are enough
    if others:
        raise StoreError(
            f"the state directory {path} is open to other users and holds things that are not opsagent's "
            f"({', '.join(others[:3])})",
            hint=f"chmod 700 {path} where nobody else needs it, or {_WAY_OUT}",
        )
    path.chmod(0o700)


def _is_ours(name: str) -> bool:
    return name in _OURS or name.startswith((f"{DATABASE}-", f"{CHECKPOINTS}-")) or name.endswith((".json", ".lock"))

"""The bearer token of the HTTP front ends: made once, kept beside the incidents, readable by its owner alone."""

import os
import secrets
from pathlib import Path

from opsagent.errors import StoreError
from opsagent.store.paths import TOKEN, make_private, open_private, reason, way_out

_BYTES = 32


def bearer_token(state_dir: Path, name: str = TOKEN) -> str:
    """Return the token of that name in this state directory, made at the first call.

    Two processes that start at once agree on one. Raises StoreError where it cannot be kept, or is no token any more.
    """
    path = make_private(state_dir) / name
    beside = path.with_name(f"{name}.{os.getpid()}.{secrets.token_hex(4)}.json")
    try:
        if not path.exists():
            with os.fdopen(open_private(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w") as file:
                file.write(secrets.token_urlsafe(_BYTES))
            _link(beside, path)
        with os.fdopen(open_private(path, os.O_RDONLY)) as file:
            token = file.read().strip()
    except OSError as error:
        raise StoreError(f"{path} cannot be read or made: {reason(error)}", hint=way_out(error)) from error
    finally:
        beside.unlink(missing_ok=True)
    if len(token) < _BYTES or not token.isascii():
        raise StoreError(f"{path} holds no token", hint="remove it: the next start makes a new one")
    return token


def _link(beside: Path, path: Path) -> None:
    """Put the complete file in place unless another process was first."""
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        return

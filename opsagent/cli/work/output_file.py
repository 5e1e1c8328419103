"""A result as a new file: never over an old one, and for nobody else to read."""

import os
from pathlib import Path

from opsagent.errors import OpsagentError, UsageError


def write_new(path: Path, text: str) -> None:
    """Write a file of mode 0600 that is not there yet; UsageError where it is."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already, and is not written over", hint="name another file") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="name another file") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        path.unlink(missing_ok=True)  # half a report is none
        raise OpsagentError(f"{path} cannot be written: {error.strerror}", hint="make room, or name another") from error

"""Names that were seen in a cluster, kept for tab completion: who presses Tab waits for no cluster."""

import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsagent.errors import StoreError
from opsagent.store.paths import make_private, open_private, reason, way_out

FILE = "names.json"
FRESH_S = 20.0
_ASKED = "names.lock"  # its time states when somebody last went to check
_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one platform."""

    at: float  # seconds since the epoch
    services: tuple[str, ...]
    pods: tuple[str, ...]

    def fresh(self, now: float) -> bool:
        """Return whether they were seen just now."""
        return 0 <= now - self.at < FRESH_S


def read_names(state_dir: Path, platform: str) -> Names | None:
    """Return what is kept of a platform; None where nothing is, or nothing that can be read."""
    try:
        kept = json.loads((state_dir / FILE).read_bytes()).get(platform)
        return Names(float(kept["at"]), tuple(map(str, kept["services"])), tuple(map(str, kept["pods"])))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None  # it is only a memory: the next check writes it again


def keep_names(state_dir: Path, platform: str, names: Names) -> None:
    """Keep the names of one platform, and forget those of others; StoreError where they cannot be kept."""
    path = make_private(state_dir) / FILE
    beside = path.with_name(f"{os.getpid()}.{secrets.token_hex(4)}.json")
    content: dict[str, Any] = {"at": names.at, "services": names.services, "pods": names.pods}
    try:
        with os.fdopen(open_private(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w") as file:
            json.dump({platform: content}, file)
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {reason(error)}", hint=way_out(error)) from error
    finally:
        beside.unlink(missing_ok=True)


def may_check(state_dir: Path) -> bool:
    """Return whether nobody went to check just now, and note that somebody does."""
    path = make_private(state_dir) / _ASKED
    try:
        if time.time() - path.stat().st_mtime < _PATIENCE_S:
            return False
    except FileNotFoundError:
        pass  # nobody ever did
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {reason(error)}", hint=way_out(error)) from error
    os.close(open_private(path, os.O_WRONLY | os.O_CREAT))
    os.utime(path)
    return True

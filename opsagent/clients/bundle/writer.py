"""A bundle on its way to disk: written beside its target under another name, and there completely or not at all."""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from opsagent.errors import BundleError, UsageError
from opsagent.models.observed import KubeObject

PACKED = (".tar.gz", ".tgz", ".tar")
_OTHER_PACKING = (".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar")
# What a pod, a container or a service may be called; whatever else an answer holds makes no path.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")


class BundleWriter:
    """Writes one bundle, 0600 in directories 0700; use as a context manager.

    Entering makes the place beside the target, so that a target that exists or cannot be written to is refused before
    anything is asked. Leaving well packs and renames; leaving by any error or interrupt removes every trace. Several
    threads may write.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.packed = target.name.lower().endswith(PACKED)
        self._beside = target.with_name(f".{target.name[:100]}.{os.getpid()}.{secrets.token_hex(4)}")
        self._lock = Lock()
        self._closed = False

    def __enter__(self) -> Self:
        """Refuse an impossible target (UsageError), and make the place for the files."""
        target = self.target
        if not target.name:
            raise UsageError(f"{target} is not a name for a bundle", hint="-o takes a new directory, or FILE.tar.gz")
        if not self.packed and target.name.lower().endswith(_OTHER_PACKING):
            raise UsageError(f"bundles are not packed like {target.name}", hint="-o takes a directory or FILE.tar.gz")
        if os.path.lexists(target):
            raise UsageError(f"{target} is there already, and nothing is overwritten", hint="name another with -o")
        try:
            self._beside.mkdir(mode=0o700)
            (self._beside / "logs").mkdir(mode=0o700)
        except OSError as error:
            raise UsageError(
                f"no bundle can be written to {target.parent}: {error.strerror or error}",
                hint="name a directory that is there and yours with -o",
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except OSError as wrong:
            raise self._failed(wrong) from wrong
        finally:
            with self._lock:
                self._closed = True
            shutil.rmtree(self._beside, ignore_errors=True)

    def document(self, name: str, value: Any) -> None:
        """Write one JSON document."""
        self._write(name, [json.dumps(value, ensure_ascii=False, indent=1) + "\n"])

    def lines(self, name: str, rows: Iterable[Any]) -> None:
        """Write one JSON document a line."""
        self._write(name, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    def objects(self, name: str, items: Iterable[KubeObject]) -> None:
        """Write a Kubernetes List, an object a line."""

        def pieces() -> Iterable[str]:
            yield '{"apiVersion": "v1", "kind": "List", "items": ['
            for number, item in enumerate(items):
                yield (",\n" if number else "\n") + json.dumps(item, ensure_ascii=False)
            yield "\n]}\n"

        self._write(name, pieces())

    def log(self, where: str, pieces: Iterable[str]) -> None:
        """Write a log at its place ("logs/<pod>/<container>.log"); BundleError for a place outside the bundle.

        What came before the source broke off stays written, and its error goes on to the caller.
        """
        top, *parts = where.split("/")
        if top != "logs" or not parts or not all(_NAME.fullmatch(part) for part in parts):
            raise BundleError(f"{where!r} is no place in a bundle")
        rest = iter(pieces)
        # A log that cannot be read leaves no file: an empty one would state that nothing was logged.
        first = next(rest, "")
        self._write(where, chain((first,), rest))

    def _write(self, name: str, pieces: Iterable[str]) -> None:
        path = self._beside / name
        try:
            with self._lock:
                if self._closed:
                    return  # the command was interrupted; this check came back too late
                path.parent.mkdir(mode=0o700, exist_ok=True)
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as file:
                for piece in pieces:
                    file.write(piece)
        except OSError as error:
            raise self._failed(error) from error

    def _finish(self) -> None:
        logs = self._beside / "logs"
        if not any(logs.iterdir()):
            logs.rmdir()
        if self.packed:
            # Late: only a packed bundle needs tarfile and gzip.
            from opsagent.clients.bundle.packing import pack  # noqa: PLC0415

            archive = self._beside.with_name(f"{self._beside.name}.packed")
            try:
                pack(self._beside, archive, inside=_stem(self.target.name), gz=not self.target.name.endswith(".tar"))
                os.link(archive, self.target)  # unlike a rename, it refuses a target that came into being meanwhile
            finally:
                archive.unlink(missing_ok=True)
        elif os.path.lexists(self.target):
            raise BundleError(f"{self.target} came into being meanwhile", hint="name another with -o")
        else:
            self._beside.rename(self.target)

    def _failed(self, error: OSError) -> BundleError:
        return BundleError(
            f"the bundle {self.target} cannot be written: {error.strerror or error}",
            hint="make room there, or name another place with -o; nothing is left behind",
        )


def _stem(name: str) -> str:
    return next(name[: -len(end)] for end in PACKED if name.lower().endswith(end)) or "bundle"

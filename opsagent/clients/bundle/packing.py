"""A bundle directory into one archive, which reports nothing of who packed it."""

import gzip
import os
import tarfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast


def pack(folder: Path, archive: Path, *, inside: str, gz: bool) -> None:
    """Pack the files of a directory under one name into a new archive, 0600. Raises OSError."""
    with ExitStack() as closing:
        descriptor = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        raw: IO[bytes] = closing.enter_context(os.fdopen(descriptor, "wb"))
        if gz:
            raw = cast("IO[bytes]", closing.enter_context(gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw)))
        tar = closing.enter_context(tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT))
        made = int(time.time())
        for path in (folder, *sorted(folder.rglob("*"))):
            member = tar.gettarinfo(path, arcname=str(Path(inside) / path.relative_to(folder)))
            # Neither who packed it nor when each file was written is anybody's business.
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mtime = made
            if member.isfile():
                with path.open("rb") as file:
                    tar.addfile(member, file)
            else:
                tar.addfile(member)

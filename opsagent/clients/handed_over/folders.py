"""A folder that is not a bundle: which of its files are read, within bounds, whoever filled it."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from opsagent.clients.bundle.files import Entry, Limits, Loose
from opsagent.clients.bundle.opening import open_plain

# What logs, manifests and kubectl output are called; anything else in a folder is not evidence ("0.log.20260304-…").
_READ = re.compile(
    r"\.(?:log|txt|json|jsonl|ndjson|ya?ml|out|err|describe|events)(?:[.-][\w-]+){0,2}$|\.(?:tar|tgz)$|^[^.]+$"
)
_PACKED = re.compile(r"\.gz$")
_DEPTH, _WALKED = 14, 300_000  # of folders in folders; of names that are seen before the walk stops


def entries_of(root: Path, limits: Limits) -> Loose:
    """Return the files of a folder that may be evidence; links, devices and what is beyond the limits are noted."""
    left_out: Counter[str] = Counter()
    found = list(_walk(root, left_out))
    # The newest hold the incident; what is small is objects and tables rather than years of a log.
    found.sort(key=lambda entry: (entry.size > limits.file_bytes, -entry.modified.timestamp(), entry.name))
    kept: list[Entry] = []
    total = 0
    for entry in found:
        if entry.size > limits.file_bytes or total + entry.size > limits.total_bytes:
            left_out["files beyond the size that is read"] += 1
        elif len(kept) >= limits.files:
            left_out[f"files beyond the newest {limits.files:,}"] += 1
        else:
            kept.append(entry)
            total += entry.size
    notes = tuple(f"{count:,} {what} in {root} are left out" for what, count in left_out.items())
    return Loose(str(root), tuple(sorted(kept, key=lambda entry: entry.name)), notes)


def is_read(name: str) -> bool:
    """Return whether a file of this path may be evidence."""
    return _READ.search(_PACKED.sub("", name.rsplit("/", 1)[-1])) is not None


def _walk(root: Path, left_out: Counter[str]) -> Iterator[Entry]:
    waiting: list[tuple[str, int]] = [("", 0)]
    seen = 0
    while waiting:
        under, depth = waiting.pop()
        try:
            entries = os.scandir(root / under)
        except OSError:
            left_out["folders that cannot be read"] += 1
            continue
        with entries:
            for entry in entries:
                seen += 1
                if seen > _WALKED:
                    left_out[f"names beyond the first {_WALKED:,}: not everything"] += 1
                    return
                name = f"{under}{entry.name}"
                if entry.is_symlink():
                    left_out["links"] += 1
                elif entry.is_dir(follow_symlinks=False):
                    if depth >= _DEPTH:
                        left_out[f"folders more than {_DEPTH} deep"] += 1
                    elif not entry.name.startswith("."):
                        waiting.append((f"{name}/", depth + 1))
                elif not entry.is_file(follow_symlinks=False):
                    left_out["pipes, sockets and devices"] += 1
                elif is_read(name) and not entry.name.startswith("."):
                    yield _entry(root, name, entry.stat(follow_symlinks=False))


def _entry(root: Path, name: str, info: os.stat_result) -> Entry:
    at = datetime.fromtimestamp(info.st_mtime, UTC)
    return Entry(name, info.st_size, lambda: open_plain(root / name), at)

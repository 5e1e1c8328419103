"""The lines around a piece of evidence: what was read of the logs is kept for as long as this round lasts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from opsagent.analysis.text.templates import SAMPLE_WIDTH
from opsagent.models.evidence import Evidence

BEFORE, AFTER = 4, 3  # lines shown around one
_MOST_LOG = 4 * 1024 * 1024  # bytes kept of one log
_MOST_LOGS = 32 * 1024 * 1024  # bytes kept of all
_MOST_PIECES = 30


@dataclass
class LogLines:
    """The bytes of the logs as they were read, within bounds; a log beyond them has no lines here."""

    _kept: dict[str, bytes] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything: a new round reads again."""
        self._kept.clear()

    def keeping(self, where: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the chunks of one log, and keep them where they are within the bounds."""
        parts: list[bytes] | None = []
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if parts is not None and size <= _MOST_LOG:
                parts.append(chunk)
            else:
                parts = None
            yield chunk
        self._kept.pop(where, None)
        if parts is not None and size + sum(map(len, self._kept.values())) <= _MOST_LOGS:
            self._kept[where] = b"".join(parts)

    def around(self, pieces: Sequence[Evidence], redact: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
        """Return by evidence id the redacted lines around it, its own marked with ">"; nothing of what is not a log."""
        split: dict[str, list[bytes]] = {}
        found: dict[str, tuple[str, ...]] = {}
        for piece in pieces[:_MOST_PIECES]:
            where, mark, line = piece.where.rpartition(":L")
            if not mark or not line.isascii() or not line.isdigit() or where not in self._kept:
                continue
            lines = split.setdefault(where, self._kept[where].split(b"\n"))
            first = int(line) - 1
            last = first + max(1, len(piece.text.splitlines())) - 1
            found[piece.id] = tuple(
                f"{'>' if first <= number <= last else ' '} {number + 1:>4}  {_text(lines[number], redact)}"
                for number in range(max(0, first - BEFORE), min(last + AFTER + 1, len(lines)))
                if lines[number]
            )
        return found


def _text(line: bytes, redact: Callable[[str], str]) -> str:
    return redact(line[:SAMPLE_WIDTH].decode("utf-8", "replace").rstrip("\r"))

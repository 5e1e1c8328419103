"""The lines of a log that a pattern may match, found a block at a time: most lines are never looked at one by one."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from opsagent.errors import LookError

# Places that are not the same in a block as in its line alone, which has neither stamp nor carriage return.
_PLACES = re.compile(r"(?<!\[)\^|\$|\\[AzC]")


def stands_anywhere(pattern: str) -> bool:
    """Tell whether what matches within a line matches in a block of lines, too."""
    return _PLACES.search(pattern) is None


def candidates(chunks: Iterable[bytes], size: int, wanted: Any) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, line) of every line that `wanted` may match, as `log_lines.pieces` does, and few others.

    Of a line longer than `size` every piece is yielded. Undecodable bytes become U+FFFD.
    """
    number, rest = 1, b""
    try:
        for chunk in chunks:
            block = rest + chunk
            end = block.rfind(b"\n") + 1
            if end:
                yield from _in_block(_clean(block[:end]), number, wanted)
                number += block.count(b"\n", 0, end)
            rest = block[end:]
            while len(rest) > size:
                yield number, rest[:size]
                rest = rest[size:]
    except LookError:  # the log broke off: what came of its last line is not lost
        if rest:
            yield number, rest.removesuffix(b"\r")
        raise
    if rest:
        yield number, rest.removesuffix(b"\r")


def _in_block(block: bytes, number: int, wanted: Any) -> Iterator[tuple[int, bytes]]:
    at = counted = 0
    while at < len(block) and (hit := wanted.search(block, at)) is not None:
        start = block.rfind(b"\n", 0, hit.start()) + 1
        end = block.find(b"\n", hit.start())
        if end < 0:
            return  # an empty match behind the last line
        number += block.count(b"\n", counted, start)
        counted, at = start, end + 1
        yield number, block[start:end].removesuffix(b"\r")


def _clean(block: bytes) -> bytes:
    return block if block.isascii() else block.decode("utf-8", "replace").encode()

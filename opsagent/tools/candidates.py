"""The lines of a log that a pattern may match, found a block at a time: most lines are never checked one by one."""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from opsagent.errors import CheckError

# Places that are not the same in a block as in its line alone, which has neither stamp nor carriage return.
_PLACES = re.compile(r"(?<!\[)\^|\$|\\[AzC]")

_SELDOM = 100  # lines of a block that hold a text and are matched one by one
# Groups with flags or names, POSIX classes, and escapes that only one of the two has.
_READ_DIFFERENTLY = re.compile(r"\(\?|\[\[|\[:|\\[QEpPCzZA]")


def stands_anywhere(pattern: str) -> bool:
    """Return whether what matches within a line matches in a block of lines, too."""
    return _PLACES.search(pattern) is None


def literals_in(pattern: str) -> tuple[bytes, ...]:
    """Return texts of which each line that matches holds at least one; empty where none is sure.

    Only for what RE2 and Python read alike, and where case counts: a text that is not there spares the search.
    """
    if _READ_DIFFERENTLY.search(pattern):
        return ()
    # Late, and seldom needed: Python's parser of patterns.
    from opsagent.analysis.catalog.literals import exact_literals_of  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return tuple(text.encode() for text in exact_literals_of(pattern))
    except (re.error, UnicodeEncodeError, OverflowError, RecursionError):
        return ()


def candidates(
    chunks: Iterable[bytes], size: int, wanted: Any, texts: tuple[bytes, ...] = ()
) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, line) of every line that `wanted` may match, as `log_lines.pieces` does, and few others.

    Of a line longer than `size` every piece is yielded. Undecodable bytes become U+FFFD. texts: what a match holds at
    least one of (`literals_in`).
    """
    number, rest = 1, b""
    try:
        for chunk in chunks:
            block = rest + chunk
            end = block.rfind(b"\n") + 1
            if end:
                lines = _clean(block[:end])
                yield from _in_block(lines, number, _finder(lines, wanted, texts))
                number += lines.count(b"\n")
            rest = block[end:]
            while len(rest) > size:
                yield number, rest[:size]
                rest = rest[size:]
    except CheckError:  # the log broke off: what came of its last line is not lost
        if rest:
            yield number, rest.removesuffix(b"\r")
        raise
    if rest:
        yield number, rest.removesuffix(b"\r")


def _finder(block: bytes, wanted: Any, texts: tuple[bytes, ...]) -> Callable[[int], int]:
    """Return what finds the next place, from another one on, in whose line there may be a match; -1: none.

    To find a text is several times as fast as to match a pattern; where texts are everywhere they spare nothing.
    """
    places = dict.fromkeys(texts, -1)
    left = _SELDOM if texts else 0

    def find(at: int) -> int:
        nonlocal left
        if not left:
            hit = wanted.search(block, at)
            return hit.start() if hit is not None else -1
        left -= 1
        for text, place in places.items():
            if place < at:
                found = block.find(text, at)
                places[text] = found if found >= 0 else len(block)
        nearest = min(places.values())
        return nearest if nearest < len(block) else -1

    return find


def _in_block(block: bytes, number: int, find: Callable[[int], int]) -> Iterator[tuple[int, bytes]]:
    at = counted = 0
    while at < len(block) and (place := find(at)) >= 0:
        start = block.rfind(b"\n", 0, place) + 1
        end = block.find(b"\n", place)
        if end < 0:
            return  # an empty match behind the last line
        number += block.count(b"\n", counted, start)
        counted, at = start, end + 1
        yield number, block[start:end].removesuffix(b"\r")


def _clean(block: bytes) -> bytes:
    return block if block.isascii() else block.decode("utf-8", "replace").encode()

"""The lines of a log that a pattern may match, found a block at a time: most lines are never checked one by one."""

import re
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from opsagent.errors import CheckError

# Places that are not the same in a block as in its line alone, which has neither stamp nor carriage return.
_PLACES = re.compile(r"(?<!\[)\^|\$|\\[AzC]")

_UNDECODABLE = "\N{REPLACEMENT CHARACTER}".encode()
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
            texts = tuple(text.encode() for text in exact_literals_of(pattern))
    except (re.error, UnicodeEncodeError, OverflowError, RecursionError):
        return ()
    # What an undecodable byte is shown as is not in the log as it came.
    return () if any(_UNDECODABLE in text for text in texts) else texts


def candidates(
    chunks: Iterable[bytes], size: int, wanted: Any, texts: tuple[bytes, ...] = ()
) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, line) of every line that `wanted` may match, as `log_lines.pieces` does, and few others.

    Of a line longer than `size` every piece is yielded. texts: what a match holds at least one of (`literals_in`): to
    find a text is several times as fast as to match a pattern; where texts are everywhere they spare nothing.
    """
    number, rest = 1, b""
    try:
        for chunk in chunks:
            block = rest + chunk
            end = block.rfind(b"\n") + 1
            at = 0
            if texts:
                number, at = yield from _lines(block, end, number, _text_finder(block, end, texts), _SELDOM)
            if at < end:
                clean = _clean(block[at:end])
                number, _ = yield from _lines(clean, len(clean), number, _match_finder(clean, wanted), len(clean))
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


# Returns the next place, from another one on, in whose line there may be a match; -1: none.
_Find = Callable[[int], int]


def _text_finder(block: bytes, end: int, texts: tuple[bytes, ...]) -> _Find:
    places = dict.fromkeys(texts, -1)

    def find(at: int) -> int:
        for text, place in places.items():
            if place < at:
                found = block.find(text, at, end)
                places[text] = found if found >= 0 else end
        nearest = min(places.values())
        return nearest if nearest < end else -1

    return find


def _match_finder(block: bytes, wanted: Any) -> _Find:
    def find(at: int) -> int:
        hit = wanted.search(block, at)
        return hit.start() if hit is not None else -1

    return find


def _lines(
    block: bytes, end: int, number: int, find: _Find, most: int
) -> Generator[tuple[int, bytes], None, tuple[int, int]]:
    """Yield at most so many lines that `find` points to; return the number and the place of the first one after them.

    Every line end is counted once: counting them costs as much as finding a text.
    """
    at = 0
    for _ in range(most):
        place = find(at) if at < end else -1
        after = block.find(b"\n", place, end) + 1 if place >= 0 else 0
        if not after:  # nothing more, or an empty match behind the last line
            return number + block.count(b"\n", at, end), end
        start = block.rfind(b"\n", at, place) + 1 or at
        number += block.count(b"\n", at, start)
        yield number, block[start : after - 1].removesuffix(b"\r")
        number, at = number + 1, after
    return number, at


def _clean(block: bytes) -> bytes:
    """Show undecodable bytes as U+FFFD: the pattern is to match what is shown."""
    return block if block.isascii() else block.decode("utf-8", "replace").encode()

"""The literal text that every match of a pattern contains: what spares most lines the search."""

import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable
from typing import Any

_SHORTEST = 3
_MOST = 12  # alternatives; more of them cost more than they spare


def literals_of(pattern: str) -> tuple[str, ...]:
    """Return lower-case texts of which each match of the pattern holds at least one; empty where none is known."""
    return tuple(sorted(text.lower() for text in exact_literals_of(pattern)))


def exact_literals_of(pattern: str) -> tuple[str, ...]:
    """Return texts, as they are written, of which each match holds at least one; empty where none is known.

    Raises re.error for what Python's syntax does not have.
    """
    found = _best(parser.parse(pattern, re_flags))
    return tuple(sorted(found)) if found else ()


re_flags = 2  # re.IGNORECASE, as the parser counts it


def _best(parts: Iterable[Any]) -> frozenset[str] | None:
    """Return the most informative set of a sequence: all of one set's members are long, and it has few."""
    sets: list[frozenset[str]] = []
    run = ""
    for code, value in parts:
        if code is op.LITERAL:
            run += chr(value)
            continue
        sets += _run(run)
        run = ""
        inner = _inner(code, value)
        if inner:
            sets.append(inner)
    sets += _run(run)
    return max(sets, key=lambda found: (min(map(len, found)), -len(found)), default=None)


def _run(text: str) -> list[frozenset[str]]:
    return [frozenset((text,))] if len(text) >= _SHORTEST else []


def _inner(code: Any, value: Any) -> frozenset[str] | None:
    if code is op.SUBPATTERN:
        return _best(value[3])
    if code in (op.MAX_REPEAT, op.MIN_REPEAT):
        return _best(value[2]) if value[0] > 0 else None
    if code is op.BRANCH:
        branches = [_best(branch) for branch in value[1]]
        if all(branches) and sum(len(branch or ()) for branch in branches) <= _MOST:
            return frozenset[str]().union(*(branch for branch in branches if branch))
    return None

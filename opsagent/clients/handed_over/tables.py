"""Tables as `kubectl get` prints them: a header of upper-case columns, rows below it."""

import re
from dataclasses import dataclass

_COLUMN = r"[A-Z][A-Z0-9%/().:_-]*(?: [A-Z(][A-Z0-9%/().:_-]*)*"
_HEADER = re.compile(rf"^\s*{_COLUMN}(?:\s{{2,}}{_COLUMN})+\s*$")
_HEAD = re.compile(_COLUMN)
_FIRST = frozenset({"NAME", "NAMESPACE", "LAST SEEN", "FIRST SEEN"})
_GAP = re.compile(r"\s{2,}")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table and where each begins."""

    names: tuple[str, ...]
    starts: tuple[int, ...]


def header(line: str) -> Header | None:
    """Return the header that a line is, None where it is none."""
    if not _HEADER.match(line):
        return None
    heads = list(_HEAD.finditer(line))
    if heads[0][0] not in _FIRST:
        return None
    return Header(tuple(found[0] for found in heads), tuple(found.start() for found in heads))


def cells(line: str, head: Header) -> dict[str, str] | None:
    """Return a row's cells by column; None where the line is no row of this table."""
    if not line.strip() or (line[:1].isspace() and not line[: head.starts[0] + 1].strip()):
        return None
    placed = _by_place(line, head)
    if placed is not None:
        return placed
    parts = _GAP.split(line.strip(), len(head.names) - 1)
    return dict(zip(head.names, parts, strict=False)) if len(parts) >= min(2, len(head.names)) else None


def _by_place(line: str, head: Header) -> dict[str, str] | None:
    """Cut where the columns begin; None where a cell lies across a border: pasted text may have lost its spaces."""
    ends = (*head.starts[1:], len(line))
    for start in head.starts[1:]:
        if start <= len(line) and start > 0 and not line[start - 1 : start].isspace() and line[start - 1 : start]:
            return None
    return {name: line[start:end].strip() for name, start, end in zip(head.names, head.starts, ends, strict=True)}

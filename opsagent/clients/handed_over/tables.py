"""Tables as `kubectl get` prints them: a header of upper-case columns, rows below it.

A paste may have lost what kubectl printed: the spaces between columns, the end of the header, or the header itself.
"""

import re
from dataclasses import dataclass

_WORD = r"(?:[A-Z0-9%/:._-]|\([A-Z]+\)|\([a-z]+\))"
_COLUMN = rf"[A-Z]{_WORD}*(?: [A-Z(]{_WORD}*)*"
_HEADER = re.compile(rf"^\s*{_COLUMN}(?:\s{{2,}}{_COLUMN})+\s*$")
_HEAD = re.compile(_COLUMN)
_FIRST = frozenset({"NAME", "NAMESPACE", "LAST SEEN", "FIRST SEEN", "LASTSEEN", "FIRSTSEEN"})
_OF_EVENTS = frozenset({"REASON", "MESSAGE"})  # columns of a table of events, however the others are called
_OBJECT = re.compile(r"[A-Za-z0-9][\w.:/@-]*")
_GAP = re.compile(r"\s{2,}")
_AGO = re.compile(r"(\d+) (\(\S+ ago\))")
# Columns that a terminal cuts at its right edge, and those whose names are single words.
_NAMES = ("READY", "STATUS", "RESTARTS", "AGE", "UP-TO-DATE", "AVAILABLE", "DESIRED", "CURRENT", "CLUSTER-IP", "TYPE",
          "EXTERNAL-IP", "PORT(S)", "ROLES", "VERSION", "REASON", "OBJECT", "MESSAGE", "COMPLETIONS", "DURATION",
          "VOLUME", "CAPACITY", "STORAGECLASS")  # fmt: skip
_WORDS = re.compile(r"^(?:NAMESPACE )?NAME(?: [A-Z][A-Z()-]+){2,}$")
_EVENT_ROW = re.compile(
    r"^\s*(?:[a-z0-9][a-z0-9-]*\s{2,})?(?:\d+[smhdy]){1,3}(?: \(x\d+ over \S+\))?\s{2,}(?:Normal|Warning)\s{2,}[A-Z]\w+"
    r"\s{2,}[A-Za-z.]+/\S+\s{2,}\S"
)


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table and where each begins; without starts where the spaces between them are lost."""

    names: tuple[str, ...]
    starts: tuple[int, ...] = ()


def header(line: str) -> Header | None:
    """Return the header that a line is, None where it is not one."""
    if _WORDS.match(line.strip()):
        names = line.split()
        return Header(tuple(names)) if any(name in _NAMES for name in names) else None
    if not _HEADER.match(line):
        return None
    heads = list(_HEAD.finditer(line))
    names = [found[0].upper() for found in heads]
    if names[0] not in _FIRST and not set(names) >= _OF_EVENTS:
        return None
    names[-1] = _whole(names[-1])
    return Header(tuple(names), tuple(found.start() for found in heads))


def header_of_row(line: str) -> Header | None:
    """Return the columns of a row of events whose header was not copied; None where the line is no such row."""
    if not _EVENT_ROW.match(line):
        return None
    spaced = re.match(r"^\s*[a-z0-9][a-z0-9-]*\s{2,}(?:\d+[smhdy])+", line)
    names = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")
    return Header(("NAMESPACE", *names) if spaced and not re.match(r"^\s*(?:\d+[smhdy]){1,3}\s", line) else names)


def cells(line: str, head: Header) -> dict[str, str] | None:
    """Return a row's cells by column; None where the line is not a row of this table."""
    if not line.strip() or (head.starts and line[:1].isspace() and not line[: head.starts[0] + 1].strip()):
        return None
    placed = _by_place(line, head) if head.starts else None
    if placed is not None:
        return placed
    parts = _GAP.split(line.strip(), len(head.names) - 1)
    if not head.starts and len(parts) < len(head.names):
        parts = _AGO.sub(r"\1_\2", line).strip().replace(" ago)", "_ago)").split(None, len(head.names) - 1)
        parts = [part.replace("_(", " (").replace("_ago)", " ago)") for part in parts]
    return dict(zip(head.names, parts, strict=False)) if len(parts) >= min(2, len(head.names)) else None


def is_row(line: str, head: Header) -> bool:
    """Return whether a line is a row: a prompt, a fence or a sentence begins with no name of an object."""
    row = cells(line, head)
    return row is not None and ("NAME" not in row or _OBJECT.fullmatch(row["NAME"]) is not None)


def _whole(name: str) -> str:
    """Return the one column that a name cut off at the end may be."""
    fitting = [known for known in _NAMES if known.startswith(name)] if len(name) >= 3 else []
    return fitting[0] if len(fitting) == 1 else name


def _by_place(line: str, head: Header) -> dict[str, str] | None:
    """Cut where the columns begin; None where a cell is across a border: pasted text may have lost its spaces."""
    ends = (*head.starts[1:], len(line))
    for start in head.starts[1:]:
        if start <= len(line) and start > 0 and not line[start - 1 : start].isspace() and line[start - 1 : start]:
            return None
    return {name: line[start:end].strip() for name, start, end in zip(head.names, head.starts, ends, strict=True)}

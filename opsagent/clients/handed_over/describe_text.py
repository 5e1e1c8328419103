"""The layout of `kubectl describe`: fields at an indentation, with what is indented below them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_FIELD = re.compile(r"^(?P<indent> *)(?P<name>[^\s:][^:]*?):(?:\s+(?P<value>.*?))?\s*$")
_GAP = re.compile(r"\s{2,}")
_HEAD = re.compile(r"\S+(?: \S+)*")
_RULE = re.compile(r"^[\s-]+$")
_NONE = frozenset({"<none>", "<unset>", "<nil>", "<none", ""})


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what is behind its colon, and the lines below it that are indented further."""

    value: str
    below: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the value and all lines below it, without white space at the ends."""
        return tuple(text for text in (self.value, *(line.strip() for line in self.below)) if text)


NOTHING = Field("", ())


def fields(lines: Sequence[str]) -> dict[str, Field]:
    """Return the fields at the outermost indentation, by name; of two with one name the first."""
    found: dict[str, Field] = {}
    for name, field in listed(lines):
        found.setdefault(name, field)
    return found


def listed(lines: Sequence[str]) -> list[tuple[str, Field]]:
    """Return the fields at the outermost indentation in their order."""
    margin = min((_indent(line) for line in lines if line.strip()), default=0)
    out: list[tuple[str, Field]] = []
    name, value, below = "", "", list[str]()
    for line in lines:
        if not line.strip():
            continue
        start = _FIELD.match(line) if _indent(line) <= margin else None
        if start is None:
            below.append(line)
            continue
        if name:
            out.append((name, Field(value, tuple(below))))
        name, value, below = start["name"].strip(), start["value"] or "", []
    if name:
        out.append((name, Field(value, tuple(below))))
    return out


def table(lines: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the rows of a table inside a description, by the names of its head; a rule of dashes is left out."""
    rows = [line for line in lines if line.strip() and not _RULE.match(line)]
    if not rows:
        return
    names = _GAP.split(rows[0].strip())
    starts = [found.start() for found in _HEAD.finditer(rows[0])]
    last: dict[str, str] | None = None
    for line in rows[1:]:
        parts = _GAP.split(line.strip(), len(names) - 1)
        if 1 < len(parts) < len(names) and len(starts) == len(names):
            parts = _placed(line, starts) or parts
        if len(parts) < min(2, len(names)) and last is not None:
            last[names[-1]] = f"{last.get(names[-1], '')} {line.strip()}".strip()
            continue
        if last is not None:
            yield last
        last = dict(zip(names, parts, strict=False))
    if last is not None:
        yield last


def _placed(line: str, starts: Sequence[int]) -> list[str] | None:
    """Cut a row where the columns of the head begin; None where a cell is across a border."""
    if any(start >= len(line) or not line[start - 1].isspace() for start in starts[1:]):
        return None
    return [line[start:end].strip() for start, end in zip(starts, (*starts[1:], len(line)), strict=True)]


def text_of(found: Mapping[str, Field], *names: str) -> str:
    """Return the value of the first of these fields that has one; "<none>" is none."""
    for name in names:
        value = found.get(name, NOTHING).value.strip()
        if value not in _NONE:
            return value
    return ""


def map_of(field: Field, separator: str = "=") -> dict[str, str]:
    """Return labels, annotations or a selector as a map."""
    pairs = (line.split(separator, 1) for text in field.lines for line in text.split(",") if separator in line)
    return {key.strip(): value.strip() for key, value in pairs}


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))

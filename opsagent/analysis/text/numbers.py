"""The numbers of a line that keep it apart from its like: codes, counts of failures, ports."""

import re
from dataclasses import dataclass
from operator import itemgetter

SEARCHED = 1200  # bytes of a line in which they are searched for
_MARK = 5  # bytes behind an anchor that state which number is there
_HEAD = 8  # bytes before a number that state that it is where it is searched for
_BEFORE = 24  # bytes before a number that may be its anchor

# Status and exit codes, counts of failures (none or some), ports that are listened on.
_MEANING = re.compile(
    rb"""" ([1-5]\d\d)(?=\s|$)"""
    rb"""|(?:status(?:_?code)?|http|code|errno|signal|exited with|"level)["']?\s*[:= ]\s*"?\(?(\d{1,5})\b"""
    rb"""|\| ([1-5]\d\d) \|| (?:server error|client error)[: (]+(\d{3})"""
    rb"""|\b(\d+) (?:errors?|failures?|failed|warnings?|retries|timeouts?)\b"""
    rb"""|(?:errors?|failures?|failed|warnings?|timeouts?)(?:_?count|_?total)?["']?\s*[:=]\s*(\d+)"""
    # A port, but not the seconds of 17:07:35 nor the minutes of 17:07, nor a line of source.
    rb"""|(?:->|(?:(?<!\d:\d)(?<![\s\[T]\d)(?<!^\d)\w(?<!\.go)(?<!\.py)(?<!\.rs)(?<!\.js)(?<!\.ts)(?<!\.rb)(?<!\.cc)"""
    rb"""(?<!\.java)(?<!\.cpp)|[.\]]):|port["']?\s*[:= ]\s*)([1-9]\d{1,4})(?!\d|[:.\-]\d)""",
    re.IGNORECASE,
)
_STATUS, _COUNTS, _PORT = 1, (5, 6), 7  # places in _MEANING
_NO_DIGITS = re.compile(rb"[^\d]+$")
_DIGITS = re.compile(rb"\d+")
_EPHEMERAL = 32_768


def _read(line: bytes) -> list[tuple[int, bytes]]:
    """Take the numbers that mean something: where each begins, and what it comes to."""
    found: list[tuple[int, bytes]] = []
    ports: list[tuple[int, bytes]] = []
    for match in _MEANING.finditer(line, 0, SEARCHED):
        at = next(i for i, number in enumerate(match.groups(), 1) if number is not None)
        number = match[at]
        if at == _STATUS:
            found = [one for one in found if one not in ports]  # of who asked: another one for each connection
        elif at in _COUNTS:
            number = b"0" if not number.strip(b"0") else b"n"
        elif at == _PORT:
            number = number if int(number) < _EPHEMERAL else b"-"
            ports.append((match.start(at), number))
        found.append((match.start(at), number))
    return found[:2]


def meaning(line: bytes) -> bytes:
    """State what the numbers of a line come to; lines of one template with the same meaning are alike."""
    return b" ".join(number for _, number in _read(line))


@dataclass(slots=True)
class NumberPlaces:
    """Where in the lines of one template the numbers stand that mean something; found without a search."""

    anchors: tuple[bytes, ...] = ()  # what is before them
    runs: tuple[int, ...] = ()  # which of the line's numbers they are, where nothing distinct is before them
    end: slice | None = None  # the only one, where it is the last number of the line

    def marks(self, lines: list[bytes]) -> list[bytes]:
        """Cut the numbers out of each line: those whose marks are equal mean the same."""
        if self.end:
            return list(map(itemgetter(self.end), lines))
        if len(self.anchors) != 1:
            return list(map(self._mark, lines))
        anchor = self.anchors[0]
        return _aligned(anchor, lines) or [line[(at := line.find(anchor) + len(anchor)) : at + _MARK] for line in lines]

    def _mark(self, line: bytes) -> bytes:
        if self.runs:
            numbers = _DIGITS.findall(line, 0, SEARCHED)
            return b" ".join(numbers[run] for run in self.runs if run < len(numbers))
        starts = [line.find(anchor) + len(anchor) for anchor in self.anchors]
        return b"".join(line[at : at + _MARK] for at in starts)


def _aligned(anchor: bytes, lines: list[bytes]) -> list[bytes]:
    """Cut what follows the anchor, where it is as far from the end in all lines; nothing if it does not.

    A third of the time that searching for it in each takes: most often what follows is as long in neighbouring lines.
    """
    line = lines[-1]
    at = line.find(anchor) + len(anchor)
    head = line[max(0, at - max(len(anchor), _HEAD)) : at]
    end = at + _MARK - len(line)
    if end >= 0:
        return []
    looks = list(map(itemgetter(slice(at - len(head) - len(line), end)), lines))
    marks = {look: look[len(head) :] for look in set(looks)}
    return list(map(marks.__getitem__, looks)) if all(look.startswith(head) for look in marks) else []


def places(line: bytes) -> NumberPlaces | None:
    """Note where the numbers of a template's first line stand; None where none means anything."""
    starts = [at for at, _ in _read(line)]
    if not starts:
        return None
    rest = line[starts[0] :].lstrip(b"0123456789")
    if len(starts) == 1 and len(rest) + _MARK < len(line) and not _DIGITS.search(rest):
        return NumberPlaces(end=slice(-len(rest) - _MARK, -len(rest) or None))
    anchors = []
    for at in starts:
        before = _NO_DIGITS.search(line, max(0, at - _BEFORE), at)
        if before and line.find(before[0]) == before.start():
            anchors.append(before[0])
    if len(anchors) == len(starts):
        return NumberPlaces(anchors=tuple(anchors))
    runs = [run.start() for run in _DIGITS.finditer(line, 0, SEARCHED)]
    return NumberPlaces(runs=tuple(runs.index(at) for at in starts if at in runs))

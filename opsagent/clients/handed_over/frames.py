"""What tools put before each line of a log: compose, stern, `kubectl logs --prefix`, the container run-time.

A frame names whose line it is. It is recognised at the head of a text by nearly all of its lines, so that a log which
only resembles one is left alone.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from opsagent.clients.handed_over.owners import NOBODY, Owner
from opsagent.clients.handed_over.wrapped import record_of

_COLOUR = re.compile(rb"\x1b\[[0-9;:]*[A-Za-z]")
_DNS = rb"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_HASH = rb"[bcdfghjklmnpqrstvwxz2456789]"
_POD = rb"(?P<pod>[a-z0-9][a-z0-9.-]*?(?:-" + _HASH + rb"{5}|-\d{1,4}))"
_COMPOSE = re.compile(rb"^(?P<service>[A-Za-z][\w.-]*?)(?P<number>(?:[-_.]\d+)(?:\.\w+(?:@[\w.-]+)?)?)? *\| ?")
_PREFIX = re.compile(rb"^\[pod/(?P<pod>" + _DNS + rb")/(?P<container>" + _DNS + rb")\] ?")
_STERN = re.compile(
    rb"^(?:(?P<namespace>" + _DNS + rb") )?" + _POD + rb" (?:\xe2\x80\xba )?(?P<container>" + _DNS + rb") "
)
_KUBETAIL = re.compile(rb"^\[" + _POD + rb"(?:[ /](?P<container>" + _DNS + rb"))?\] ")
_KAIL = re.compile(rb"^(?P<namespace>" + _DNS + rb")/(?P<pod>" + _DNS + rb")\[(?P<container>" + _DNS + rb")\]: ")
_CRI = re.compile(
    rb"^(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (?P<stream>stdout|stderr) (?P<tag>[FP]) ?"
)
_START = re.compile(
    rb"^==== START logs for container (?P<container>\S+) of pod (?P<namespace>[^/\s]+)/(?P<pod>\S+) ===="
)
_END = re.compile(rb"^==== END logs for container ")
_TAIL = re.compile(rb"^==> (?P<path>[\w./@-]{1,200}) <==$")
_STERN_NOTE = re.compile(rb"^[+-] \S+ \xe2\x80\xba \S+$")
_LEVELS = frozenset(
    b"trace debug info notice warn warning error err fatal critical crit panic severe success log".split(b" ")
)
_SHARE, _FEWEST, _NAMES = 0.9, 2, 0.5


class Line(NamedTuple):
    """One line without its frame."""

    owner: Owner
    text: bytes
    ends: bool = True  # False: the next line of the same owner and stream goes on with it
    stream: bytes = b""


Split = Callable[[bytes], Line | None]


@dataclass(frozen=True, slots=True)
class Frame:
    """One way of marking lines; `split` takes a line without its end, and returns None where it has no such mark."""

    name: str
    split: Split
    sections: bool = False  # a mark is above many lines and holds until the next


def frame_of(lines: Sequence[bytes]) -> Frame | None:
    """Return the frame around the lines at the head of a text, None where there is none."""
    plain = [line for line in map(uncoloured, lines) if line.strip() and not _STERN_NOTE.match(line)]
    if not plain:
        return None
    if any(_START.match(line) for line in plain):
        return DUMP
    if _TAIL.match(plain[0]):
        return TAIL
    return next((frame for frame in _FRAMES if _fits(frame, plain)), None)


def uncoloured(line: bytes) -> bytes:
    """Return a line without colours and without its end."""
    return (_COLOUR.sub(b"", line) if b"\x1b[" in line else line).rstrip(b"\r\n")


def _fits(frame: Frame, plain: Sequence[bytes]) -> bool:
    found = [one for one in map(frame.split, plain) if one is not None]
    if len(found) < _SHARE * len(plain) or not found:
        return False
    if frame.name == "compose":
        return _is_compose(plain, found)
    if frame.name == "stern":
        # A pod's name at the margin may be the subject of a sentence: a container is the same word each time.
        pairs = {one.owner[:3] for one in found}
        return len(found) >= _FEWEST and len(pairs) <= max(1.0, _NAMES * len(found))
    return True


def _is_compose(plain: Sequence[bytes], found: Sequence[Line]) -> bool:
    """Return whether bars are in one column behind few names: a table has other columns, a level is not a service."""
    names = {one.owner.service or "" for one in found}
    bars = {line.find(b"|") for line in plain}
    numbered = sum(1 for line in plain if (hit := _COMPOSE.match(line)) and hit["number"])
    if len(found) < _FEWEST or any(name.lower().encode() in _LEVELS for name in names):
        return False
    return (len(bars) == 1 or numbered >= _SHARE * len(plain)) and len(names) <= max(1.0, _NAMES * len(found))


def _compose(line: bytes) -> Line | None:
    hit = _COMPOSE.match(line)
    return Line(Owner(service=_text(hit["service"])), line[hit.end() :]) if hit else None


def _named(pattern: re.Pattern[bytes]) -> Split:
    def split(line: bytes) -> Line | None:
        hit = pattern.match(line)
        if hit is None:
            return None
        names = hit.groupdict()
        owner = Owner(_text(names.get("namespace")), _text(names["pod"]), _text(names.get("container")))
        return Line(owner, line[hit.end() :])

    return split


def _cri(line: bytes) -> Line | None:
    hit = _CRI.match(line)
    if hit is None:
        return None
    return Line(NOBODY, hit["at"] + b" " + line[hit.end() :], hit["tag"] == b"F", hit["stream"])


def _json(line: bytes) -> Line | None:
    found = record_of(line)
    return None if found is None else Line(found.owner, found.text, found.ends, found.stream)


def _dump(line: bytes) -> Line | None:
    hit = _START.match(line)
    if hit:
        return Line(Owner(_text(hit["namespace"]), _text(hit["pod"]), _text(hit["container"])), b"")
    return Line(NOBODY, b"") if _END.match(line) else None


def _tail(line: bytes) -> Line | None:
    hit = _TAIL.match(line)
    return Line(Owner(service=_text(hit["path"])), b"") if hit else None


def _text(name: bytes | None) -> str | None:
    return name.decode("utf-8", "replace") if name else None


DUMP = Frame("kubectl cluster-info dump", _dump, sections=True)
TAIL = Frame("tail", _tail, sections=True)
_FRAMES = (
    Frame("kubectl logs --prefix", _named(_PREFIX)),
    Frame("JSON of a log collector", _json),
    Frame("CRI", _cri),
    Frame("kail", _named(_KAIL)),
    Frame("kubetail", _named(_KUBETAIL)),
    Frame("stern", _named(_STERN)),
    Frame("compose", _compose),
)

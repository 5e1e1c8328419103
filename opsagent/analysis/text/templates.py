"""Near-identical lines as one template: what a line is, once, and where it goes from then on."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, compress, islice
from operator import attrgetter, itemgetter, not_
from typing import Any

from opsagent.analysis.text import levels
from opsagent.analysis.text.gauges import UNASKED, Extremes
from opsagent.analysis.text.kinds import judge
from opsagent.analysis.text.levels import Level
from opsagent.analysis.text.numbers import NumberPlaces, meaning, places
from opsagent.analysis.text.traces import LineShape, Trace, shape_of
from opsagent.models.digest import GroupKind

STAMP_WIDTH = 64  # bytes at the start of a line in which its time is searched for
SAMPLE_WIDTH = 1200
_ALIASES = 120_000
_GROUPS = 6_000
_CROWD = 192  # different plain lines of one build before further ones are merged
_CLOSELY = 4_000  # new templates checked closely before the pace is set by the length of the log
_STARTS = 2_000
_START = itemgetter(slice(24))  # of a line without digits: its stamp, its level, the program's name
_VARIANTS = 96  # different meanings of one template's numbers

_HEX = b"0123456789abcdefABCDEF-"
_VARIABLE = re.compile(
    rb"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\b(?=[a-fA-F]*\d)[0-9a-fA-F]{6,}\b|\b[\w.+-]+@[\w-]+\.[\w.]+|\d+|(?<==)[A-Za-z0-9+/_-]{24,}"
)
_JSON_TIME = re.compile(rb'"(?:ts|time|timestamp|@timestamp)"')


def _text(line: bytes) -> str:
    return line[:SAMPLE_WIDTH].decode("utf-8", "replace")


class Group:
    """The lines of one template so far."""

    __slots__ = (
        "count", "first", "first_stamp", "gauges", "kind", "last", "last_stamp", "newest", "numbers", "sample", "shape",
        "variants",
    )  # fmt: skip

    def __init__(self, kind: GroupKind, shape: int, sample: bytes, n: int) -> None:
        self.kind: GroupKind = kind
        self.shape = shape
        self.sample = self.newest = sample
        self.count = 0
        self.first = n
        self.last = n
        self.first_stamp = self.last_stamp = sample if shape & LineShape.LATE_STAMP else sample[:STAMP_WIDTH]
        self.numbers: NumberPlaces | None = None  # those that keep lines of this template apart
        self.variants: dict[bytes, Group] = {}  # by their marks, and by their meanings
        self.gauges: Extremes | None = UNASKED if kind not in ("traceback", "noise") else None

    def begin(self, line: bytes, n: int) -> None:
        """Take this line as the first, where earlier ones was inside a traceback."""
        self.shape &= ~LineShape.FRESH
        self.first, self.sample = n, line[:SAMPLE_WIDTH]
        self.newest = line[:SAMPLE_WIDTH]
        self.first_stamp = self.stamp(line)

    def end(self, line: bytes, n: int) -> None:
        """Take this line as the last, unless a later one was seen."""
        if n > self.last:
            self.last, self.last_stamp, self.newest = n, self.stamp(line), line[:SAMPLE_WIDTH]

    def stamp(self, line: bytes) -> bytes:
        """Cut what holds the time of a line."""
        return line[: SAMPLE_WIDTH if self.shape & LineShape.LATE_STAMP else STAMP_WIDTH]


class Templates:
    """All templates of one log, bounded whatever the log holds."""

    def __init__(self) -> None:
        self.aliases: dict[
            int, Group
        ] = {}  # hash of a line without digits -> its group; hashes, because lines are long
        self._coarse: dict[int, Group] = {}
        self._crowds: dict[int, int] = {}
        self.groups: list[Group] = []
        self.rest = Group("plain", LineShape.PLAIN, b"", 0)  # lines beyond every bound
        self._vocabulary = levels.Vocabulary()
        self.made_room = 0  # how often: groups that were known before may have gone
        self._starts: set[bytes] = set()  # how lines without digits began
        self._met = 0  # new templates that were checked closely

    def meet(self, key: int, stripped: bytes, line: bytes, n: int) -> Group:
        """Find or make the group of a line that was not seen in this form before."""
        if len(self.aliases) >= _ALIASES:
            self.aliases.clear()
        coarse = hash(stripped.translate(None, _HEX))
        group = self._coarse.get(coarse)
        if group is None:
            group = self._new(stripped, line, n, coarse)
            self._note(coarse, group)
        self.aliases[key] = group
        return group

    def admit(self, fresh: list[bytes], n: int) -> list[bytes]:
        """Choose which new lines are checked closely: where nearly every line is new, checking all takes forever.

        fresh: lines without digits. n: the lines before them. What is left out begins as others did and holds no root
        of a failure, or is behind very many that do.
        """
        room = max(0, _CLOSELY + n // 256 - self._met)
        starts = list(map(_START, fresh)) if len(self._starts) < _STARTS else []  # beyond, they report nothing
        if len(fresh) > room:
            more = max(0, 2 * _CLOSELY + n // 32 - self._met - room)
            others = compress(fresh[room:], map(not_, map(self._starts.__contains__, starts[room:])))
            telling = dict.fromkeys(chain(_with_roots(fresh[room:]), others))
            fresh = fresh[:room] + list(islice(telling, more))
        self._starts.update(starts)
        return fresh

    def trace(self, trace: Trace) -> Group:
        """Find or make the group of a finished traceback."""
        verdict = trace.verdict
        key = hash(("traceback", verdict.translate(None, b"0123456789")))
        group = self._coarse.get(key)
        if group is None:
            template = hash(("traceback", _VARIABLE.sub(b"", verdict)))
            group = self._coarse.get(template)
            if group is None:
                group = self.add("traceback", LineShape.PLAIN, trace.text(), trace.first, template)
                group.first_stamp = trace.stamp
            self._note(key, group)
        return group

    def _note(self, key: int, group: Group) -> None:
        if len(self._coarse) >= _ALIASES:
            self._coarse.clear()
        self._coarse[key] = group

    def _new(self, stripped: bytes, line: bytes, n: int, coarse: int) -> Group:
        self._met += 1
        lowered = stripped[:SAMPLE_WIDTH].decode("latin-1").lower()
        words = lowered.split()
        telling = self._vocabulary.telling(words)
        shape = shape_of(line)
        if not telling:
            stated = levels.states_level(line)
            level = levels.level_of(_text(line)) if stated else Level.NONE
            if level < Level.WARNING:
                return self._same(
                    hash((shape, self._crowd(coarse, words))),
                    "plain",
                    shape,
                    line,
                    n,
                    means=stated and line[:1] == b"{",
                )
            telling = (level.name,)
        # Where very many lines show the same, they are of one kind: checking closely at each would take too long.
        crowd = hash((shape, len(words), telling))
        size = self._crowds.get(crowd, 0)
        if size >= _CROWD // 8 and (group := self._coarse.get(crowd)) is not None:
            return group
        self._crowds[crowd] = size + 1
        kind = judge(_text(line), lowered)
        if kind in ("plain", "noise"):
            template = hash((kind, shape, self._crowd(coarse, words)))
        else:
            template = hash((kind, shape, _VARIABLE.sub(b"", line[:SAMPLE_WIDTH])))
        group = self._same(template, kind, shape, line, n)
        self._coarse[crowd] = group
        return group

    def _same(self, template: int, kind: GroupKind, shape: int, line: bytes, n: int, *, means: bool = True) -> Group:
        found = self._coarse.get(template)
        if found is not None:
            return found
        if line[:1] == b"{" and (time := _JSON_TIME.search(line)) and time.end() > STAMP_WIDTH - 36:
            shape |= LineShape.LATE_STAMP
        group = self.add(kind, shape, line[:SAMPLE_WIDTH], n, template)
        if means and (numbers := places(line)):
            group.numbers = numbers
            group.shape |= LineShape.SPLITS
        return group

    def _crowd(self, coarse: int, words: list[str]) -> int:
        build = hash((len(words), *words[:2]))
        size = self._crowds.get(build, 0)
        if size < _CROWD:
            if len(self._crowds) > _GROUPS * 4:
                self._crowds.clear()
            self._crowds[build] = size + 1
            return coarse
        return hash((build, *words[2:3], *words[-1:]))

    def add(self, kind: GroupKind, shape: int, sample: bytes, n: int, template: int | None = None) -> Group:
        """Begin a group; where there are too many, those that show least make room."""
        if len(self.groups) >= _GROUPS:
            self._make_room()
        group = Group(kind, shape, sample, n)
        self.groups.append(group)
        if template is not None:
            self._coarse[template] = group
        return group

    def variant(self, group: Group, mark: bytes, line: bytes, n: int) -> Group:
        """Find or make the part of a group whose numbers mean what this line's do; `mark` is what they look like."""
        variants = group.variants
        found = variants.get(mark)
        if found is None:
            if not group.shape & LineShape.SPLITS:
                return group  # too many of them: these numbers do not mean what they seemed to
            meant = b"\0" + meaning(line)  # of several checks that mean the same; no mark begins so
            found = variants.get(meant) or (self._vary(group, line, n) if variants else group)
            variants[mark] = variants[meant] = found
            if len(variants) > _VARIANTS:
                group.shape &= ~LineShape.SPLITS
        return found

    def _vary(self, group: Group, line: bytes, n: int) -> Group:
        sample = line[:SAMPLE_WIDTH]
        lowered = sample.decode("latin-1").lower()
        return self.add(judge(_text(line), lowered), group.shape, sample, n)

    def close(self) -> None:
        """End the log: the first of a template's parts is the template itself, and as a cycle it would stay."""
        for group in self.groups:
            group.variants = {}

    def _make_room(self) -> None:
        """Keep the half that shows most: failures, then the most frequent, then the newest."""
        self.made_room += 1
        self.aliases.clear()
        self._coarse.clear()
        telling = [g for g in self.groups if g.kind in ("traceback", "error", "warning")]
        others = [g for g in self.groups if g.kind not in ("traceback", "error", "warning")]
        kept = telling[: _GROUPS // 6] + telling[_GROUPS // 6 :][-_GROUPS // 6 :]
        frequent = sorted(others, key=attrgetter("count"), reverse=True)[: _GROUPS // 6]
        keep = {id(g) for g in (*kept, *frequent, *others[-_GROUPS // 12 :])}
        for group in self.groups:
            group.variants = {}
            if id(group) not in keep:
                group.shape |= LineShape.GONE
                self.rest.count += group.count
        self.groups = [g for g in self.groups if id(g) in keep]


@cache
def _roots() -> Any:
    # Late: its library costs 20 ms, and only a log of which nearly every line is new needs it. One pass for all words.
    import re2  # noqa: PLC0415

    return re2.compile(f"(?i){'|'.join(levels.ROOTS)}".encode())


def _with_roots(lines: list[bytes]) -> Iterator[bytes]:
    """Yield the lines that hold a root of a failure."""
    whole = b"\n".join(lines)
    search, at = _roots().search, 0
    while (hit := search(whole, at)) is not None:
        start = whole.rfind(b"\n", 0, hit.start()) + 1
        at = whole.find(b"\n", hit.end())
        at = len(whole) if at < 0 else at
        yield whole[start:at]

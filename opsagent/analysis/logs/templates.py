"""Near-identical lines as one template: what a line is, once, and where it goes from then on."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any

from opsagent.analysis.logs import levels
from opsagent.analysis.logs.levels import Level
from opsagent.analysis.logs.traces import Shape, Trace, shape_of
from opsagent.models.digest import GroupKind

STAMP_WIDTH = 64  # bytes at the start of a line in which its time is looked for
SAMPLE_WIDTH = 1200
_ALIASES = 120_000
_GROUPS = 6_000
_CROWD = 192  # different plain lines of one build before further ones are merged
_CLOSELY = 4_000  # new templates looked at closely before the pace is set by the length of the log
_VARIANTS = 96  # different meanings of one template's numbers
_MARK = 5  # bytes behind an anchor that say which number stands there

_HEX = b"0123456789abcdefABCDEF-"
_VARIABLE = re.compile(
    rb"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\b(?=[a-fA-F]*\d)[0-9a-fA-F]{6,}\b|\b[\w.+-]+@[\w-]+\.[\w.]+|\d+|(?<==)[A-Za-z0-9+/_-]{24,}"
)
# Numbers that mean something: status and exit codes, counts of failures (none or some), ports that are listened on.
_MEANING = re.compile(
    rb"""" ([1-5]\d\d)(?=\s|$)"""
    rb"""|(?:status(?:_?code)?|http|code|errno|signal|exited with)["']?\s*[:= ]\s*"?\(?(\d{1,5})\b"""
    rb"""|\| ([1-5]\d\d) \|| (?:server error|client error)[: (]+(\d{3})"""
    rb"""|\b(\d+) (?:errors?|failures?|failed|warnings?|retries|timeouts?)\b"""
    rb"""|(?:errors?|failures?|failed|warnings?|timeouts?)(?:_?count|_?total)?["']?\s*[:=]\s*(\d+)"""
    rb"""|(?:->|[\w.\]]:|port["']?\s*[:= ]\s*)([1-9]\d{1,4})(?!\d|[:.\-]\d)""",
    re.IGNORECASE,
)
_COUNTS, _PORT = (5, 6), 7  # places in _MEANING
_NO_DIGITS = re.compile(rb"[^\d]+$")
_DIGITS = re.compile(rb"\d+")
_EPHEMERAL = 32_768
_JSON_TIME = re.compile(rb'"(?:ts|time|timestamp|@timestamp)"')


class Group:
    """The lines of one template so far."""

    __slots__ = (
        "anchor", "anchors", "count", "first", "first_stamp", "kind", "last", "last_stamp", "runs", "sample", "shape",
        "variants",
    )  # fmt: skip

    def __init__(self, kind: GroupKind, shape: int, sample: bytes, n: int) -> None:
        self.kind: GroupKind = kind
        self.shape = shape
        self.sample = sample
        self.count = 0
        self.first = n
        self.last = n
        self.first_stamp = self.last_stamp = sample if shape & Shape.LATE_STAMP else sample[:STAMP_WIDTH]
        self.anchors: tuple[bytes, ...] = ()  # what stands before the numbers that mean something
        self.anchor = b""  # the only one of them
        self.runs: tuple[
            int, ...
        ] = ()  # which of the line's numbers they are, where nothing distinct stands before them
        self.variants: dict[bytes, Group] | None = None

    def begin(self, line: bytes, n: int) -> None:
        """Take this line as the first, where earlier ones stood inside a traceback."""
        self.shape &= ~Shape.FRESH
        self.first, self.sample = n, line[:SAMPLE_WIDTH]
        self.first_stamp = line[:STAMP_WIDTH]


def judge(line: bytes, lowered: str) -> GroupKind:
    """Say of what kind a telling line is; `lowered` is the line in lower case without digits."""
    noise = levels.any_of(levels.NOISE, lowered)
    strong = levels.any_of(levels.STRONG, lowered)
    text = line[:SAMPLE_WIDTH].decode("utf-8", "replace")
    access = levels.ACCESS.search(text)
    if access:
        return _judge_access(int(access["status"] or access["gin"]), noise=noise)
    level = levels.level_of(text)
    if noise and level <= Level.INFO and not strong:
        return "noise"
    if levels.BENIGN.search(text) and level < Level.ERROR:
        return "plain"
    if not strong and not levels.any_of(levels.WEAK, lowered):
        return "plain"
    return _judge_level(level, strong=strong)


def _judge_access(status: int, *, noise: bool) -> GroupKind:
    if status >= 500:
        return "error"
    if noise:
        return "noise"
    return "warning" if status in (401, 403, 407, 408, 413, 429, 499) else "plain"


def _judge_level(level: Level, *, strong: bool) -> GroupKind:
    if level >= Level.ERROR:
        return "error"
    if level == Level.WARNING:
        return "warning"
    if level == Level.NONE:
        return "error" if strong else "warning"
    return "warning" if strong else "plain"


def _read(line: bytes, start: int = 0) -> list[tuple[int, bytes]]:
    """Take the numbers of a line that keep it apart from its like: where each begins, and what it comes to."""
    found: list[tuple[int, bytes]] = []
    for match in _MEANING.finditer(line, start, start + SAMPLE_WIDTH):
        at = next(i for i, number in enumerate(match.groups(), 1) if number is not None)
        number = match[at]
        if at in _COUNTS:
            number = b"0" if not number.strip(b"0") else b"n"
        elif at == _PORT and int(number) >= _EPHEMERAL:
            number = b"-"
        found.append((match.start(at), number))
    return found[:2]


def _anchor(group: Group, line: bytes) -> None:
    """Note where the numbers that mean something stand, so that the next line like this needs no search."""
    starts = [at for at, _ in _read(line)]
    anchors = []
    for at in starts:
        before = _NO_DIGITS.search(line, max(0, at - 24), at)
        if before and line.find(before[0]) == before.start():
            anchors.append(before[0])
    if starts:
        group.shape |= Shape.SPLITS
        if len(anchors) == len(starts):
            group.anchors = tuple(anchors)
            group.anchor = anchors[0] if len(anchors) == 1 else b""
        else:
            runs = [run.start() for run in _DIGITS.finditer(line, 0, SAMPLE_WIDTH)]
            group.runs = tuple(runs.index(at) for at in starts if at in runs)


class Templates:
    """All templates of one log, bounded whatever the log holds."""

    def __init__(self) -> None:
        self.aliases: dict[
            int, Group
        ] = {}  # hash of a line without digits -> its group; hashes, because lines are long
        self._coarse: dict[int, Group] = {}
        self._crowds: dict[int, int] = {}
        self.groups: list[Group] = []
        self.traces: dict[int, Group] = {}
        self.rest = Group("plain", Shape.PLAIN, b"", 0)  # lines beyond every bound
        self.generation = 0  # how often room was made: groups that were known before may have gone
        self._vocabulary = levels.Vocabulary()
        self._met = 0  # new templates that were looked at closely

    def meet(self, key: int, stripped: bytes, line: bytes, n: int) -> Group:
        """Find or make the group of a line that was not seen in this form before."""
        if len(self.aliases) >= _ALIASES:
            self.aliases.clear()
        coarse = hash(stripped.translate(None, _HEX))
        group = self._coarse.get(coarse)
        if group is None:
            group = self._new(stripped, line, n, coarse)
            if len(self._coarse) >= _ALIASES:
                self._coarse.clear()
            self._coarse[coarse] = group
        self.aliases[key] = group
        return group

    def admit(self, fresh: list[bytes], n: int) -> list[bytes]:
        """Choose which new lines are looked at closely: where nearly every line is new, looking at all takes forever.

        fresh: lines without digits. n: the lines before them. What is left out holds no root of a failure, or stands
        behind very many that do.
        """
        room = max(0, _CLOSELY + n // 64 - self._met)
        if len(fresh) <= room:
            return fresh
        more = max(0, 2 * _CLOSELY + n // 32 - self._met - room)
        return fresh[:room] + list(islice(_with_roots(fresh[room:]), more))

    def trace(self, trace: Trace) -> Group:
        """Find or make the group of a finished traceback."""
        group = self.traces.get(trace.signature)
        if group is None:
            verdict = hash(("traceback", _VARIABLE.sub(b"", trace.verdict)))
            group = self._coarse.get(verdict)
            if group is None:
                group = self.add("traceback", Shape.PLAIN, trace.text(), trace.first, verdict)
                group.first_stamp = trace.stamp
            if len(self.traces) >= _ALIASES // 8:
                self.traces.clear()
            self.traces[trace.signature] = group
        return group

    def _new(self, stripped: bytes, line: bytes, n: int, coarse: int) -> Group:
        self._met += 1
        lowered = stripped[:SAMPLE_WIDTH].decode("latin-1").lower()
        words = lowered.split()
        telling = self._vocabulary.telling(words)
        shape = shape_of(line)
        if not telling:
            return self._same(hash((shape, self._crowd(coarse, words))), "plain", shape, line, n, means=False)
        # Where very many lines tell the same, they are of one kind: looking closely at each would take too long.
        crowd = hash((shape, len(words), telling))
        size = self._crowds.get(crowd, 0)
        if size >= _CROWD // 8 and (group := self._coarse.get(crowd)) is not None:
            return group
        self._crowds[crowd] = size + 1
        kind = judge(line, lowered)
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
            shape |= Shape.LATE_STAMP
        group = self.add(kind, shape, line[:SAMPLE_WIDTH], n, template)
        if means:
            _anchor(group, line)
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
        """Begin a group; where there are too many, those that tell least make room."""
        if len(self.groups) >= _GROUPS:
            self._make_room()
        group = Group(kind, shape, sample, n)
        self.groups.append(group)
        if template is not None:
            self._coarse[template] = group
        return group

    def marks(self, group: Group, lines: list[bytes]) -> list[bytes]:
        """Cut out of each line the numbers that mean something."""
        anchor = group.anchor
        if not anchor:
            return [self._mark(group, line) for line in lines]
        width = len(anchor)
        return [line[(at := line.find(anchor) + width) : at + _MARK] for line in lines]

    def _mark(self, group: Group, line: bytes) -> bytes:
        if group.runs:
            numbers = _DIGITS.findall(line, 0, SAMPLE_WIDTH)
            return b" ".join(numbers[run] for run in group.runs if run < len(numbers))
        starts = [line.find(anchor) + len(anchor) for anchor in group.anchors]
        return b"".join(line[at : at + _MARK] for at in starts)

    def variant(self, group: Group, line: bytes, n: int, mark: bytes | None = None) -> Group:
        """Find or make the part of a group whose numbers mean the same as this line's."""
        if not group.shape & Shape.SPLITS:
            return group
        variants = group.variants
        if variants is None:
            variants = group.variants = {}
        mark = self._mark(group, line) if mark is None else mark
        found = variants.get(mark)
        if found is None:
            found = self._vary(group, variants, line, n)
            variants[mark] = found
            if len(variants) > _VARIANTS:
                group.shape &= ~Shape.SPLITS
        return found

    def _vary(self, group: Group, variants: dict[bytes, Group], line: bytes, n: int) -> Group:
        meaning = b"\0" + b" ".join(number for _, number in _read(line))
        found = variants.get(meaning)
        if found is None:
            if not variants:
                found = group
            else:
                lowered = line[:SAMPLE_WIDTH].decode("latin-1").lower()
                found = self.add(judge(line, lowered), group.shape, line[:SAMPLE_WIDTH], n)
            variants[meaning] = found
        return found

    def _make_room(self) -> None:
        """Keep the half that tells most: failures, then the most frequent, then the newest."""
        self.generation += 1
        self.aliases.clear()
        self._coarse.clear()
        self.traces.clear()
        telling = [g for g in self.groups if g.kind in ("traceback", "error", "warning")]
        others = [g for g in self.groups if g.kind not in ("traceback", "error", "warning")]
        kept = telling[: _GROUPS // 6] + telling[_GROUPS // 6 :][-_GROUPS // 6 :]
        frequent = sorted(others, key=attrgetter("count"), reverse=True)[: _GROUPS // 6]
        keep = {id(g) for g in (*kept, *frequent, *others[-_GROUPS // 12 :])}
        for group in self.groups:
            group.variants = None
            if id(group) not in keep:
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

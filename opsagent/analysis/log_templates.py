"""Near-identical lines as one template: what a line is, once, and where it goes from then on."""

import re
from operator import attrgetter

from opsagent.analysis import log_levels as levels
from opsagent.analysis.log_levels import Level
from opsagent.analysis.log_traces import Shape, Trace, shape_of
from opsagent.models.digest import GroupKind

STAMP_WIDTH = 64  # bytes at the start of a line in which its time is looked for
SAMPLE_WIDTH = 1200
_ALIASES = 120_000
_GROUPS = 6_000
_CROWD = 192  # different plain lines of one build before further ones are merged
_CLOSELY = 20_000  # new templates looked at closely before the pace is set by the length of the log
_VARIANTS = 48  # different meanings of one template's numbers

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
    rb"""|(?:->|[\w.\]]:|port["']?\s*[:= ]\s*)([1-9]\d{1,4})(?![\d:.\-])""",
    re.IGNORECASE,
)
_MEANS = re.compile(
    rb"""" [1-5]\d\d(?:\s|$)|status|http[ /]|\bcode\b|exit|errno|signal|\| [1-5]\d\d \||(?:server|client) error"""
    rb"""|\d (?:\w+ )?(?:error|fail|warn|retr|timeout)|(?:error|fail|warn|timeout)\w*["']?\s*[:=]\s*\d""",
    re.IGNORECASE,
)
_EPHEMERAL = 32_768
_JSON_TIME = re.compile(rb'"(?:ts|time|timestamp|@timestamp)"')


class Group:
    """The lines of one template so far."""

    __slots__ = ("count", "first", "first_stamp", "kind", "last", "last_stamp", "sample", "shape", "variants")

    def __init__(self, kind: GroupKind, shape: Shape, sample: bytes, n: int) -> None:
        self.kind: GroupKind = kind
        self.shape = int(shape)  # a plain int: tested once for every line
        self.sample = sample
        self.count = 0
        self.first = n
        self.last = n
        self.first_stamp = self.last_stamp = sample if shape & Shape.LATE_STAMP else sample[:STAMP_WIDTH]
        self.variants: dict[tuple[bytes, ...], Group] | None = None

    def begin(self, line: bytes, n: int) -> None:
        """Take this line as the first, where earlier ones stood inside a traceback."""
        self.shape &= ~int(Shape.FRESH)
        self.first, self.sample = n, line[:SAMPLE_WIDTH]
        self.first_stamp = line[:STAMP_WIDTH]


def judge(line: bytes, lowered: bytes) -> GroupKind:
    """Say of what kind one line is; `lowered` is the line in lower case without digits."""
    noise = levels.any_of(levels.NOISE, lowered)
    strong = levels.any_of(levels.STRONG, lowered)
    if not strong and not noise and not levels.any_of(levels.WEAK, lowered) and b'" ' not in lowered:
        return "plain"
    text = line[:SAMPLE_WIDTH].decode("utf-8", "replace")
    access = levels.ACCESS.search(text)
    if access:
        return _judge_access(int(access["status"] or access["gin"]), noise=noise)
    level = levels.level_of(text)
    if noise and level <= Level.INFO and not (strong and levels.any_of(levels.ERROR_ROOTS, lowered)):
        return "noise"
    if levels.BENIGN.search(text) and level < Level.ERROR:
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


def meaning_of(line: bytes) -> tuple[bytes, ...]:
    """Take the numbers of a line that keep it apart from its like: codes, counts as none or some, ports."""
    found: list[bytes] = []
    for match in _MEANING.finditer(line[:SAMPLE_WIDTH]):
        access, code, gin, http, many, count, port = match.groups()
        if many or count:
            found.append(b"0" if int((many or count)[:9]) == 0 else b"n")
        elif port:
            found.append(port if int(port) < _EPHEMERAL else b"-")
        else:
            found.append(access or code or gin or http)
    return tuple(found[:6])


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
        self._rest_indented = Group("plain", Shape.INDENTED, b"", 0)
        self._met = 0  # new templates that were looked at closely

    def meet(self, key: int, stripped: bytes, line: bytes, n: int) -> Group:
        """Find or make the group of a line that was not seen in this form before."""
        if len(self.aliases) >= _ALIASES:
            self.aliases.clear()
        coarse = hash(stripped.translate(None, _HEX))
        group = self._coarse.get(coarse)
        if group is None:
            if self._met > _CLOSELY + n // 16 and not self._worth_it(stripped, n):
                return self._crowded_out(line, n)
            group = self._new(stripped, line, n)
            if len(self._coarse) >= _ALIASES:
                self._coarse.clear()
            self._coarse[coarse] = group
        self.aliases[key] = group
        return group

    def _worth_it(self, stripped: bytes, n: int) -> bool:
        return self._met < 3 * _CLOSELY + n // 8 and levels.any_of(levels.ROOTS, stripped[:SAMPLE_WIDTH].lower())

    def _crowded_out(self, line: bytes, n: int) -> Group:
        """Count a line among the rest: where every line is new, looking closely at each would take forever."""
        if not self.rest.first:
            self.rest.first = n
            self.rest.sample = line[:SAMPLE_WIDTH]
        return self._rest_indented if line[:1] in (b" ", b"\t") else self.rest

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

    def _new(self, stripped: bytes, line: bytes, n: int) -> Group:
        self._met += 1
        lowered = stripped[:4096].lower()
        kind = judge(line, lowered)
        shape = shape_of(line)
        if kind in ("plain", "noise"):
            template = hash((kind, shape, self._crowd(stripped)))
            shape |= (
                Shape.SPLITS if b'" ' in lowered and levels.ACCESS.search(line[:600].decode("latin-1")) else Shape.PLAIN
            )
        else:
            template = hash((kind, shape, _VARIABLE.sub(b"", line[:SAMPLE_WIDTH])))
            shape |= Shape.SPLITS
        shape |= (
            Shape.SPLITS
            if _MEANS.search(lowered[:SAMPLE_WIDTH]) and _MEANS.search(line[:SAMPLE_WIDTH])
            else Shape.PLAIN
        )
        if line[:1] == b"{" and (time := _JSON_TIME.search(line)) and time.end() > STAMP_WIDTH - 36:
            shape |= Shape.LATE_STAMP
        found = self._coarse.get(template)
        return found if found is not None else self.add(kind, shape, line[:SAMPLE_WIDTH], n, template)

    def _crowd(self, stripped: bytes) -> int:
        words = stripped.split(None, 40)
        build = hash((len(words), *words[:2]))
        size = self._crowds.get(build, 0)
        if size < _CROWD:
            if len(self._crowds) > _GROUPS:
                self._crowds.clear()
            self._crowds[build] = size + 1
            return hash(stripped.translate(None, _HEX))
        return hash((build, words[2:3], words[-1:]))

    def add(self, kind: GroupKind, shape: Shape, sample: bytes, n: int, template: int | None = None) -> Group:
        """Begin a group; where there are too many, those that tell least make room."""
        if len(self.groups) >= _GROUPS:
            self._make_room()
        group = Group(kind, shape, sample, n)
        self.groups.append(group)
        if template is not None:
            self._coarse[template] = group
        return group

    def variant(self, group: Group, line: bytes, n: int) -> Group:
        """Find or make the part of a group whose numbers mean the same as this line's."""
        meaning = meaning_of(line)
        if not meaning:
            return group
        if group.variants is None:
            group.variants = {}
        found = group.variants.get(meaning)
        if found is None:
            if len(group.variants) >= _VARIANTS:
                return group
            lowered = line[:SAMPLE_WIDTH].lower()
            found = group if not group.variants and not group.count else self.add(
                judge(line, lowered), Shape(group.shape), line[:SAMPLE_WIDTH], n
            )  # fmt: skip
            group.variants[meaning] = found
        return found

    def _make_room(self) -> None:
        """Keep the half that tells most: failures, then the most frequent, then the newest."""
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

"""Count the lines of a log into templates, a block at a time: what costs time is done once for each different line."""

from collections import Counter
from collections.abc import Iterable

from opsagent.analysis.logs.templates import SAMPLE_WIDTH, STAMP_WIDTH, Group, Templates
from opsagent.analysis.logs.traces import Shape, Trace

_STARTS = Shape.OPENS | Shape.FRAME
_CLOSELY = Shape.SPLITS | Shape.FRESH  # not counted by the look of the line alone
_TAKEN_AS_SEEN = Shape.OPENS | Shape.TRAILS


class Tally:
    """The lines of one log so far."""

    def __init__(self) -> None:
        self.templates = Templates()
        self.lines = 0
        self._trace: Trace | None = None
        self._prev: tuple[Group | None, bytes, int] = (None, b"", 0)  # the last line of the block before

    def count(self, lines: list[bytes], bare: list[bytes]) -> None:
        """Take the next lines; `bare` are the same without digits: those that are equal there are counted at once."""
        counts = Counter(bare)
        known: list[tuple[bytes, Group]] = []
        fresh: list[bytes] = []
        walked: set[bytes] = set()
        find, generation = self.templates.aliases.get, self.templates.generation
        for text in counts:
            group = find(hash(text))
            if group is None:
                fresh.append(text)
            elif group.shape & _STARTS:
                walked.add(text)
            else:
                known.append((text, group))
        admitted = self.templates.admit(fresh, self.lines)
        walked.update(admitted)
        block = _Block(lines, bare, self.lines)
        if walked or self._trace:
            self._walk(block, walked)
        if generation != self.templates.generation:
            known = []
            admitted = [text for text in counts if text not in walked] + admitted
        met = [(text, group) for text in admitted if (group := find(hash(text))) is not None]
        self._account(block, counts, [*known, *met])
        if len(admitted) < len(fresh):
            self._leave(block, counts, fresh)
        self.lines += len(lines)
        last = None if len(lines) - 1 in block.taken else find(hash(bare[-1]))
        self._prev = (last, lines[-1], hash(bare[-1]))

    def close(self) -> None:
        """End the log."""
        self._end_trace()

    def _walk(self, block: "_Block", wanted: set[bytes]) -> None:
        """Look in their order at the lines that are new or may begin a traceback, and follow those that do."""
        lines, bare, base = block.lines, block.bare, block.base
        find, meet = self.templates.aliases.get, self.templates.meet
        done = self._follow(block, 0) if self._trace else 0
        for at in [at for at, text in enumerate(bare) if text in wanted]:
            if at < done:
                continue
            key = hash(bare[at])
            group = find(key) or meet(key, bare[at], lines[at], base + at + 1)
            if group.shape & _STARTS:
                self._begin(block, at, group)
                done = self._follow(block, at + 1)

    def _follow(self, block: "_Block", at: int) -> int:
        """Give the lines from `at` on to the traceback, as far as they belong to it; return where it ends."""
        end = len(block.lines)
        while at < end:
            group = self._goes_on(block, at)
            if group is not None:
                self._end_trace()
                if not group.shape & _STARTS:
                    return at
                self._begin(block, at, group)
            else:
                block.taken.add(at)
            at += 1
        return at

    def _goes_on(self, block: "_Block", at: int) -> Group | None:
        """Give one line to the traceback; return its group where it does not belong to it."""
        trace, line, text, n = self._trace, block.lines[at], block.bare[at], block.base + at + 1
        assert trace is not None
        key = hash(text)
        group = self.templates.aliases.get(key)
        if group is None:
            if trace.frame(text, line, key, n):
                return None
            group = self.templates.meet(key, text, line, n)
        shape = group.shape & Shape.IN_TRACE
        if not (shape & Shape.INDENTED and not shape & _TAKEN_AS_SEEN and trace.frame(b" ", line, key, n)):
            if not trace.takes(shape, line):
                return group
            trace.add(shape, line, key, n)
        if not group.count:
            group.shape |= Shape.FRESH
        return None

    def _begin(self, block: "_Block", at: int, group: Group) -> None:
        shape, line, n = group.shape & Shape.IN_TRACE, block.lines[at], block.base + at + 1
        key = hash(block.bare[at])
        block.taken.add(at)
        if not group.count:
            group.shape |= Shape.FRESH
        if shape & Shape.OPENS:
            self._trace = Trace(n, None, 0)
            self._trace.open_with(line, key, n)
            return
        # A frame without a head line: the line before it was the head.
        head_line = self._head(block, at)
        if head_line is None:
            self._trace = Trace(n, None, 0)
        else:
            self._trace = Trace(n - 1, head_line, hash(block.bare[at - 1]) if at else self._prev[2])
        self._trace.add(shape, line, key, n)

    def _head(self, block: "_Block", at: int) -> bytes | None:
        """Return the line before, which then counts for the traceback and no longer for itself; None without one."""
        if at:
            line, group = block.lines[at - 1], self.templates.aliases.get(hash(block.bare[at - 1]))
            if at - 1 in block.taken or not line.strip():
                return None
            block.taken.add(at - 1)
            if group is not None and not group.count:
                group.shape |= Shape.FRESH
            return line
        group, line, _ = self._prev
        if group is None or not line.strip():
            return None
        group = self.templates.variant(group, line, block.base) if group.shape & Shape.SPLITS else group
        group.count -= 1
        return line

    def _end_trace(self) -> None:
        trace, self._trace = self._trace, None
        if trace is not None:
            group = self.templates.trace(trace)
            group.count += 1
            group.last, group.last_stamp = trace.last, trace.stamp

    def _account(self, block: "_Block", counts: Counter[bytes], groups: Iterable[tuple[bytes, Group]]) -> None:
        """Count the lines that are no part of a traceback."""
        touched = {block.bare[at] for at in block.taken}
        last = dict(zip(block.bare, range(len(block.bare)), strict=True))
        closely: set[bytes] = set()
        for text, group in groups:
            if group.shape & _CLOSELY or text in touched:
                closely.add(text)
                continue
            group.count += counts[text]
            block.ends(group, last[text])
        if not closely:
            return
        places: dict[bytes, list[int]] = {text: [] for text in closely}
        for at, text in enumerate(block.bare):
            if text in places:
                places[text].append(at)
        for text in sorted(closely, key=lambda text: places[text][0]):
            where = [at for at in places[text] if at not in block.taken] if text in touched else places[text]
            if not where:
                continue
            found = self.templates.aliases.get(hash(text))
            if found is None:  # it had to make room
                first = where[0]
                found = self.templates.meet(hash(text), text, block.lines[first], block.base + first + 1)
            self._count_closely(block, found, where)

    def _count_closely(self, block: "_Block", group: Group, places: list[int]) -> None:
        if group.shape & Shape.FRESH:
            group.begin(block.lines[places[0]], block.base + places[0] + 1)
        if not group.shape & Shape.SPLITS:
            group.count += len(places)
            block.ends(group, places[-1])
            return
        marks = self.templates.marks(group, [block.lines[at] for at in places])
        counts, last = Counter(marks), dict(zip(marks, places, strict=True))
        first = dict(zip(reversed(marks), reversed(places), strict=True))
        for mark, count in counts.items():
            at = first[mark]
            variant = self.templates.variant(group, block.lines[at], block.base + at + 1, mark)
            variant.count += count
            block.ends(variant, last[mark])

    def _leave(self, block: "_Block", counts: Counter[bytes], fresh: list[bytes]) -> None:
        """Count what there was no time for among the rest."""
        find, rest = self.templates.aliases.get, self.templates.rest
        left = {text for text in fresh if find(hash(text)) is None}
        taken = sum(block.bare[at] in left for at in block.taken)
        lost = sum(counts[text] for text in left) - taken
        if lost <= 0:
            return
        at = next(at for at in range(len(block.bare) - 1, -1, -1) if block.bare[at] in left and at not in block.taken)
        if not rest.first:
            rest.first = block.base + at + 1
            rest.sample, rest.first_stamp = block.lines[at][:SAMPLE_WIDTH], block.lines[at][:STAMP_WIDTH]
        rest.count += lost
        block.ends(rest, at)


class _Block:
    """Lines that are counted together, and which of them a traceback took."""

    __slots__ = ("bare", "base", "lines", "taken")

    def __init__(self, lines: list[bytes], bare: list[bytes], base: int) -> None:
        self.lines = lines
        self.bare = bare
        self.base = base  # lines before it
        self.taken: set[int] = set()

    def ends(self, group: Group, at: int) -> None:
        """Note the last line of a group."""
        group.last = self.base + at + 1
        group.last_stamp = self.lines[at][: SAMPLE_WIDTH if group.shape & Shape.LATE_STAMP else STAMP_WIDTH]

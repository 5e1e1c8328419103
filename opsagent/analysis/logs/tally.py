"""Count the lines of a log into templates, a block at a time: what costs time is done once for each different line."""

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import compress, count
from operator import itemgetter

from opsagent.analysis.logs.stamps import body_of
from opsagent.analysis.logs.templates import Group, Templates
from opsagent.analysis.logs.traces import Shape, Trace, frames

_STARTS = Shape.OPENS | Shape.FRAME
_CLOSELY = Shape.SPLITS | Shape.FRESH | Shape.GONE  # not counted by the look of the line alone
_TAKEN_AS_SEEN = Shape.OPENS | Shape.TRAILS
_RUN = 32  # lines looked at together where a traceback goes on


class Tally:
    """The lines of one log so far."""

    def __init__(self) -> None:
        self.templates = Templates()
        self.lines = 0
        self._trace: Trace | None = None
        self._prev: tuple[Group | None, bytes] = (None, b"")  # the last line of the block before

    def count(self, lines: list[bytes], bare: list[bytes]) -> None:
        """Take the next lines; `bare` are the same without digits: those that are equal there are counted at once."""
        block = _Block(lines, bare, self.lines)
        find = self.templates.aliases.get
        known: dict[bytes, Group] = {}
        starts: dict[bytes, Group] = {}
        fresh: list[bytes] = []
        for text, group in zip(block.counts, map(find, map(hash, block.counts)), strict=True):
            if group is None:
                fresh.append(text)
            elif group.shape & _STARTS:
                starts[text] = group
            else:
                known[text] = group
        admitted = self.templates.admit(fresh, self.lines)
        if admitted or starts or self._trace:
            self._walk(block, starts, admitted)
        self._account(block, known | block.met)
        if len(admitted) < len(fresh):
            self._leave(block, fresh)
        self.lines += len(lines)
        last = None if len(lines) - 1 in block.taken else find(hash(bare[-1]))
        self._prev = (last, lines[-1])

    def close(self) -> None:
        """End the log."""
        self._end_trace()

    def _walk(self, block: "_Block", starts: dict[bytes, Group], fresh: list[bytes]) -> None:
        """Look in their order at the lines that are new or begin a traceback, and follow those that do."""
        done = self._follow(block, 0) if self._trace else 0
        for at in block.places({*starts, *fresh}):
            if at < done:
                continue
            text = block.bare[at]
            group = starts.get(text) or block.met.get(text) or self._meet(block, at)
            if group.shape & _STARTS:
                self._begin(block, at, group)
                done = self._follow(block, at + 1)

    def _meet(self, block: "_Block", at: int) -> Group:
        text = block.bare[at]
        group = self.templates.meet(hash(text), text, block.lines[at], block.base + at + 1)
        block.met[text] = group
        return group

    def _follow(self, block: "_Block", at: int) -> int:
        """Give the lines from `at` on to the traceback, as far as they belong to it; return where it ends."""
        end = len(block.lines)
        while at < end:
            passed = self._pass(block, at)
            at += passed
            if passed == _RUN or at == end:
                continue
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

    def _pass(self, block: "_Block", at: int) -> int:
        """Give the traceback the frames that follow, none looked at closely; return how many they are."""
        trace = self._trace
        assert trace is not None
        room = min(_RUN, trace.room())
        n = frames(block.bare[at : at + room]) if room else 0
        if n:
            trace.add_frames(block.lines[at : at + n], block.base + at + 1)
            block.taken.update(range(at, at + n))
        return n

    def _goes_on(self, block: "_Block", at: int) -> Group | None:
        """Give one line to the traceback; return its group where it does not belong to it."""
        trace, line, text = self._trace, block.lines[at], block.bare[at]
        assert trace is not None
        group = self.templates.aliases.get(hash(text)) or self._meet(block, at)
        shape, body = group.shape & Shape.IN_TRACE, body_of(line)
        if not trace.takes(shape, body):
            return group
        trace.add(shape, line, body, block.base + at + 1)
        if not group.count:
            group.shape |= Shape.FRESH
        return None

    def _begin(self, block: "_Block", at: int, group: Group) -> None:
        shape, line, n = group.shape & Shape.IN_TRACE, block.lines[at], block.base + at + 1
        body = body_of(line)
        block.taken.add(at)
        if not group.count:
            group.shape |= Shape.FRESH
        if shape & Shape.OPENS:
            self._trace = Trace(n)
            self._trace.open_with(line, body, n)
            return
        # A frame without a head line: the line before it was the head.
        head = self._head(block, at)
        self._trace = Trace(n) if head is None else Trace(n - 1, head)
        self._trace.add(shape, line, body, n)

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
        group, line = self._prev
        if group is None or not line.strip():
            return None
        if group.numbers and group.shape & Shape.SPLITS:
            (mark,) = group.numbers.marks([line])
            group = self.templates.variant(group, mark, line, block.base)
        group.count -= 1
        return line

    def _end_trace(self) -> None:
        trace, self._trace = self._trace, None
        if trace is not None:
            group = self.templates.trace(trace)
            group.count += 1
            group.last, group.last_stamp = trace.last, trace.stamp

    def _account(self, block: "_Block", groups: dict[bytes, Group]) -> None:
        """Count the lines that are no part of a traceback."""
        counts, last, lines, base = block.counts, block.last(groups), block.lines, block.base
        taken = Counter(map(block.bare.__getitem__, block.taken))
        closely: list[bytes] = []
        for text, group in groups.items():
            if group.shape & _CLOSELY or text in taken:
                if counts[text] > taken[text]:
                    closely.append(text)
                continue
            group.count += counts[text]
            n = base + last[text] + 1
            if n > group.last:
                group.end(lines[n - base - 1], n)
        if not closely:
            return
        places: dict[bytes, list[int]] = {text: [] for text in closely}
        for at in block.places(places):
            places[block.bare[at]].append(at)
        for text in taken.keys() & places.keys():
            places[text] = [at for at in places[text] if at not in block.taken]
        for text, where in sorted(places.items(), key=itemgetter(1)):
            group = groups[text]
            self._count_closely(block, self.templates.rest if group.shape & Shape.GONE else group, where)

    def _count_closely(self, block: "_Block", group: Group, places: list[int]) -> None:
        """Count lines of one template where their numbers mean something, or where it was not counted before."""
        lines, base = block.lines, block.base
        if group.shape & Shape.FRESH:
            group.begin(lines[places[0]], base + places[0] + 1)
        if not (group.numbers and group.shape & Shape.SPLITS):
            group.count += len(places)
            group.end(lines[places[-1]], base + places[-1] + 1)
            return
        marks = group.numbers.marks(list(map(lines.__getitem__, places)))
        last = dict(zip(marks, places, strict=True))
        for mark, n in Counter(marks).items():
            variant = group.variants.get(mark)
            if variant is None:
                at = places[marks.index(mark)]
                variant = self.templates.variant(group, mark, lines[at], base + at + 1)
            variant.count += n
            variant.end(lines[last[mark]], base + last[mark] + 1)

    def _leave(self, block: "_Block", fresh: list[bytes]) -> None:
        """Count what there was no time for among the rest."""
        left = set(fresh).difference(block.met)
        taken = sum(block.bare[at] in left for at in block.taken)
        lost = sum(map(block.counts.__getitem__, left)) - taken
        if lost <= 0:
            return
        at = next(at for at in range(len(block.bare) - 1, -1, -1) if block.bare[at] in left and at not in block.taken)
        rest, line, n = self.templates.rest, block.lines[at], block.base + at + 1
        if not rest.first:
            rest.begin(line, n)
        rest.count += lost
        rest.end(line, n)


class _Block:
    """Lines that are counted together, and which of them a traceback took."""

    __slots__ = ("bare", "base", "counts", "lines", "met", "taken")

    def __init__(self, lines: list[bytes], bare: list[bytes], base: int) -> None:
        self.lines = lines
        self.bare = bare
        self.base = base  # lines before it
        self.counts = Counter(bare)
        self.met: dict[bytes, Group] = {}  # what was new in it
        self.taken: set[int] = set()

    def places(self, texts: Collection[bytes]) -> Iterator[int]:
        """Find where any of these stands, in order."""
        return compress(count(), map(texts.__contains__, self.bare))

    def last(self, texts: Collection[bytes]) -> dict[bytes, int]:
        """Find where each of these stands last."""
        if len(texts) > len(self.bare) // 16:
            return dict(zip(self.bare, count(), strict=False))
        return {self.bare[at]: at for at in self.places(texts)}

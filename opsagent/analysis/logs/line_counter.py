"""Count the lines of a log into templates, a block at a time: what costs time is done once for each different line."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from itertools import compress, count
from operator import not_

from opsagent.analysis.text.gauges import widened
from opsagent.analysis.text.stamps import body_of
from opsagent.analysis.text.templates import Group, Templates
from opsagent.analysis.text.traces import INDENTED, LineShape, Trace, frames

_STARTS = LineShape.OPENS | LineShape.FRAME
_CLOSELY = LineShape.SPLITS | LineShape.FRESH | LineShape.GONE  # not counted by the look of the line alone
_HOT, _LONG = 4_000, 1_000  # lines without digits that are known by themselves, and the bytes of the longest
_RUN = 32  # lines checked together where a traceback goes on


class Tally:
    """The lines of one log so far."""

    def __init__(self) -> None:
        self.templates = Templates()
        self.lines = 0
        self._hot: dict[bytes, Group] = {}  # lines without digits that came in more than one block
        self._made_room = 0
        self._trace: Trace | None = None
        self._prev: tuple[Group | None, bytes] = (None, b"")  # the last line of the block before

    def count(self, lines: list[bytes], bare: list[bytes]) -> None:
        """Take the next lines; `bare` are the same without digits: those that are equal there are counted at once."""
        block = _Block(lines, bare, self.lines, list(map(self._hot.get, bare)))
        find = self.templates.aliases.get
        known: dict[bytes, Group] = {}
        starts: set[bytes] = set()
        fresh: list[bytes] = []
        unknown = list(compress(count(), map(not_, block.owners)))
        for text in dict.fromkeys(map(bare.__getitem__, unknown)):
            group = find(hash(text))
            if group is None:
                fresh.append(text)
            elif group.shape & _STARTS:
                starts.add(text)
            else:
                known[text] = group
        wanted = {*known, *starts, *self.templates.admit(fresh, self.lines)}
        self._walk(block, compress(unknown, map(wanted.__contains__, map(bare.__getitem__, unknown))))
        self._account(block)
        self._keep(known)
        self.lines += len(lines)
        self._prev = (block.owners[-1], lines[-1])

    def _keep(self, known: dict[bytes, Group]) -> None:
        """Find these at once in the blocks to come."""
        if len(self._hot) + len(known) > _HOT or self._made_room != self.templates.made_room:
            self._made_room = self.templates.made_room
            self._hot.clear()
        self._hot.update((text, g) for text, g in known.items() if len(text) < _LONG and not g.shape & LineShape.GONE)

    def close(self) -> None:
        """End the log."""
        self._end_trace()
        self.templates.close()

    def _walk(self, block: "_Block", places: Iterable[int]) -> None:
        """Check in their order at the lines that are new or begin a traceback, and follow those that do."""
        done = self._follow(block, 0) if self._trace else 0
        for at in places:
            if at < done:
                continue
            group = self._group(block, at)
            if group.shape & _STARTS:
                self._begin(block, at, group)
                done = self._follow(block, at + 1)
            else:
                block.owners[at] = group

    def _group(self, block: "_Block", at: int) -> Group:
        text = block.bare[at]
        key = hash(text)
        known = self.templates.aliases.get(key)
        return known or self.templates.meet(key, text, block.lines[at], block.base + at + 1)

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
                    block.owners[at] = group
                    return at
                self._begin(block, at, group)
            else:
                block.taken.add(at)
            at += 1
        return at

    def _pass(self, block: "_Block", at: int) -> int:
        """Give the traceback the frames that follow, none checked closely; return how many they are."""
        trace = self._trace
        if trace is None or not block.bare[at].startswith(INDENTED):
            return 0
        room = min(_RUN, trace.room())
        n = frames(block.bare[at : at + room]) if room else 0
        if n:
            trace.add_frames(block.lines[at : at + n], block.base + at + 1)
            block.taken.update(range(at, at + n))
        return n

    def _goes_on(self, block: "_Block", at: int) -> Group | None:
        """Give one line to the traceback; return its group where it does not belong to it."""
        trace, line = self._trace, block.lines[at]
        assert trace is not None
        group = block.owners[at] or self._group(block, at)
        shape, body = group.shape & LineShape.IN_TRACE, body_of(line)
        if not trace.takes(shape, body):
            return group
        trace.add(shape, line, body, block.base + at + 1)
        if not group.count:
            group.shape |= LineShape.FRESH
        return None

    def _begin(self, block: "_Block", at: int, group: Group) -> None:
        shape, line, n = group.shape & LineShape.IN_TRACE, block.lines[at], block.base + at + 1
        body = body_of(line)
        block.taken.add(at)
        if not group.count:
            group.shape |= LineShape.FRESH
        if shape & LineShape.OPENS:
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
            line, group = block.lines[at - 1], block.owners[at - 1]
            if at - 1 in block.taken or not line.strip():
                return None
            block.taken.add(at - 1)
            if group is not None and not group.count:
                group.shape |= LineShape.FRESH
            return line
        group, line = self._prev
        if group is None or not line.strip():
            return None
        if group.numbers and group.shape & LineShape.SPLITS:
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

    def _account(self, block: "_Block") -> None:
        """Count the lines that are no part of a traceback."""
        for at in block.taken:
            block.owners[at] = None
        for group, places in block.places().items():
            if group is None:
                if len(places) > len(block.taken):
                    self._leave(block, places)
            elif group.shape & _CLOSELY:
                self._count_closely(block, self.templates.rest if group.shape & LineShape.GONE else group, places)
            else:
                group.count += len(places)
                group.end(block.lines[places[-1]], block.base + places[-1] + 1)
                if group.gauges is not None:
                    group.gauges = widened(group.gauges, group.sample, block.lines, places)

    def _count_closely(self, block: "_Block", group: Group, places: list[int]) -> None:
        """Count lines of one template where their numbers mean something, or where it was not counted before."""
        lines, base = block.lines, block.base
        if group.shape & LineShape.FRESH:
            group.begin(lines[places[0]], base + places[0] + 1)
        if not (group.numbers and group.shape & LineShape.SPLITS):
            group.count += len(places)
            group.end(lines[places[-1]], base + places[-1] + 1)
            if group.gauges is not None:
                group.gauges = widened(group.gauges, group.sample, lines, places)
            return
        marks = group.numbers.marks(list(map(lines.__getitem__, places)))
        backwards = marks[::-1]
        for mark, n in Counter(marks).items():
            last = places[-1 - backwards.index(mark)]
            variant = group.variants.get(mark)
            if variant is None:
                at = places[marks.index(mark)]
                variant = self.templates.variant(group, mark, lines[at], base + at + 1)
            variant.count += n
            variant.end(lines[last], base + last + 1)

    def _leave(self, block: "_Block", places: list[int]) -> None:
        """Count what there was no time for among the rest."""
        at = next(at for at in reversed(places) if at not in block.taken)
        rest, line, n = self.templates.rest, block.lines[at], block.base + at + 1
        if not rest.first:
            rest.begin(line, n)
        rest.count += len(places) - len(block.taken)
        rest.end(line, n)


class _Block:
    """Lines that are counted together: whose each is, and which of them a traceback took."""

    __slots__ = ("bare", "base", "lines", "owners", "taken")

    def __init__(self, lines: list[bytes], bare: list[bytes], base: int, owners: list[Group | None]) -> None:
        self.lines = lines
        self.bare = bare
        self.base = base  # lines before it
        self.owners = owners
        self.taken: set[int] = set()

    def places(self) -> dict[Group | None, list[int]]:
        """Find where the lines of each group stand, in order; all at one go, for no loop over lines is as fast."""
        places: defaultdict[Group | None, list[int]] = defaultdict(list)
        deque(map(list.append, map(places.__getitem__, self.owners), count()), maxlen=0)
        return places

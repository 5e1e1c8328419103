"""A heap that collections no longer empty: the program is about to run out of memory, and works at nothing else."""

import re
from collections.abc import Iterator, Mapping
from operator import attrgetter

from opsagent.analysis.catalog.phrase import Verdict
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest

_RULE = Verdict("load.memory-pressure", 0.75, 0, "one full collection after another frees next to nothing of the heap"
)  # fmt: skip
# Java's unified and older logs, V8's trace: what was in use before, after, and how large the heap is.
_FULL = Late(r"Pause Full|\[Full GC|\bMark-(?:sweep|Compact)\b")
_USED = re.compile(
    r"(?<!Metaspace: )(?<![\d.])(?:(\d+)[KMG]->(\d+)[KMG]\((\d+)[KMG]\)"
    r"|([\d.]+) \([\d.]+\) -> ([\d.]+) \(([\d.]+)\) MB)"
)
_ROOTS = ("Full", "Mark-")
_SEVERAL = 3
_FREED, _IN_USE = 0.05, 0.9  # of the heap


def starved(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:  # noqa: ARG001  (every reader's signature)
    """Yield the full collections of a log where there are several, and all but the first of them free too little."""
    full = [g for g in log.groups if any(root in g.text for root in _ROOTS) and _FULL.search(g.text)]
    full.sort(key=attrgetter("first_line"))
    if sum(group.count for group in full) < _SEVERAL or not all(_in_vain(group.text) for group in full[1:]):
        return
    for group in full:
        if _in_vain(group.text):
            yield Match.of_group(_RULE, group)


def _in_vain(text: str) -> bool:
    heaps = [[float(figure) for figure in one.groups() if figure] for one in _USED.finditer(text)]
    before, after, size = max(heaps, default=[0.0, 0.0, 0.0])  # of the complete heap, not of one generation
    return size > 0 and after >= _IN_USE * size and before - after <= _FREED * size

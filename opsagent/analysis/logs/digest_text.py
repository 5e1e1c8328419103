"""Digests as text: the informative lines first, each within a few hundred characters."""

from collections.abc import Sequence

from opsagent.models.digest import LogDigest, LogGroup

_LINE = 320
_TRACE = 900
_RANK = {"traceback": 0, "error": 1, "warning": 2, "rare": 3, "plain": 4, "noise": 5}


def by_relevance(digests: Sequence[LogDigest]) -> list[tuple[LogDigest, LogGroup]]:
    """Return every group with its log, the most informative first."""
    rows = [(i, log, at, group) for i, log in enumerate(digests) for at, group in enumerate(log.groups)]
    return [(log, group) for _, log, _, group in sorted(rows, key=lambda row: (_RANK[row[3].kind], row[2], row[0]))]


def sample(group: LogGroup) -> str:
    """Return a group's line within a few hundred characters; of a traceback head, causes and end."""
    if group.kind != "traceback" or "\n" not in group.text:
        return _cut(group.text.replace("\n", " ⏎ "), _LINE)
    return _trace(group.text, _TRACE)


def _trace(text: str, width: int) -> str:
    """Shorten a traceback to its head, its causes and its end: the end is never lost."""
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    telling = [line for line in lines if line[:1] not in (" ", "\t")]
    first, last = _cut(lines[0], _LINE // 2), _cut(telling[-1] if len(telling) > 1 else lines[-1], _LINE)
    middle: list[str] = []
    room = width - len(first) - len(last)
    wanted = telling[1:-1][::-1] + [line for line in lines[1:][::-1] if line not in telling]
    for line in wanted:
        piece = _cut(line, _LINE)
        if room < len(piece) + 5:
            break
        room -= len(piece) + 5
        middle.append(line)
    kept = [_cut(line, _LINE) for line in lines[1:] if line in middle]
    return "\n    ".join([first, *kept, *([last] if last != first and last not in kept else [])])


def _cut(text: str, width: int) -> str:
    """Shorten in the middle: the cause is at the end, the place at the start."""
    return text if len(text) <= width else f"{text[: width // 2 - 1]} … {text[-(width // 2 - 2) :]}"

"""Digests as text for a report or a model: bounded, the telling lines first, each with its place."""

from collections.abc import Sequence

from opsagent.models.digest import LogDigest, LogGroup

_LINE = 320
_TRACE = 900
_SHORT = 160
_RANK = {"traceback": 0, "error": 1, "warning": 2, "rare": 3, "plain": 4, "noise": 5}


def render(digests: Sequence[LogDigest], *, limit: int = 12_000) -> str:
    """Write digests within `limit` characters; what does not fit is counted, the most telling lines are kept."""
    heads = [_head(log) for log in digests]
    if sum(map(len, heads)) > limit // 2:
        heads = [head[:_SHORT] for head in heads][: max(1, limit // (2 * _SHORT))]
        digests = digests[: len(heads)]
    left = limit - sum(len(head) + 1 for head in heads) - 40 * len(heads)
    chosen: dict[int, list[tuple[int, str]]] = {}
    for i, log, at, group in _by_telling(digests):
        text = _entry(log, group)
        if len(text) + 1 > left:
            text = _entry(log, group, brief=True)
        if len(text) + 1 > left:
            continue
        left -= len(text) + 1
        chosen.setdefault(i, []).append((at, text))
    out: list[str] = []
    for i, log in enumerate(digests):
        shown = sorted(chosen.get(i, []))
        out += [heads[i], *(text for _, text in shown)]
        if len(shown) < len(log.groups):
            out.append(f"  … {len(log.groups) - len(shown)} more kinds of lines")
    return "\n".join(out)[:limit]


def _by_telling(digests: Sequence[LogDigest]) -> list[tuple[int, LogDigest, int, LogGroup]]:
    rows = [(i, log, at, group) for i, log in enumerate(digests) for at, group in enumerate(log.groups)]
    return sorted(rows, key=lambda row: (_RANK[row[3].kind], row[2], row[0]))


def _head(log: LogDigest) -> str:
    span = f", {log.first_at:%Y-%m-%dT%H:%M:%SZ} to {log.last_at:%H:%M:%SZ}" if log.first_at and log.last_at else ""
    before = ", of the previous container" if log.previous else ""
    return f"{log.where}: {log.lines} lines{span}{before}"


def _entry(log: LogDigest, group: LogGroup, *, brief: bool = False) -> str:
    since = f" {group.first_at:%H:%M:%S}" if group.first_at else ""
    until = (
        f"–{group.last_at:%H:%M:%S}" if group.last_at and group.last_at != group.first_at and group.count > 1 else ""
    )
    times = f" ×{group.count}" if group.count > 1 else ""
    last = f" (last L{group.last_line})" if group.count > 1 else ""
    place = f"{log.where}:L{group.first_line}{times}{last}{since}{until} [{group.kind}] "
    if group.kind != "traceback" or "\n" not in group.text:
        return place + _cut(group.text.replace("\n", " ⏎ "), _SHORT if brief else _LINE)
    return place + _trace(group.text, _SHORT * 2 if brief else _TRACE)


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
    """Shorten in the middle: the cause stands at the end, the place at the start."""
    return text if len(text) <= width else f"{text[: width // 2 - 1]} … {text[-(width // 2 - 2) :]}"

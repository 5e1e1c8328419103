"""The live view of `opsagent watch`: services, what waits for a person, recent changes, keys."""

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from opsagent.models.board import Board, Waiting
from opsagent.models.status import ServiceStatus
from opsagent.models.wording import counted
from opsagent.ui.evidence_lines import change_lines
from opsagent.ui.inert import inert
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, STRONG, clipped, joined, listing, own, padded, say
from opsagent.ui.moment import ago, between, clock, span, took, zone
from opsagent.ui.spark import spark
from opsagent.ui.stats_view import status_text
from opsagent.ui.traffic_view import figure

KEYS = " [d]iagnose  [l]ogs  [i]ncidents  [/]filter  [?]help  [q]uit"
_FOOT = Style(reverse=True)
_COURSE = 16  # points of a sparkline
_NOTHING_WAITS = "nothing waits for anybody"


@dataclass(frozen=True)
class Cursor:
    """Which services are listed and which one is chosen."""

    row: int = 0
    filter: str = ""
    typing: str | None = None  # the filter that is being typed

    def services(self, board: Board) -> tuple[ServiceStatus, ...]:
        """Return the services that the filter leaves."""
        every = board.stats.services if board.stats else ()
        wanted = (self.filter if self.typing is None else self.typing).lower()
        return tuple(service for service in every if wanted in service.service.lower())

    def chosen(self, board: Board) -> str | None:
        """Return the service under the cursor."""
        listed = self.services(board)
        return listed[min(self.row, len(listed) - 1)].service if listed else None


class BoardScreen:
    """The board as large as the screen: what does not fit is counted, the keys are the last line."""

    def __init__(self, board: Board, cursor: Cursor) -> None:
        self._board = board
        self._cursor = cursor

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield exactly as many lines as the screen has."""
        rows, width = console.height - 1, options.max_width
        lines: list[list[Segment]] = []
        for changes, waiting in ((6, 9), (3, 4), (2, 2), (1, 1), (0, 1)):
            view = board_view(self._board, self._cursor, changes=changes, waiting=waiting)
            lines = console.render_lines(view, options.update(height=None), pad=False)
            if len(lines) <= rows:
                break
        for line in lines[:rows]:
            yield from line
            yield Segment.line()
        for _ in range(rows - len(lines)):
            yield Segment.line()
        typed = self._cursor.typing
        foot = localised(KEYS) if typed is None else f"/{typed}"
        yield Segment(padded(clipped(inert(foot), width), width), _FOOT)


def board_view(board: Board, cursor: Cursor, *, changes: int = 6, waiting: int = 9) -> RenderableType:
    """Draw services, open incidents with their commands, and at most so many changes."""
    parts: list[RenderableType] = [_head(board), ""]
    if board.stats:
        parts.append(_services(board, cursor))
        if board.stats.traffic:
            parts.append(_traffic(board))
    else:
        parts.append(joined(own("/stats was not read: ", BAD), say(board.error, BAD)))
    parts += ["", own("WAITING", STRONG), *_waiting(board, waiting)]
    parts += ["", own("CHANGED", STRONG), *_changed(board, changes)]
    return Group(*parts)


def _head(board: Board) -> Text:
    place = " · ".join(part for part in (board.where.context, board.where.namespace) if part)
    now = f"{clock(board.at)} {zone(board.at)}".rstrip()
    if board.stats is None:
        return say(f"{place} · {now}", QUIET)
    answered = took(board.stats.took_s)
    by = f"/stats answered in {answered}" if board.stats.sample else f"the platform answered in {answered}"
    return joined(say(f"{place} · {now} · ", QUIET), own(by, QUIET))


def _services(board: Board, cursor: Cursor) -> RenderableType:
    table = listing("", "SERVICE", "STATUS", "LATELY", "SINCE")
    chosen = cursor.chosen(board)
    for status in cursor.services(board):
        mark = say(">" if status.service == chosen else " ", STRONG)
        since = f"{between(status.since, board.at)}" if status.since else ""
        lately = _lately(board.history.get(status.service, ()))
        table.add_row(mark, say(status.service), status_text(status.status), lately, say(since))
    return table if table.row_count else own(f"no service has {cursor.filter!r} in its name", POOR)


def _lately(history: tuple[bool | None, ...]) -> Text:
    """Return the newest checks, oldest first: a high block was up, a low one down, a blank not reported."""
    newest = history[-16:]
    drawn = "".join(" " if up is None else "▇" if up else "▁" for up in newest)
    return say(drawn, GOOD if False not in newest else POOR)


def _traffic(board: Board) -> Text:
    traffic = board.stats.traffic if board.stats else None
    if traffic is None or traffic.has_real_traffic is False:
        return own("no traffic", QUIET)
    requests, response = traffic.window_requests_per_second, traffic.window_avg_response_time_ms
    return joined(
        own(f"requests {figure(requests)} /s "), say(_course(board.requests), QUIET),
        own(f"  latency {figure(response)} ms "), say(_course(board.response_ms), QUIET),
    )  # fmt: skip


def _course(points: tuple[float | None, ...]) -> str:
    newest = points[-_COURSE:]
    return spark(newest, len(newest))


def _waiting(board: Board, most: int) -> list[Text]:
    if not board.waiting:
        return [own(_NOTHING_WAITS)]
    lines: list[Text] = []
    for one in board.waiting[:most]:
        about = one.stage.replace("_", " "), one.service or "all services", one.code or "no cause"
        named = " · ".join(map(localised, about))
        lines.append(joined(say(one.id, STRONG), f"  {named} · {ago(one.started_at, board.at)}"))
        lines.append(say(f"      {_command(one, board)}", POOR))
    if len(board.waiting) > most:
        more = len(board.waiting) - most
        lines.append(own(counted(more, "and 1 more: press i", "and {n} more: press i"), QUIET))
    return lines


def _command(one: Waiting, board: Board) -> str:
    if one.stage == "awaiting_approval":
        left = (one.expires_at - board.at).total_seconds() if one.expires_at else 0.0
        until = f"{span(60 * round(left / 60))} left" if left >= 60 else "checked again before it asks"
        return f"opsagent approve {one.id}  ({localised(until)})"
    return localised("another process works on it") if one.stage == "running" else f"opsagent resume {one.id}"


def _changed(board: Board, most: int) -> list[Text]:
    if board.changes is None:
        why = f"not read: {board.changes_error}" if board.changes_error else "not read yet"
        return [say(clipped(localised(why), 150), POOR)]
    if not board.changes:
        return [own("nothing in the last hours")]
    return change_lines(tuple(reversed(board.changes)), board.at, most, length=60)

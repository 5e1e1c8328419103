"""The approval panel: everything an operator has to know before answering, on one screen."""

from dataclasses import dataclass
from datetime import datetime

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel as Frame
from rich.text import Text

from opsagent.models.panel import Panel
from opsagent.models.plan import ACTIONS, Desired, Plan, Risk
from opsagent.models.wording import counted
from opsagent.ui.evidence_lines import (
    change_lines,
    no_change_text,
    of_cause,
    place_line,
    short_evidence,
    unseen_count,
    unseen_text,
)
from opsagent.ui.language import localised
from opsagent.ui.layout import (
    BAD,
    POOR,
    QUIET,
    STRONG,
    clipped,
    hanging,
    joined,
    labelled,
    own,
    say,
    shortened,
    stacked,
)
from opsagent.ui.model_view import panel_line
from opsagent.ui.moment import clock, in_zone, zone
from opsagent.ui.translated import translated

_CLOSE = 0.3  # another cause this near to the first is named beside it


@dataclass(frozen=True)
class PanelRoom:
    """How much of what may be left out is shown; the change and its risks are shown in full in each."""

    evidence: int = 3
    changes: int = 2
    instead: int = 3
    gaps: int | None = 3  # sources named in NOT CHECKED; None: their number alone
    length: int = 120  # characters of a piece of evidence, and of a change
    sentence: int = 400  # characters of the cause
    trend: bool = True
    place: bool = True  # what the platform is known by, where that is less than usual


# From much to little: the first that fits the screen is shown.
ROOMS = (
    PanelRoom(),
    PanelRoom(3, 2, 1, 2, 100, 240, trend=False),
    PanelRoom(2, 1, 1, 1, 80, 240, trend=False),
    PanelRoom(2, 1, 0, 1, 60, 160, trend=False),
    PanelRoom(1, 1, 0, None, 48, 120, trend=False),
    PanelRoom(1, 0, 0, None, 44, 110, trend=False, place=False),
    PanelRoom(1, 0, 0, None, 44, 60, trend=False, place=False),
    PanelRoom(0, 0, 0, None, 44, 110, trend=False, place=False),
    PanelRoom(0, 0, 0, None, 44, 50, trend=False, place=False),
)


class PanelView:
    """The panel as large as the screen allows: what does not fit collapses to a count."""

    def __init__(self, panel: Panel, now: datetime, rows: int | None) -> None:
        self._panel = panel
        self._now = now
        self._rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the most generous drawing that fits."""
        yield self.fitted(console, options)

    def fitted(self, console: Console, options: ConsoleOptions) -> RenderableType:
        """Return the first drawing of at most so many rows, else the smallest."""
        drawing: RenderableType = ""
        for room in ROOMS:
            drawing = _drawn(self._panel, self._now, room)
            if self._rows is None or len(console.render_lines(drawing, options, pad=False)) <= self._rows:
                break
        return drawing


def panel_view(panel: Panel, now: datetime, *, rows: int | None = None) -> RenderableType:
    """Draw the question within `rows` lines; the change and its risks are never cut, `[e]` shows the rest."""
    return PanelView(translated(panel), now, rows)


def _drawn(panel: Panel, now: datetime, room: PanelRoom) -> RenderableType:
    said: list[tuple[str, RenderableType]] = [("CLUSTER", _where(panel, room)), ("CAUSE", _cause(panel, now, room))]
    said += [("CHANGE", change_text(panel.plan)), ("RISK", risk_lines(panel.plan.risks))]
    said.append(("WHY", _why(panel, now, room)))
    if panel.history:
        said.append(("HISTORY", say(panel.history, POOR)))
    line = panel_line(panel.analysis)
    if line is not None:
        said.append(("MODEL", line))
    if panel.notes:
        said.append(("NOTE", _notes(panel, room)))
    if panel.plan.recommendations:
        said.append(("INSTEAD", _instead(panel.plan, room)))
    said.append(("NOT CHECKED", _gaps(panel, room)))
    title = joined(
        own("Approve? · "), own(f"incident {panel.incident_id}"), " · ", own(panel.service or "no service named")
    )
    drawn_at = say(f"{clock(now)} {zone(now)}".rstrip())
    frame = Frame(
        labelled(said), title=title, title_align="left", subtitle=drawn_at, subtitle_align="right", box=box.ROUNDED,
        padding=(0, 1),
    )  # fmt: skip
    if panel.notice:
        return Group(joined(own("Asked again: ", POOR), panel.notice), frame)
    return frame


def change_text(plan: Plan) -> Text:
    """Return the exact change, from → to."""
    target = plan.target
    if target is None or plan.action == "none":
        return own(plan.change or "none")
    name, verb = str(target), ACTIONS[plan.action].verb
    if verb == "restart":
        replicas = counted(target.replicas, "1 replica", "{n} replicas")
        return own(plan.change or f"restart {name} ({replicas})", STRONG)
    if verb == "scale":
        what, exact = f"scale {name}", [f"replicas: {target.replicas} → {plan.replicas}"]
    else:
        what = f"roll back {name}"
        revision = f"revision: {target.revision or 'the current one'} → {_revision(plan.to)}"
        exact = [*plan.differences, revision]
    return stacked([own(plan.change or what, STRONG), *map(own, exact)])


def _revision(to: Desired | None) -> str:
    """Return "2 (template 3f2504e0)": the number alone does not state what will run."""
    if to is None or to.revision is None:
        return "not read"
    return f"{to.revision} (template {(to.template_hash or '')[:8]})"


def _where(panel: Panel, room: PanelRoom) -> Text:
    """Return the place; where nothing but an address identifies the platform, that is shown."""
    place, platform = say(place_line(panel.where)), panel.plan.platform
    if platform is None or platform.namespace_uid is not None or not room.place:
        return place
    known = "server and CA" if platform.ca_hash else "server address"
    return stacked([place, own(f"known by its {known} alone: the Namespace's UID was not read", POOR)])


def risk_lines(risks: tuple[Risk, ...]) -> RenderableType:
    """Return the risks, one a line, lost data first."""
    if not risks:
        return own("none known")
    ordered = sorted(risks, key=lambda risk: risk.kind != "data-loss")
    return hanging(
        (say("!", BAD), own(f"DATA LOSS: {risk.text}", BAD))
        if risk.kind == "data-loss"
        else (say("!", POOR), say(risk.text, POOR))
        for risk in ordered
    )


def _cause(panel: Panel, now: datetime, room: PanelRoom) -> Text:
    if not panel.causes:
        return say(clipped(localised(f"none named — {panel.plan.reason}"), room.sentence))
    first, *others = panel.causes
    by = localised(" (named by the model)") if first.summary_by == "model" else ""
    head = say(f"{first.code} {first.confidence:.2f}", STRONG)
    line = joined(head, f"{by}: {shortened(in_zone(first.sentence, now), room.sentence)}")
    close = [cause for cause in others if cause.confidence >= first.confidence - _CLOSE]
    if not close:
        return line
    names = ", ".join(f"{cause.code} ({cause.confidence:.2f})" for cause in close[:3])
    return stacked([line, own(f"nearly as likely: {names}", QUIET)])


def _why(panel: Panel, now: datetime, room: PanelRoom) -> RenderableType:
    pieces = of_cause(panel.causes[0] if panel.causes else None, panel.evidence)
    lines = short_evidence(pieces, now, room.length)
    rows: list[tuple[str | Text, str | Text]] = [*lines[: room.evidence]]
    left = len(lines) - len(rows) + len(panel.evidence) - len(pieces)
    below: list[str | Text] = []
    if left and rows:
        below.append(own(counted(left, "1 more: press e", "{n} more: press e"), QUIET))
    elif left:
        below.append(own(counted(left, "1 piece of evidence: press e", "{n} pieces of evidence: press e"), QUIET))
    told = any(piece.source == "history" for piece in pieces)
    if room.trend and not told and panel.trend and panel.trend.text:
        below.append(own(f"trend: {panel.trend.text}"))
    below += _changed(panel, now, room)
    return hanging([*rows, *(("", line) for line in below)]) if rows else stacked(below)


def _changed(panel: Panel, now: datetime, room: PanelRoom) -> list[str | Text]:
    changes = panel.changes or ()
    if not changes:
        return [own(f"changed: {no_change_text(panel.changes, panel.not_checked)}")]
    if not room.changes:
        return [own(counted(len(changes), "changed: 1 change, press e", "changed: {n} changes, press e"), QUIET)]
    first, *others = change_lines(changes, now, room.changes, length=min(room.length, 60))
    return [joined(own("changed: "), first), *others]


def _notes(panel: Panel, room: PanelRoom) -> Text:
    most = 1 if room.instead == 0 else 3
    notes = [say(clipped(note, room.length + 40), POOR) for note in panel.notes[:most]]
    if len(panel.notes) > most:
        more = len(panel.notes) - most
        notes.append(own(counted(more, "1 more note: press e", "{n} more notes: press e"), POOR))
    return stacked(notes)


def _instead(plan: Plan, room: PanelRoom) -> RenderableType:
    shown = plan.recommendations[: room.instead]
    left = len(plan.recommendations) - len(shown)
    if not shown:
        return own(counted(left, "1 alternative: press e", "{n} alternatives: press e"), QUIET)
    rows: list[tuple[str | Text, str | Text]] = [("-", clipped(text, 2 * room.length)) for text in shown]
    if left:
        rows.append(("", own(counted(left, "1 more: press e", "{n} more: press e"), QUIET)))
    return hanging(rows)


def _gaps(panel: Panel, room: PanelRoom) -> Text:
    if room.gaps is None:
        return unseen_count(panel.not_checked)
    return unseen_text(panel.not_checked, most=room.gaps)

"""The approval panel: everything an operator has to know before answering, on one screen."""

from dataclasses import dataclass
from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel as Frame
from rich.text import Text

from opsagent.models.panel import Panel
from opsagent.models.plan import ACTIONS, Desired, Plan, PlatformIdentity, Risk
from opsagent.ui.evidence_lines import (
    cause_line,
    change_lines,
    full_evidence,
    no_change_text,
    of_cause,
    short_evidence,
    unseen_text,
    where_text,
)
from opsagent.ui.layout import BAD, POOR, QUIET, STRONG, clipped, hanging, joined, labelled, say, stacked
from opsagent.ui.model_view import panel_line

_CLOSE = 0.3  # another cause this near to the first is named beside it
_RECOMMENDATION_LENGTH = 210
_NOTE_LENGTH = 200
# Panel and question together are to stand on the screen: on a low one less is shown at once.
_LOW_SCREEN = 30


@dataclass(frozen=True)
class _Room:
    evidence: int = 3
    changes: int = 2
    recommendations: int = 3
    trend: bool = True


def panel_view(panel: Panel, now: datetime, *, rows: int | None = None) -> RenderableType:
    """Draw the question; about 24 lines at 80 columns, fewer on a screen of few rows.

    Cut is only what `evidence_view` shows whole; the change and its risks are never cut.
    """
    room = _Room(2, 1, 1, trend=False) if rows is not None and rows < _LOW_SCREEN else _Room()
    said: list[tuple[str, RenderableType]] = [("WHERE", _where(panel))]
    said += [("CAUSE", _cause(panel)), ("WHY", _why(panel, now, room))]
    line = panel_line(panel.analysis)
    if line is not None:
        said.append(("MODEL", line))
    if panel.notes:
        said.append(("NOTE", stacked([say(clipped(note, _NOTE_LENGTH), POOR) for note in panel.notes[:3]])))
    said += [("CHANGE", change_text(panel.plan)), ("RISK", risk_lines(panel.plan.risks))]
    if panel.plan.recommendations:
        said.append(("ELSE", _instead(panel.plan, room)))
    said.append(("NOT CHECKED", unseen_text(panel.not_checked, most=3)))
    title = joined("Approve? ", say(f"incident {panel.incident_id}"), f" · {panel.service or 'no service named'}")
    frame = Frame(labelled(said), title=title, title_align="left", box=box.ROUNDED, padding=(0, 1))
    if panel.notice:
        return Group(joined(say("Asked again: ", POOR), panel.notice), frame)
    return frame


def evidence_view(panel: Panel, now: datetime) -> RenderableType:
    """Draw everything behind the panel, uncut: causes, evidence, changes, plan, gaps."""
    plan = panel.plan
    rows: list[tuple[str, RenderableType]] = [("CAUSES", stacked([cause_line(cause) for cause in panel.causes]))]
    rows += [("WHY", stacked([full_evidence(piece) for piece in panel.evidence]))]
    if panel.trend and panel.trend.text:
        rows.append(("TREND", say(panel.trend.text)))
    rows += [
        (
            "CHANGED",
            stacked(change_lines(panel.changes or (), now), empty=no_change_text(panel.changes, panel.not_checked)),
        ),
        ("REASON", say(plan.reason, newlines=True)),
    ]
    if plan.target:
        target = plan.target
        identity = f"uid {target.uid} · generation {target.generation} · resourceVersion {target.resource_version}"
        rows.append(("TARGET", say(f"{target} in {target.namespace} · {identity}")))
        rows.append(("PLATFORM", say(_identity(plan.platform))))
    rows.append(("ELSE", stacked([say(text, newlines=True) for text in plan.recommendations])))
    rows.append(("NOT CHECKED", unseen_text(panel.not_checked)))
    return labelled(rows)


def _identity(platform: PlatformIdentity | None) -> str:
    if platform is None:
        return "not read"
    uid = f"namespace uid {platform.namespace_uid}" if platform.namespace_uid else f"no namespace uid ({platform.why})"
    return f"{platform.server} · CA {platform.ca_hash or 'none of its own'} · {uid}"


def change_text(plan: Plan) -> Text:
    """Return the exact change, from → to."""
    target = plan.target
    if target is None or plan.action == "none":
        return say(plan.change or "none")
    name, verb = str(target), ACTIONS[plan.action].verb
    if verb == "restart":
        stands = "1 replica" if target.replicas == 1 else f"{target.replicas} replicas"
        return say(plan.change or f"restart {name} ({stands})", STRONG)
    if verb == "scale":
        what, exact = f"scale {name}", f"replicas: {target.replicas} → {plan.replicas}"
    else:
        what, exact = f"roll back {name}", f"revision: {target.revision or 'the current one'} → {_revision(plan.to)}"
    return stacked([say(plan.change or what, STRONG), exact])


def _revision(to: Desired | None) -> str:
    """Return "2 (template 3f2504e0)": the number alone does not say what will run."""
    if to is None or to.revision is None:
        return "not read"
    return f"{to.revision} (template {(to.template_hash or '')[:8]})"


def _where(panel: Panel) -> Text:
    """Return the place; where nothing but an address stands for the platform, that is told."""
    place, platform = say(where_text(panel.where)), panel.plan.platform
    if platform is None or platform.namespace_uid is not None:
        return place
    known = "server and CA" if platform.ca_hash else "server address"
    return stacked([place, say(f"known by its {known} alone: the Namespace's UID was not read", POOR)])


def risk_lines(risks: tuple[Risk, ...]) -> RenderableType:
    """Return the risks, one a line, lost data first."""
    if not risks:
        return say("none known")
    ordered = sorted(risks, key=lambda risk: risk.kind != "data-loss")
    return hanging(
        (say("!", BAD), say(f"DATA LOSS: {risk.text}", BAD))
        if risk.kind == "data-loss"
        else (say("!", POOR), say(risk.text, POOR))
        for risk in ordered
    )


def _cause(panel: Panel) -> Text:
    if not panel.causes:
        return say(f"none named — {panel.plan.reason}")
    first, *others = panel.causes
    close = [cause for cause in others if cause.confidence >= first.confidence - _CLOSE]
    if not close:
        return cause_line(first)
    names = ", ".join(f"{cause.code} ({cause.confidence:.2f})" for cause in close[:3])
    return stacked([cause_line(first), say(f"nearly as likely: {names}", QUIET)])


def _why(panel: Panel, now: datetime, room: _Room) -> RenderableType:
    pieces = of_cause(panel.causes[0] if panel.causes else None, panel.evidence)
    lines = short_evidence(pieces)
    rows: list[tuple[str | Text, str | Text]] = [*lines[: room.evidence]]
    left = len(lines) - len(rows) + len(panel.evidence) - len(pieces)
    if left:
        rows.append(("", say(f"and {left} more: press e", QUIET)))
    told = any(piece.source == "history" for piece in pieces)
    if room.trend and not told and panel.trend and panel.trend.text:
        rows.append(("", f"trend: {panel.trend.text}"))
    changed = change_lines(panel.changes or (), now, room.changes, length=60)
    rows += [("", joined("changed: ", line)) for line in changed] or [
        ("", f"changed: {no_change_text(panel.changes, panel.not_checked)}")
    ]
    return hanging(rows)


def _instead(plan: Plan, room: _Room) -> RenderableType:
    rows: list[tuple[str | Text, str | Text]] = [
        ("-", clipped(text, _RECOMMENDATION_LENGTH)) for text in plan.recommendations[: room.recommendations]
    ]
    if len(plan.recommendations) > len(rows):
        rows.append(("", say(f"and {len(plan.recommendations) - len(rows)} more: press e", QUIET)))
    return hanging(rows)

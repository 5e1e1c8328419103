"""Everything behind the approval panel, uncut: causes, evidence with the lines around it, changes, plan, gaps."""

import re
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from opsagent.models.evidence import Evidence
from opsagent.models.panel import Panel
from opsagent.models.plan import PlatformIdentity
from opsagent.ui.evidence_lines import cause_line, change_lines, full_evidence, no_change_text, unseen_text
from opsagent.ui.layout import QUIET, labelled, own, say, stacked
from opsagent.ui.moment import clock, in_zone
from opsagent.ui.translated import translated

# What Kubernetes puts in front of each line of a log that is read with timestamps.
_TAKEN = re.compile(r"(?P<number>[> ] +\d+  )(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ")


def evidence_view(panel: Panel, now: datetime) -> RenderableType:
    """Draw the page of the panel's `[e]`."""
    panel = translated(panel)
    plan = panel.plan
    rows: list[tuple[str, RenderableType]] = [("CAUSES", stacked([cause_line(cause, now) for cause in panel.causes]))]
    rows += [("WHY", stacked([_in_its_place(panel, piece, now) for piece in panel.evidence]))]
    if panel.trend and panel.trend.text:
        rows.append(("TREND", say(panel.trend.text)))
    nothing = no_change_text(panel.changes, panel.not_checked)
    rows += [
        ("CHANGED", stacked(change_lines(panel.changes or (), now), empty=nothing)),
        ("REASON", say(in_zone(plan.reason, now), newlines=True)),
    ]
    if plan.target:
        target = plan.target
        identity = f"uid {target.uid} · generation {target.generation} · resourceVersion {target.resource_version}"
        rows.append(("TARGET", own(f"{target} in {target.namespace} · {identity}")))
        rows.append(("PLATFORM", say(_identity(plan.platform))))
    if panel.notes:
        rows.append(("NOTE", stacked([say(note, newlines=True) for note in panel.notes])))
    rows.append(("INSTEAD", stacked([say(text, newlines=True) for text in plan.recommendations])))
    rows.append(("NOT CHECKED", unseen_text(panel.not_checked)))
    return labelled(rows)


def _in_its_place(panel: Panel, piece: Evidence, now: datetime) -> Text:
    """Return a piece of evidence, and below it the lines of the log around it: ">" marks its own."""
    lines = panel.around.get(piece.id, ())
    shown = full_evidence(piece, now)
    return stacked([shown, *(say(f"  {_with_clock(line)}", QUIET) for line in lines)]) if lines else shown


def _with_clock(line: str) -> str:
    """Return a line with the time at which the cluster took it as a clock time; the program's own words stay."""
    found = _TAKEN.match(line)
    if found is None:
        return line
    return f"{found['number']}{clock(datetime.fromisoformat(found['at']))}  {line[found.end() :]}"


def _identity(platform: PlatformIdentity | None) -> str:
    if platform is None:
        return "not read"
    uid = f"namespace uid {platform.namespace_uid}" if platform.namespace_uid else f"no namespace uid ({platform.why})"
    return f"{platform.server} · CA {platform.ca_hash or 'none of its own'} · {uid}"

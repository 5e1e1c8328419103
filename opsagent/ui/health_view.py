"""What each service's health path answered."""

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.observed import HealthAnswer
from opsagent.models.status import HealthReport
from opsagent.ui.evidence_lines import unseen_text
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, clipped, joined, listing, say
from opsagent.ui.moment import took

_BODY = 100


def health_view(report: HealthReport) -> RenderableType:
    """Draw the verdict and one row a service; a health path reports nothing of what the service depends on."""
    table = listing("SERVICE", "HEALTH", "TOOK", "ANSWER", right=("TOOK",))
    for look in report.looks:
        verdict = say("ok", GOOD) if look.ok else say("FAILED", BAD)
        table.add_row(
            say(look.service), verdict, say(took(look.took_s) if look.took_s is not None else "-"), _said(look)
        )
    lines: list[RenderableType] = [_verdict(report), "", table, ""]
    if report.not_checked:
        lines.append(joined("not checked: ", unseen_text(report.not_checked)))
    lines.append(say("A health path proves that the service answers, not that its database or cache does.", QUIET))
    return Group(*lines)


def _verdict(report: HealthReport) -> Text:
    failed = [look.service for look in report.looks if not look.ok]
    if not report.looks:
        return say("no health path was checked", BAD)
    unseen = f" · {len(report.not_checked)} not checked" if report.not_checked else ""
    if failed:
        well = len(report.looks) - len(failed)
        return joined(say("FAILED: ", BAD), ", ".join(failed), f" · {well} ok" if well else "", unseen)
    if unseen:
        return joined(say(f"{len(report.looks)} answered well", GOOD), say(unseen, POOR))
    if len(report.looks) == 1:
        return say(f"{report.looks[0].service} answered well", GOOD)
    return say(f"all {len(report.looks)} answered well", GOOD)


def _said(look: HealthAnswer) -> Text:
    if look.error:
        return say(look.error)
    code = f"HTTP {look.http}" if look.http is not None else f"TCP {look.tcp}"
    body = "" if look.body is None else f" {clipped(look.body, _BODY)}" if look.body else " (empty body)"
    return joined(code, say(body, QUIET))

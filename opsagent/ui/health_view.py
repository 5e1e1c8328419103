"""What each service's health path answered."""

from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.observed import HealthAnswer, Skipped
from opsagent.models.status import HealthReport
from opsagent.ui.evidence_lines import unseen_text
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, clipped, joined, listing, own, say
from opsagent.ui.moment import took

_BODY = 100


def health_view(report: HealthReport) -> RenderableType:
    """Draw the verdict and one row a service; a health path reports nothing of what the service depends on."""
    table = listing("SERVICE", "HEALTH", "TOOK", "ANSWER", right=("TOOK",))
    for look in report.looks:
        verdict = own("ok", GOOD) if look.ok else own("FAILED", BAD)
        table.add_row(
            say(look.service), verdict, say(took(look.took_s) if look.took_s is not None else "-"), _said(look)
        )
    lines: list[RenderableType] = [_verdict(report), "", table, ""]
    if report.not_checked:
        lines.append(joined(own("not checked: "), unseen_text(tuple(map(_named_once, report.not_checked)))))
    lines.append(own("A health path proves that the service answers, not that its database or cache does.", QUIET))
    return Group(*lines)


def _named_once(skipped: Skipped) -> Skipped:
    """Return what was not checked, named once: "redis: a TCP port …", not "health of redis: redis: …"."""
    name = skipped.source.removeprefix("health of ")
    return replace(skipped, source=name, why=localised(skipped.why).removeprefix(f"{name}: "))


def _verdict(report: HealthReport) -> Text:
    failed = [look.service for look in report.looks if not look.ok]
    if not report.looks:
        return own("no health path was checked", BAD)
    unseen = joined(" · ", own(f"{len(report.not_checked)} not checked")) if report.not_checked else say("")
    if failed:
        well = len(report.looks) - len(failed)
        return joined(own("FAILED: ", BAD), ", ".join(failed), *((" · ", own(f"{well} ok")) if well else ()), unseen)
    if report.not_checked:
        unseen.stylize(POOR)
        return joined(own(f"{len(report.looks)} answered well", GOOD), unseen)
    if len(report.looks) == 1:
        return own(f"{report.looks[0].service} answered well", GOOD)
    return own(f"all {len(report.looks)} answered well", GOOD)


def _said(look: HealthAnswer) -> Text:
    if look.error:
        return own(look.error)
    code = f"HTTP {look.http}" if look.http is not None else f"TCP {look.tcp}"
    body = "" if look.body is None else f" {clipped(look.body, _BODY)}" if look.body else localised(" (empty body)")
    return joined(code, say(body, QUIET))

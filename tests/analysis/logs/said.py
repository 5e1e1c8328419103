"""What a log written in a test comes to: the codes of its firm findings, the most likely first."""

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.evidence import Finding
from opsagent.models.observed import LogRef


def said(text: str) -> list[str]:
    """Return the codes that a log alone shows firmly enough to be stated, and that are not over."""
    found = log_findings([digest(LogRef("app.log"), [text.encode()])])
    return [finding.code for finding in found if finding.strength >= 0.45 and not finding.over]


def summaries(text: str) -> list[str]:
    """Return the sentences of the firm findings of a log alone."""
    found = log_findings([digest(LogRef("app.log"), [text.encode()])])
    return [finding.summary for finding in found if finding.strength >= 0.45 and not finding.over]


def found(text: str) -> list[Finding]:
    """Return the findings of a log alone that are not over, the most likely first."""
    return [one for one in log_findings([digest(LogRef("app.log"), [text.encode()])]) if not one.over]

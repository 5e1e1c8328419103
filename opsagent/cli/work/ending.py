"""How a run ends for the operator: the report on stdout, and the exit code of the worst of them."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from opsagent.errors import WORST_FIRST, ExitCode
from opsagent.models.diagnosis import diagnosis
from opsagent.models.incident import Report
from opsagent.ui.console import show, write
from opsagent.ui.report_view import closing_text, report_view

# After these ends an operator who has just answered the panel needs no more than the last line.
SHORT = frozenset({"recovered", "rejected", "awaiting_approval"})


def close(reports: Iterable[Report], *, as_json: bool, asked: bool = False) -> Iterator[Report]:
    """Show each report as it comes; with --json one document at the end, independent incidents under `also`.

    `asked`: the operator has just seen the complete case in a panel.
    """
    from opsagent.agent.run import exit_code

    documents: list[dict[str, Any]] = []
    for report in reports:
        if as_json:
            documents.append(diagnosis(report))
        elif asked and report.status in SHORT and report.plan.action != "none":
            show(closing_text(report, exit_code(report)))
        else:
            show(report_view(report, exit_code(report)))
        yield report
    if as_json and documents:
        first, *others = documents
        write(json.dumps({**first, "also": others} if others else first, ensure_ascii=False, indent=2))


def worst(reports: Iterable[Report]) -> ExitCode:
    """Return the exit code of the worst end."""
    from opsagent.agent.run import exit_code

    codes = {exit_code(report) for report in reports}
    return next((code for code in WORST_FIRST if code in codes), ExitCode.OK)

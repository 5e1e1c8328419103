"""A pass of `watch` whose state directory fails: everything wrong is diagnosed and reported, nothing is remembered."""

import json

from opsagent.agent import wiring
from opsagent.agent.quiet import Quiet
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode
from opsagent.models.diagnosis import diagnosis
from opsagent.ui.console import write
from opsagent.ui.watch_view import pass_text


def unkept_pass(setup: Setup, *, as_json: bool) -> ExitCode:
    """Print what is wrong now; the exit code is 1, for the next pass will not know of this one."""
    ctx = wiring.live(
        setup.settings, setup.platform, setup.redact, store=setup.store, progress=Quiet(), environ=setup.environ
    )
    # A pass that meets nothing new does without the graph, which costs over a second at import.
    from opsagent.agent import run, unkept

    documents = []
    for report in unkept.diagnose(ctx, run.DiagnosisRequest(None), setup.store, None):
        text = pass_text(report, "not kept")
        if as_json:
            documents.append(diagnosis(report))
        elif text:
            write(text)
    if as_json:
        write(json.dumps(documents, ensure_ascii=False, indent=2))
    return ExitCode.FAILED

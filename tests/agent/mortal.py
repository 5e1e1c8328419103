"""A process that works on an incident and dies by SIGKILL at a chosen moment: `python -m tests.agent.mortal …`."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsagent.agent import run
from opsagent.agent.graph import build
from opsagent.agent.wiring import LiveArchive
from opsagent.clients.live import LivePlatform
from opsagent.config.settings import Settings
from opsagent.errors import OpsagentError
from opsagent.models.audit import AuditKind, AuditMark
from opsagent.models.incident import Report, Step
from opsagent.models.observed import KubeObject
from opsagent.models.panel import Panel
from opsagent.models.plan import Approval
from opsagent.store.records import from_json
from tests.session import Heard, ScriptedAnswers, at_work

if TYPE_CHECKING:
    from opsagent.clients.model.client import ModelClient


@dataclass
class Fate:
    """The moment at which this process dies."""

    moment: str

    def reached(self, moment: str) -> None:
        """Die here, if it is the moment: nothing is flushed, nothing is stated, no lock is given back by hand."""
        if moment == self.moment:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class MortalProgress(Heard):
    """Dies when a box is left, before its checkpoint is written."""

    fate: Fate = field(default_factory=lambda: Fate(""))
    looked_up: int = 0

    def doing(self, node: str, text: str) -> None:
        """Die inside a box, or before the so many-th look-up of a model."""
        self.fate.reached(f"in {node}")
        if text.startswith("the model asks for "):
            self.looked_up += 1
            self.fate.reached(f"at look-up {self.looked_up}")

    def done(self, step: Step) -> None:
        """Die at the end of a box."""
        self.fate.reached(f"after {step.node}")


class MortalPlatform(LivePlatform):
    """Dies right before the patch is sent, and right after its answer came."""

    fate = Fate("")

    def restart(self, approval: Approval) -> KubeObject:
        """Do it, between two moments."""
        self.fate.reached("before the patch")
        done = super().restart(approval)
        self.fate.reached("after the patch")
        return done


class MortalArchive(LiveArchive):
    """Dies before and after each record of the trail, and after the report was written."""

    fate = Fate("")

    def audit(
        self, kind: AuditKind, incident_id: str, data: Mapping[str, Any], at: datetime, *, key: str | None = None
    ) -> AuditMark | None:
        """Append, between two moments."""
        self.fate.reached(f"before the record of {kind}")
        mark = super().audit(kind, incident_id, data, at, key=key)
        self.fate.reached(f"after the record of {kind}")
        return mark

    def save_report(self, report: Report) -> None:
        """Write the report, and perhaps no word more."""
        super().save_report(report)
        self.fate.reached("after the report")


def _model(settings: Settings) -> "ModelClient | None":
    if settings.model.name is None:
        return None
    from opsagent.clients.model.client import ModelClient  # it costs two seconds: most die without one

    return ModelClient(settings.model, {})


def main(folder: str, moment: str, incident_id: str = "") -> None:
    """Diagnose, or go on with an incident, and die at the moment; state how it ended where it did not come."""
    fate = Fate(moment)
    MortalPlatform.fate = MortalArchive.fate = fate
    settings = from_json(Settings, json.loads((Path(folder) / "settings.json").read_text("utf-8")))

    def asked(panel: Panel) -> None:
        fate.reached("at the panel")

    replies = ScriptedAnswers(["approve", "approve"], before=asked)
    with at_work(settings, MortalProgress(fate=fate)) as (ctx, desk):
        archive = ctx.archive
        assert isinstance(archive, LiveArchive)
        mortal = replace(
            ctx,
            platform=MortalPlatform(settings, ctx.seen.configured or ()),
            archive=MortalArchive(archive.store, archive.server_key),
            model=_model(settings),
        )
        try:
            if incident_id:
                report = run.go_on(mortal, incident_id, desk, replies, how="opsagent resume")
            else:
                report = run.diagnose_one(mortal, run.DiagnosisRequest("blog-service"), desk, replies)[0]
        except OpsagentError as error:
            sys.stdout.write(f"error: {error.message}\n")
            sys.exit(error.exit_code)
    sys.stdout.write(f"{report.status}\n")


def serve() -> None:
    """Let a child of this process die for each line [folder, moment], and answer with its exit status.

    The child is a process as any other, but for the imports, which are paid once. What it writes is in `said`.
    """
    build()  # langgraph, before the first child
    for line in sys.stdin:
        folder, moment = json.loads(line)
        child = os.fork()
        if child == 0:
            with Path(folder, "said").open("wb") as said:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                main(folder, moment)
            return
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:]:
        main(*sys.argv[1:])
    else:
        serve()

"""A diagnosis of a generated case by the rules alone, held against what the case expects."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsagent.agent import diagnosis, wiring
from opsagent.agent.detection import detect_now
from opsagent.agent.weighing import all_findings
from opsagent.clients.bundle.platform import BundlePlatform, open_bundle
from opsagent.config.settings import Settings
from opsagent.models.evidence import Cause
from opsagent.models.incident import Step
from opsagent.models.service import resolve
from opsagent.redact import Redactor
from tests.clusters.cases import Case, write
from tests.clusters.model import Expect


class _Silent:
    """Progress that nobody watches."""

    def doing(self, node: str, text: str) -> None: ...
    def done(self, step: Step) -> None: ...
    def rest(self) -> None: ...
    def found(self, incident_id: str, service: str | None, symptoms: tuple[Any, ...]) -> None: ...


@dataclass(frozen=True)
class Answer:
    """The causes and the action of the first incident, and the causes of every incident beside it."""

    causes: tuple[Cause, ...]
    action: str
    beside: tuple[Cause, ...] = ()

    @property
    def said(self) -> tuple[tuple[str, str | None], ...]:
        """What a metamorphosis must not change: codes and objects, the first cause first."""
        return tuple((cause.code, cause.object) for cause in self.causes[:1])


def diagnosed(case: Case, folder: Path) -> Answer:
    """Write the case to a folder and diagnose its bundle as `diagnose --from` does."""
    top = write(case, folder)
    return answered(open_bundle(str(top / "bundle")))


def answered(bundle: BundlePlatform) -> Answer:
    """Diagnose what was handed over as `diagnose --from` does."""
    ctx = wiring.bundled(Settings(), bundle, Redactor(), progress=_Silent(), environ={}, model=False)
    asked = resolve(bundle.service, ctx.seen.services).name if bundle.service else None
    first, others = _incident(ctx, asked)
    beside = tuple(cause for name in others for cause in _incident(ctx, name)[0].causes)
    return Answer(first.causes, first.action, beside)


def _incident(ctx: Any, asked: str | None) -> tuple[Answer, tuple[str, ...]]:
    found = detect_now(ctx, asked)
    if not found.patients:
        return Answer((), "none"), ()
    patient = found.patients[0]
    digests = diagnosis.collect(ctx, found.calls, patient)
    findings = all_findings(ctx, found.calls, digests)
    made = diagnosis.conclude(ctx, patient=patient, healths=found.healths, findings=findings, digests=digests)
    others = tuple(name for name in found.patients[1:] if name)
    return Answer(made.ranking.causes, made.plan.action), others


def names(cause: Cause, fault: Expect) -> bool:
    """Return whether a cause has an accepted code of a fault, and an accepted object."""
    return _accepted(cause.code, fault.any_of) and cause.object in fault.objects


def _accepted(code: str, any_of: tuple[str, ...]) -> bool:
    return any(code == known or (known.endswith(".*") and code.startswith(known[:-1])) for known in any_of)


def told(case: Case, answer: Answer) -> str:
    """Return one line about a wrong answer, for whoever reads the failure."""
    causes = [(cause.code, cause.object, cause.confidence) for cause in answer.causes[:3]]
    return json.dumps([case.id, list(case.any_of), list(case.objects[:2]), sorted(case.plans), answer.action, causes])

"""An incident on the sandbox, from the outside: the surroundings that a front end would hand in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from opsagent.agent import wiring
from opsagent.agent.context import Context
from opsagent.agent.driving import Desk
from opsagent.clients.live import LivePlatform
from opsagent.config.settings import Settings, VerifySettings
from opsagent.config.titanium import TITANIUM
from opsagent.models.evidence import Symptom
from opsagent.models.incident import Step
from opsagent.models.panel import Panel
from opsagent.models.plan import Answer, Decision
from opsagent.redact import Redactor
from opsagent.sandbox import Sandbox
from opsagent.store.store import Store

SPEED = 20.0
Boxed = Callable[[str], tuple[Sandbox, Settings]]


@contextmanager
def sandboxes(folder: Path) -> Iterator[Boxed]:
    """Start a sandbox for each scenario asked for, with settings that point at it; none may have made a mistake."""
    boxes: list[Sandbox] = []

    def start(scenario: str) -> tuple[Sandbox, Settings]:
        box = Sandbox(scenario, speed=SPEED)
        box.start()
        boxes.append(box)
        return box, settings_for(box, folder)

    try:
        yield start
    finally:
        for box in boxes:
            box.stop()
    assert [error for box in boxes for error in box.errors] == []


@dataclass
class Heard:
    """Progress that is kept, to be asserted on."""

    steps: list[Step] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def doing(self, node: str, text: str) -> None:
        """Keep nothing: what is being done now vanishes on a screen, too."""

    def done(self, step: Step) -> None:
        """Keep the step."""
        self.steps.append(step)

    def rest(self) -> None:
        """There is no screen to leave."""

    def found(self, incident_id: str, service: str | None, symptoms: tuple[Symptom, ...]) -> None:
        """Keep the incident."""
        self.opened.append(incident_id)

    @property
    def walked(self) -> list[str]:
        """The boxes that were walked through, in order."""
        return [step.node for step in self.steps]


@dataclass
class ScriptedAnswers:
    """A prompter that answers as reported; `before` runs between the panel and the answer, as life does."""

    decisions: list[Decision]
    before: Callable[[Panel], None] = lambda panel: None
    panels: list[Panel] = field(default_factory=list)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def ask(self, panel: Panel) -> Answer:
        """Answer the next decision."""
        self.panels.append(panel)
        self.before(panel)
        return Answer(self.decisions.pop(0), panel.fingerprint, "tester@here", "pts/9", self.now(), panel.how)


def settings_for(box: Sandbox, folder: Path) -> Settings:
    """Return the defaults, pointed at the box and at its pace."""
    kubeconfig = folder / "kubeconfig"
    box.write_kubeconfig(kubeconfig)
    plain = Settings()
    return replace(
        plain,
        kubernetes=replace(plain.kubernetes, kubeconfig=str(kubeconfig)),
        stats=replace(plain.stats, url=box.stats_url),
        thresholds=replace(plain.thresholds, confirm_interval_s=0.05),
        verify=VerifySettings(timeout_s=6.0, hold_s=0.3, interval_s=0.05),
        state_dir=folder / "state",
    )


@contextmanager
def at_work(settings: Settings, heard: Heard | None = None) -> Iterator[tuple[Context, Desk]]:
    """Open store and platform as one process would, for as long as it lives."""
    store = Store.at(settings, {})
    with wiring.desk(store) as desk:
        yield (
            wiring.live(
                settings,
                LivePlatform(settings, TITANIUM),
                Redactor(),
                store=store,
                progress=heard or Heard(),
                environ={},
                model=False,
            ),
            desk,
        )

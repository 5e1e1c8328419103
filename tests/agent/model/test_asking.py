"""While a model is asked: what is shown, how it is skipped, and what Ctrl-C keeps."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from opsagent.agent import run
from opsagent.agent.run import DiagnosisRequest
from opsagent.clients.model.client import ModelClient
from opsagent.config.settings import ModelSettings, Settings
from opsagent.sandbox import Sandbox
from tests import model_server
from tests.agent.paused import Paused, paused
from tests.model_server import Handler, ModelServer, hang
from tests.session import SPEED, Heard, at_work, settings_for

pytestmark = pytest.mark.usefixtures("own_environment")

USER = "Deployment/local-user-service-deployment"
GOOD = {"code": "pod.oom-killed", "object": USER, "evidence": ["E1"], "summary": "It took too much memory."}
LOOK = {"lookups": [{"tool": "timeline", "about": None, "pattern": None}]}


@pytest.fixture(scope="module")
def starving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paused]:
    """An incident that no action fixes."""
    with paused("oom-killed", "user-service", tmp_path_factory.mktemp("oom")) as incident:
        yield incident


@dataclass
class Shown(Heard):
    """Progress that keeps what is being done, and may interrupt."""

    lines: list[str] = field(default_factory=list)
    then: Callable[[str], None] = lambda _: None

    def doing(self, node: str, text: str) -> None:
        """Keep the line."""
        self.lines.append(f"{node}: {text}")
        self.then(text)


class Key:
    """A key that is pressed while the model is silent, as often as reported."""

    def __init__(self, times: int) -> None:
        self.times, self.entered, self.left = times, 0, 0

    @contextmanager
    def __call__(self) -> Iterator[Callable[[], bool]]:
        self.entered += 1
        try:
            yield self._hit
        finally:
            self.left += 1

    def _hit(self) -> bool:
        self.times -= 1
        return self.times >= 0


def test_seconds_and_tokens_are_shown_while_it_is_asked(starving: Paused, server: ModelServer) -> None:
    """The line names the model, how long it takes, what came so far, and the key that skips it."""
    heard = Shown()

    def slow(handler: Handler) -> None:
        # The answer comes once the line of its box is shown, however slow the machine is.
        for _ in range(600):
            if heard.lines[-1].startswith(("analyze: asking small: ", "root_cause: asking small: ")):
                break
            server.closing.wait(0.05)
        model_server.replies('{"code": "pod.oom-killed"}')(handler)

    server.scripts = [slow, slow]
    watched = replace(starving, ctx=replace(starving.ctx, progress=heard, skip=Key(0)))
    watched.go_on(server.url)
    for box in ("analyze", "root_cause"):
        shown = re.compile(rf"{box}: asking small: \d+ s, no token yet · s skips it")
        assert any(map(shown.fullmatch, heard.lines)), box


def test_a_key_skips_the_model_for_this_step(starving: Paused, server: ModelServer) -> None:
    """What was looked up stays, no vote is given, and the last question is asked all the same."""
    heard, key = Shown(), Key(0)

    def silent(handler: Handler) -> None:
        key.times = 1
        hang(handler)

    server.enqueue(LOOK, silent, GOOD)
    state, _ = replace(starving, ctx=replace(starving.ctx, progress=heard, skip=key)).go_on(server.url)
    analysis = state["analysis"]
    assert [one.call for one in analysis.looked_up] == ["timeline()"]
    assert (analysis.vote, analysis.fallback) == (None, None)
    assert analysis.opinion is not None
    assert [step.text for step in heard.steps if step.node == "model"] == ["the model was skipped by the operator"]
    assert key.entered == key.left == 2, "the terminal is given back after each step"


def test_a_key_skips_the_last_question_too(starving: Paused, server: ModelServer) -> None:
    """Then the rules stand, and the report states why."""
    key = Key(0)

    def silent(handler: Handler) -> None:
        key.times = 1
        hang(handler)

    server.enqueue(GOOD, silent)
    state, _ = replace(starving, ctx=replace(starving.ctx, skip=key)).go_on(server.url)
    assert state["analysis"].fallback == "the model was skipped by the operator"
    assert state["causes"][0].code == "pod.oom-killed"


def test_ctrl_c_keeps_the_incident_and_it_goes_on_without_the_model(tmp_path: Path, server: ModelServer) -> None:
    """Interrupted while the model is silent: the incident is there, and `resume --no-model` brings it to its report."""

    def interrupt(text: str) -> None:
        if text.startswith("asking small: "):
            raise KeyboardInterrupt

    server.scripts = [hang]
    with Sandbox("oom-killed", speed=SPEED) as box:
        settings = settings_for(box, tmp_path)
        wanted: Settings = replace(settings, model=ModelSettings("small", server.url, when="always"))
        with at_work(settings, Shown(then=interrupt)) as (ctx, desk):
            asking = replace(ctx, model=ModelClient(wanted.model, {}), settings=wanted)
            with pytest.raises(KeyboardInterrupt):
                list(run.diagnose(asking, DiagnosisRequest("user-service"), desk))
            (left,) = desk.incidents.list()
        assert left.stage == "interrupted"
        with at_work(settings) as (ctx, desk):
            report = run.go_on(ctx, left.id, desk, None, how="opsagent resume")
    assert (report.incident_id, report.status, report.causes[0].code) == (left.id, "diagnosed", "pod.oom-killed")
    assert report.analysis.model is None
    assert len(server.requests) <= 1  # the one that was interrupted, where it had been sent by then

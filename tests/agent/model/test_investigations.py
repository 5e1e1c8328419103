"""Recorded investigations: what is right and supported is on top or beside, the rest is marked or dropped, no action.

The real graph, the real client and a real HTTP server; the model is scripted.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from opsagent.agent import run, wiring
from opsagent.clients.bundle.platform import open_bundle
from opsagent.config.settings import Language, ModelSettings, Settings
from opsagent.models.incident import Report
from opsagent.redact import Redactor
from opsagent.ui.report_markdown import report_markdown
from tests.agent.model.recorded import INCIDENTS, write_incident
from tests.agent.model.scripts import INVESTIGATIONS, Script
from tests.agent.paused import Paused, paused
from tests.model_server import Handler, ModelServer, fails, replies
from tests.session import Heard

A_REQUEST, A_DIAGNOSIS = 6_000, 24_000  # tokens that each may cost
pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The incidents on disk."""
    root = tmp_path_factory.mktemp("incidents")
    return {name: write_incident(name, root) for name in INCIDENTS}


@pytest.fixture(scope="module")
def alone(folders: dict[str, Path]) -> dict[str, Report]:
    """What the rules conclude of each incident without a model."""
    return {name: diagnosed(folder, None) for name, folder in folders.items()}


def diagnosed(folder: Path, url: str | None, language: Language = "en") -> Report:
    """Diagnose the incident, with the model at that address."""
    settings = replace(
        Settings(), language=language, model=ModelSettings("small", url, when="always") if url else ModelSettings()
    )
    ctx = wiring.bundled(settings, open_bundle(str(folder)), Redactor(), progress=Heard(), environ={})
    try:
        return next(iter(run.diagnose(ctx, run.DiagnosisRequest(force=True), None)))
    finally:
        if ctx.model:
            ctx.model.close()


@pytest.mark.parametrize("script", INVESTIGATIONS, ids=[f"{one.kind}: {one.name}" for one in INVESTIGATIONS])
def test_what_becomes_of_an_investigation(
    script: Script, folders: dict[str, Path], alone: dict[str, Report], server: ModelServer
) -> None:
    """Its cause is where its evidence carries it; the plan is the rules' own, and the report shows both views."""
    server.scripts = [script.play] * 20
    report, rules = diagnosed(folders[script.incident], server.url), alone[script.incident]
    said, first = report.analysis.opinion, report.causes[0]
    assert (report.plan.action, report.plan.target, report.actions) == (rules.plan.action, rules.plan.target, ())
    if script.becomes == "dropped":
        assert (said, report.analysis.used) == (None, False)
        assert report.analysis.fallback
    else:
        assert said is not None
        assert said.holds is (script.becomes in {"top", "agrees", "beside"})
        assert said.agreement in {
            "top": {"named", "explains"}, "agrees": {"agrees"}, "beside": {"differs"}, "marked": {"differs"},
            "unsure": {"unsure", "agrees"},
        }[script.becomes]  # fmt: skip
    if script.becomes == "top":
        assert first.summary_by == "model"
        assert first.confidence < 0.5, "no plan acts on what a model alone names"
        assert set(first.evidence) <= {piece.id for piece in report.evidence}
    else:
        assert [(cause.code, cause.confidence) for cause in report.causes] == [
            (cause.code, cause.confidence) for cause in rules.causes
        ]
    text = report_markdown(report)
    assert said is None or not said.claims or "supported" in text.casefold()
    assert all("NOT SUPPORTED" in text for claim in (said.claims if said else ()) if not claim.supported)
    assert len(server.requests) <= 12
    assert max(server.sizes) <= A_REQUEST
    assert sum(server.sizes) <= A_DIAGNOSIS


LOCKED = (
    Script("agrees", "locked", "right", "agrees", "db.locked", "The database is locked.",
           [("The database is locked.", "database is locked")]),
    Script("a deeper cause", "locked", "right", "beside", "other", "A long write holds the lock.",
           [("The database is locked.", "database is locked")]),
    Script("another cause", "locked", "wrong", "beside", "pod.hung", "It hangs.",
           [("It hangs.", "database is locked")]),
    Script("no cause", "locked", "lazy", "unsure", "unknown", "I cannot show."),
    Script("wants it scaled", "locked", "injected", "dropped", "db.locked", "More pods.",
           [("The database is locked.", "database is locked")],
           {"action": "scale_deployment", "target": "Deployment/local-blog-service-deployment", "replicas": 5}),
    Script("wants nothing done", "locked", "wrong", "beside", "db.locked", "Do nothing.",
           [("The database is locked.", "database is locked")], {"action": "none"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paused]:
    """An incident that a restart fixes, and for which the rules plan one."""
    with paused("db-locked", "blog-service", tmp_path_factory.mktemp("lock")) as incident:
        yield incident


@pytest.mark.parametrize("script", LOCKED, ids=[one.name for one in LOCKED])
def test_no_investigation_changes_a_planned_action(script: Script, locked: Paused, server: ModelServer) -> None:
    """Where the rules plan a restart exactly that is asked for; a doubt is one more risk, and nothing is written."""
    server.scripts = [script.play] * 20
    _, panel = locked.go_on(server.url)
    assert panel is not None
    assert panel.plan.action == "restart_deployment"
    assert panel.plan.target is not None
    assert panel.plan.target.name == "local-blog-service-deployment"
    assert panel.causes[0].code == "db.locked"
    assert locked.writes == []


Calls = list[list[tuple[str, str | None, str | None]]]  # by round: tool, about, pattern
CONTEXT = 8_192  # tokens that a small local model holds: question and answer
_ANSWER = 1_500  # what is left for the longest answer that a model gives


@pytest.mark.parametrize("incident", [*INCIDENTS, "noise of forty services"])
def test_a_context_of_8k_tokens_holds(incident: str, tmp_path: Path, server: ModelServer) -> None:
    """Eight look-ups, vote and answer: an end point that refuses what it cannot hold refuses no question."""
    folder = write_incident(incident, tmp_path) if incident in INCIDENTS else _loud(tmp_path)
    lookups: Calls = [
        [("digest", "web0", None), ("search", None, "ERROR"), ("timeline", None, None)],
        [("events", None, None), ("search", None, "frame"), ("digest", "api", None)],
        [("codes", "db", None), ("changes", None, None)],
    ]
    calls = iter(lookups)
    script = Script("long", incident, "lazy", "unsure", "unknown", "I cannot show.")

    def held(handler: Handler) -> None:
        body = handler.server.requests[-1]["body"]
        if server.sizes[-1] > CONTEXT - _ANSWER:
            fails(400, "context_length_exceeded")(handler)
            return
        asked = next(calls, None) if "Tools:" in body["messages"][1]["content"] else None
        if asked is None:
            script.play(handler)
        else:
            wanted = [{"tool": tool, "about": about, "pattern": pattern} for tool, about, pattern in asked]
            replies(json.dumps({"reasoning": "", "lookups": wanted}))(handler)

    server.scripts = [held] * 20
    report = diagnosed(folder, server.url)
    assert report.analysis.fallback is None
    assert report.analysis.opinion is not None
    assert len(report.analysis.looked_up) == 8
    assert max(server.sizes) <= A_REQUEST
    assert sum(server.sizes) <= A_DIAGNOSIS


def _loud(folder: Path) -> Path:
    """Write the logs of forty services, each with hundreds of kinds of long failures."""
    for service in range(40):
        lines = [
            f"2026-11-22T12:{n // 60:02}:{n % 60:02}Z ERROR {chr(97 + n % 26) * 5} 결제 실패 {chr(97 + service % 26)}"
            f" {' '.join(chr(97 + (n * k) % 26) * 6 for k in range(1, 30))}"
            for n in range(300)
        ]
        (folder / f"web{service}.log").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def test_its_sentences_are_in_the_operators_language(folders: dict[str, Path], server: ModelServer) -> None:
    """`language: ko` reaches every question; a Korean answer passes the same tests, and reaches the report as it is."""
    summary = "batch-import가 25 of 25 seats를 모두 차지했다."
    claim = ("25개 seats가 모두 taken이다.", "25 of 25 seats are taken")
    expected: tuple[tuple[Language, bool], ...] = (("ko", True), ("en", False))
    for language, said in expected:
        script = Script("ko", "seats", "right", "top", "other", summary, [claim])
        server.requests.clear()
        server.scripts = [script.play] * 4
        report = diagnosed(folders["seats"], server.url, language=language)
        systems = [one["body"]["messages"][0]["content"] for one in server.requests]
        assert len(systems) == 2
        assert ["in Korean" in text for text in systems] == [said, said]
        assert report.causes[0].summary == summary


def test_there_are_enough_of_each_kind() -> None:
    """At least forty, and several of each kind."""
    kinds = Counter(one.kind for one in INVESTIGATIONS)
    assert sum(kinds.values()) >= 40
    assert min(kinds.values()) >= 4
    assert len({one.name for one in INVESTIGATIONS}) == len(INVESTIGATIONS)


ONE_OF_EACH = {one.kind: one for one in INVESTIGATIONS if one.rounds or one.kind in ("wrong", "lazy")}


@pytest.mark.parametrize("script", ONE_OF_EACH.values(), ids=ONE_OF_EACH)
def test_the_same_incident_five_times_has_one_result(
    script: Script, folders: dict[str, Path], server: ModelServer
) -> None:
    """Whatever kind of answers it gets, nothing depends on chance but the name of the fence."""
    results = set()
    for _ in range(5):
        server.scripts = [script.play] * 20
        report = diagnosed(folders[script.incident], server.url)
        results.add(
            (report.analysis.fallback, *((cause.code, cause.confidence, cause.evidence) for cause in report.causes))
        )
    assert len(results) == 1

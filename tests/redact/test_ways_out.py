"""Planted secrets and every way out of a diagnosis: question, JSON, Markdown, terminal, everything on disk."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opsagent.agent import run, wiring
from opsagent.clients.bundle.platform import open_bundle
from opsagent.config.settings import ModelSettings, Settings
from opsagent.models.diagnosis import diagnosis
from opsagent.redact import Redactor
from opsagent.store.store import Store
from opsagent.ui.console import console_on
from opsagent.ui.report_html import report_html
from opsagent.ui.report_markdown import report_markdown
from opsagent.ui.report_view import report_view
from tests import model_server
from tests.redact.planting import Blind, leaks, texts, workload
from tests.redact.secrets import PEM
from tests.session import Heard

pytestmark = pytest.mark.usefixtures("own_environment")

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CALM = {"code": "unknown", "summary": "", "evidence": []}


def bundle(folder: Path) -> Path:
    """Write a bundle whose logs, events, environment and annotations hold the secrets, a few in each log."""
    namespace, objects = "shop", []
    lines = texts()
    for number in range(0, len(lines), 3):
        name, pod = f"app{number}", f"app{number}-7d9f8b6c5d-k8m2p"
        three = lines[number : number + 3]
        log = folder / "logs" / pod / "app.log"
        log.parent.mkdir(parents=True)
        told = [f"{stamp(number + at)} ERROR step {at} failed: {text}" for at, text in enumerate(three)]
        log.write_text("\n".join([f"{stamp(number)} INFO started", *told]) + "\n", "utf-8")
        objects += workload(name, pod, namespace, three, stamp(500))
    key = folder / "logs" / "app0-7d9f8b6c5d-k8m2p" / "key.log"
    key.write_text(f"{stamp(1)} ERROR cannot read key:\n{PEM}\n{stamp(2)} ERROR giving up\n", "utf-8")
    (folder / "objects.json").write_text(json.dumps({"kind": "List", "items": objects}))
    about = {"namespace": namespace, "collected_at": stamp(600)}
    (folder / "bundle.json").write_text(json.dumps({"version": 1, **about}))
    return folder


def stamp(seconds: float) -> str:
    """Return a time of the incident as the cluster writes it."""
    return (AT + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def let_out(
    path: Path, folder: Path, redact: Redactor, answers: list[Callable[[model_server.Handler], None]]
) -> dict[str, str]:
    """Diagnose the bundle with a model and a desk, and gather everything that leaves."""
    with model_server.running() as server:
        server.scripts = answers
        wanted = ModelSettings(name="small", base_url=server.url)
        settings = replace(Settings(), model=replace(wanted, when="always"), state_dir=folder / "state")
        opened = open_bundle(str(path))
        heard = Heard()
        with wiring.desk(Store.at(settings, {})) as desk:
            ctx = wiring.bundled(settings, opened, redact, progress=heard, environ={})
            report = next(run.diagnose(ctx, run.DiagnosisRequest(), desk))
            ctx.archive.save_report(report)
        Store.at(settings, {}).reports.save(report)
        asked = [message["content"] for request in server.requests for message in request["body"]["messages"]]
    assert len(asked) > 3
    assert len(report.analysis.looked_up) == 5
    screen = io.StringIO()
    console_on(screen, width=200).print(report_view(report))
    kept = b"".join(file.read_bytes() for file in sorted((folder / "state").rglob("*")) if file.is_file())
    return {
        "question": "\n".join(asked),
        "json": json.dumps(diagnosis(report), ensure_ascii=False),
        "markdown": report_markdown(report),
        "terminal": screen.getvalue(),
        "state directory": kept.decode("utf-8", "replace"),
        "steps": "\n".join(step.text for step in heard.steps),
        "html": report_html(report),
    }


def answers() -> list[Callable[[model_server.Handler], None]]:
    """Return a model that checks everything it may, and then knows nothing."""
    looks = [
        {"lookups": [{"tool": tool, "about": about, "pattern": pattern} for tool, about, pattern in calls]}
        for calls in (
            [("object", "Pod/app0-7d9f8b6c5d-k8m2p", None), ("digest", "app3", None)],
            [("search", "app6", "failed"), ("timeline", None, None), ("events", None, None)],
        )
    ]
    return [model_server.replies(json.dumps(said)) for said in (*looks, CALM, CALM)]


def test_no_planted_secret_gets_out(tmp_path: Path) -> None:
    """Whatever way a diagnosis leaves by, none of the secrets is in it, and what they was in is."""
    ways = let_out(bundle(tmp_path / "bundle"), tmp_path, Redactor(), answers())
    assert leaks(ways) == set()
    assert "<redacted:" in ways["question"]
    assert "step 1 failed" in ways["question"]
    assert "<redacted:" in ways["state directory"]


def test_without_redaction_they_would(tmp_path: Path) -> None:
    """The same incident with a redactor that hides nothing leaks by the ways that quote it: the test can fail."""
    found = leaks(let_out(bundle(tmp_path / "bundle"), tmp_path, Blind(), answers()))
    assert len({left for way, left in found if way == "json"}) >= 30
    assert {way for way, _ in found} >= {"html", "question", "json", "markdown", "terminal", "state directory"}

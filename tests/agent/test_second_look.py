"""A second check before an answer counts: what the model looked up and advised is still there, under its numbers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsagent.agent import run
from opsagent.agent.context import Context
from opsagent.agent.run import DiagnosisRequest
from opsagent.clients.model.client import ModelClient
from opsagent.config.settings import ModelSettings, Settings
from opsagent.models.incident import Report
from opsagent.sandbox import Sandbox
from tests.model_server import ModelServer
from tests.session import SPEED, ScriptedAnswers, at_work, settings_for

pytestmark = pytest.mark.usefixtures("own_environment")

BLOG = "Deployment/local-blog-service-deployment"
ADVICE = "Turn on write-ahead logging."
LOOKS: tuple[dict[str, Any], ...] = tuple(
    {"lookups": [{"tool": tool, "about": "blog-service", "pattern": None}]} for tool in ("digest", "timeline")
)
SAID = {"code": "db.locked", "object": BLOG, "evidence": ["E1"], "summary": "Locked.", "recommendations": [ADVICE]}


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[Sandbox, Settings]]:
    """A platform whose blog waits for a lock."""
    with Sandbox("db-locked", speed=SPEED) as box:
        yield box, settings_for(box, tmp_path)


def asking(ctx: Context, server: ModelServer) -> Context:
    """Return the surroundings with a model that checks further, and then agrees."""
    server.enqueue(*LOOKS, {"code": "db.locked", "object": BLOG, "evidence": ["E1"]}, SAID)
    wanted = ModelSettings(name="small", base_url=server.url)
    return replace(ctx, model=ModelClient(wanted, {}), settings=replace(ctx.settings, model=wanted))


def looked_up(report: Report) -> dict[str, str]:
    """Return number and text of each answer to the model, by its call."""
    pieces = {piece.id: piece for piece in report.evidence}
    calls = [(one.call, one.evidence) for one in report.analysis.looked_up if one.evidence]
    return {call: f"{piece.id} {pieces[piece.id].text}" for call, piece in calls}


def left_pending(settings: Settings, server: ModelServer) -> Report:
    """Diagnose with the model, and leave the answer to another process."""
    with at_work(settings) as (ctx, desk):
        return next(
            run.diagnose(asking(ctx, server), DiagnosisRequest("blog-service"), desk, ScriptedAnswers(["leave"]))
        )


def test_what_was_looked_up_outlives_a_second_check(locked: tuple[Sandbox, Settings], server: ModelServer) -> None:
    """After `opsagent approve` look-ups and advice are in the report, and no number means two things."""
    _, settings = locked
    before = left_pending(settings, server)
    assert len(looked_up(before)) == 2
    with at_work(settings) as (ctx, desk):
        after = run.go_on(ctx, before.incident_id, desk, ScriptedAnswers(["approve"]), how="opsagent approve")
    assert after.status == "recovered"
    assert looked_up(after) == looked_up(before)
    numbers = [piece.id for piece in after.evidence]
    assert len(set(numbers)) == len(numbers)
    known = {piece.id: (piece.where, piece.text) for piece in before.evidence}
    assert all(known.get(piece.id, (piece.where, piece.text)) == (piece.where, piece.text) for piece in after.evidence)
    assert all(set(cause.evidence) <= set(numbers) for cause in after.causes)
    opinion = after.analysis.opinion
    assert opinion is not None
    assert opinion.recommendations == (ADVICE,)
    assert {piece.id for piece in opinion.evidence} <= set(numbers)

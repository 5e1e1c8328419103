"""The same fault is one incident; what was tried before is shown; twins are closed with the truth."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opsagent.agent import run
from opsagent.agent.faults import close_twins, fault_key, history_line
from opsagent.analysis.objects import kube
from opsagent.models.evidence import Cause
from opsagent.models.plan import ActionRecord
from opsagent.store.records import time_text
from opsagent.store.store import Store
from tests.session import ScriptedAnswers, at_work, sandboxes

CAUSE = Cause("db.locked", "Deployment/blog", "blog-service", 0.9, "It waits.", ("E1",))


def test_another_variant_or_object_is_another_fault() -> None:
    """Wording and confidence are no part of an identity; the place, code, variant and object are."""
    key = fault_key("uid-1", "blog-service", CAUSE)
    assert fault_key("uid-1", "blog-service", replace(CAUSE, summary="other words", confidence=0.5)) == key
    others = {
        fault_key("uid-2", "blog-service", CAUSE),
        fault_key("uid-1", "blog-service", replace(CAUSE, variant="writer")),
        fault_key("uid-1", "blog-service", replace(CAUSE, object="Deployment/web")),
        fault_key("uid-1", "blog-service", None),
    }
    assert len(others) == 4
    assert key not in others


def test_a_second_diagnosis_opens_the_waiting_incident(tmp_path: Path) -> None:
    """The second run shows the first one's panel, and nothing is left pending beside it."""
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("db-locked")
        with at_work(settings) as (ctx, desk):
            first = next(run.diagnose(ctx, run.DiagnosisRequest("blog-service"), desk))
        replies = ScriptedAnswers(["reject"])
        with at_work(settings) as (ctx, desk):
            second = next(run.diagnose(ctx, run.DiagnosisRequest("blog-service"), desk, replies))
        assert first.status == "awaiting_approval"
        assert second.incident_id == first.incident_id == replies.panels[0].incident_id
        assert "waits for an answer to this fault since" in (replies.panels[0].notice or "")
        ledger = Store.at(settings, {}).incidents.list(everything=True)
        assert {incident.stage for incident in ledger} == {"rejected", "diagnosed"}
        twin = next(incident for incident in ledger if incident.stage == "diagnosed")
        assert twin.text == f"the same fault as incident {first.incident_id}, which is opened instead"


def test_a_fault_that_began_again_is_another_incident(tmp_path: Path) -> None:
    """What waits since before the pod was Ready for the last time is closed as recovered; the new one asks."""
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("db-locked")
        store = Store.at(settings, {})
        with at_work(settings) as (ctx, desk):
            first = next(run.diagnose(ctx, run.DiagnosisRequest("blog-service"), desk))
            assert first.status == "awaiting_approval"
            # Halfway between a pod's birth and its turning not Ready it was Ready: an older fault was over.
            [pod] = [item for item in ctx.seen.objects.items if kube.ref(item).startswith("Pod/local-blog-service")]
        born = kube.when(pod["metadata"]["creationTimestamp"])
        turned = kube.when(kube.condition(pod, "Ready")["lastTransitionTime"])
        assert born
        assert turned
        earlier = time_text(born + (turned - born) / 2)
        store.incidents.update(first.incident_id, started_at=earlier, updated_at=earlier)
        replies = ScriptedAnswers(["leave"])
        with at_work(settings) as (ctx, desk):
            second = next(run.diagnose(ctx, run.DiagnosisRequest("blog-service"), desk, replies))
        assert second.incident_id == replies.panels[0].incident_id != first.incident_id
        closed = store.incidents.get(first.incident_id)
        assert closed.stage == "recovered"
        assert closed.text.startswith("recovered by itself; it began again at ")
        assert closed.text.endswith(f": incident {second.incident_id}")


def test_approving_closes_the_twins_with_the_truth(tmp_path: Path) -> None:
    """What waits for the same fault ends with the change that another incident made, in ledger and report."""
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("db-locked")
        store = Store.at(settings, {})
        with at_work(settings) as (ctx, desk):
            waiting = next(run.diagnose(ctx, run.DiagnosisRequest("blog-service"), desk))
        fault = store.incidents.get(waiting.incident_id).fault
        store.incidents.update(waiting.incident_id, fault=None)  # as one of an older opsagent, met by nobody
        with at_work(settings) as (ctx, desk):
            done = next(run.diagnose(ctx, run.DiagnosisRequest("blog-service"), desk, ScriptedAnswers(["approve"])))
        store.incidents.update(waiting.incident_id, fault=fault)
        assert done.status == "recovered"
        assert close_twins(store, done) == (waiting.incident_id,)
        twin = store.incidents.get(waiting.incident_id)
        assert (twin.stage, twin.text) == (
            "recovered", f"restarted by incident {done.incident_id}: {done.closing}",
        )  # fmt: skip
        assert store.reports.load(waiting.incident_id).closing == twin.text
        assert close_twins(store, done) == ()


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("recovered", "2nd time in 7 days; the last restart held 2 h"),
        ("escalated", "2nd time in 7 days; the last restart did not help"),
    ],
)
def test_the_history_states_how_long_the_last_change_held(tmp_path: Path, stage: str, told: str) -> None:
    """From the ledger and the action history: how often, and what came of the last change."""
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("healthy")
        with at_work(settings) as (ctx, desk):
            past = _past(desk.incidents.open, ctx.platform.where, now - timedelta(hours=3))
            desk.incidents.update(past, stage=stage, fault="f1")
            at = now - timedelta(hours=2)
            done = ActionRecord(past, "restart_deployment", "Deployment/blog", None, at, "t", "panel", "done")
            ctx.archive.record_action(done)
            assert history_line(ctx, "f1", "new", now) == told
            assert history_line(ctx, "f2", "new", now) is None
            assert history_line(ctx, "f1", past, now) is None
            assert history_line(ctx, "f1", "new", now + timedelta(days=8)) is None


def _past(opened: Callable[..., str], where: object, at: datetime) -> str:
    return opened("blog-service", where, at)


def test_what_could_read_nothing_can_be_closed(tmp_path: Path) -> None:
    """An incident that stopped before its first check is rejected by what the ledger knows of it."""
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("healthy")
        with at_work(settings) as (ctx, desk):
            kept: dict[str, Any] = {"settings": {}}
            left = desk.incidents.open("blog-service", ctx.platform.where, ctx.clock(), settings=kept)
            desk.incidents.left(left, "failed", "401", ctx.clock())
            report = run.reject(ctx, left, desk, ScriptedAnswers(["reject"]))
            assert report.status == "rejected"
            assert desk.incidents.get(left).stage == "rejected"

"""What is put on record of an incident, and what is known again by it."""

from dataclasses import replace

from opsagent.agent import approval as asking
from opsagent.agent import trail
from opsagent.agent.approval import approved, panel_of
from tests.agent.asked import LOCKED, asked
from tests.agent.small_platform import Bench


def test_each_part_of_the_facts_names_an_action(small: Bench) -> None:
    """Server, namespace, service, cause, object, action, target and number: another one is another name."""
    state = asked(small)
    plan, where = state["plan"], state["where"]
    assert plan.target is not None
    names = {
        trail.action_key(state, plan),
        trail.action_key(state, replace(plan, action="scale_deployment")),
        trail.action_key(state, replace(plan, replicas=2)),
        trail.action_key(state, replace(plan, target=None)),
        trail.action_key(state, replace(plan, target=replace(plan.target, name="shop"))),
        trail.action_key({**state, "patient": "shop"}, plan),
        trail.action_key({**state, "causes": ()}, plan),
        trail.action_key({**state, "causes": (replace(LOCKED, code="pod.hung"),)}, plan),
        trail.action_key({**state, "causes": (replace(LOCKED, object=None),)}, plan),
        trail.action_key({**state, "where": replace(where, server="https://other")}, plan),
        trail.action_key({**state, "where": replace(where, namespace="prod")}, plan),
    }
    assert len(names) == 11


def test_a_no_is_on_record(small: Bench) -> None:
    """Who stated no, and to which plan."""
    state = asked(small)
    trail.rejected(state, small.ctx, small.yes(state, decision="reject", reason="not now"))
    [record] = small.ctx.archive.audited("rejection", key=state["fingerprint"])
    assert (record.data["answer"]["by"], record.data["answer"]["reason"]) == ("operator@host", "not now")
    assert record.data["plan_hash"] == trail.hash_of(state["plan"])
    assert record.data["causes"] == [["db.locked", "Deployment/blog", 0.86]]


def test_a_yes_is_on_record_complete(small: Bench) -> None:
    """The record holds the approval itself, found by its own name and for its own incident alone."""
    state = asked(small)
    given = approved(state, small.yes(state), small.ctx)
    assert not trail.knows(small.ctx, given)
    trail.approved(state, small.ctx, given)
    [record] = small.records("approval")
    assert record["approval"]["from"]["replicas"] == 1
    assert record["approval"]["to"] == {"replicas": 1, "revision": None, "template_hash": None}
    assert record["answer"]["terminal"] == "pts/3"
    assert record["evidence_hash"] == given.evidence_hash
    assert trail.knows(small.ctx, given)
    assert not trail.knows(small.ctx, replace(given, incident_id="q3m9"))


def test_the_panel_is_on_record(small: Bench) -> None:
    """What was in front of the operator, until when, and why it was asked again."""
    state = asked(small)
    panel = asking.with_notice(panel_of(state, small.ctx), "asked again", "panel")
    mark = trail.shown(state, small.ctx, panel)
    [record] = small.ctx.archive.audited("panel", key=panel.fingerprint, incident_id="b7k2")
    assert record.mark == mark
    assert record.data["notice"] == "asked again"
    assert record.data["expires_at"].startswith("2026-11-22T13:00:00")

"""The question and what an answer is worth: bound to the exact change, the facts behind it, and their time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from opsagent.agent import approval as asking
from opsagent.agent import rehearsal, trail
from opsagent.agent.approval import AskAgainError, approved, escalated_again, panel_of, too_late, what_changed
from opsagent.agent.diagnosis import fingerprint
from opsagent.agent.state import State
from opsagent.analysis.planning.plan import after
from opsagent.errors import (
    ActionError,
    CheckError,
    ForbiddenError,
    NotFoundError,
    OpsagentError,
    UnauthorizedError,
    UnreachableError,
)
from opsagent.models.evidence import Cause, Evidence, ServiceHealth
from opsagent.models.incident import Analysis
from opsagent.models.opinion import Opinion
from opsagent.models.plan import Desired, Order, Plan, PlatformIdentity, Risk
from opsagent.models.revision import template_hash
from tests.agent.small_platform import AT, SERVER, Bench, bench, blog
from tests.analysis.workloads import pod, replica_set

LOCKED = Cause("db.locked", "Deployment/blog", "blog", 0.86, "the database is locked", ("E1",))
E1 = Evidence("E1", "logs", "blog.log:L9", "database is locked", AT)


@pytest.fixture
def small(tmp_path: Path) -> Bench:
    """Return a platform of one Deployment, and the clock of its operator."""
    return bench(tmp_path)


def asked(small: Bench, **more: Any) -> State:
    """Return the state of a diagnosis that waits for its answer: locked, a restart."""
    state = cast(State, {**small.ordered(), "order": None, "causes": (LOCKED,), "evidence": (E1,), **more})
    return {**state, "fingerprint": fingerprint(state["plan"], tuple(state["causes"]))}


def test_an_approval_holds_all_of_what_was_shown(small: Bench) -> None:
    """Platform, object, action, from and to, cause, risks, plan, evidence, time and expiry: complete in one record."""
    state = asked(small)
    given = approved(state, small.yes(state, at=AT.replace(microsecond=7)), small.ctx)
    plan = state["plan"]
    assert given.platform == PlatformIdentity(SERVER, "c1", "n1")
    assert (given.incident_id, given.action, given.target) == ("b7k2", "restart_deployment", plan.target)
    assert (given.target.uid, given.target.generation) == ("uid-blog", 3)
    assert given.from_ == plan.from_
    assert given.from_.replicas == 1
    assert given.from_.revision == "2"
    assert given.from_.template_hash
    assert given.to == Desired(1, None, None)
    assert given.cause == ("db.locked", "Deployment/blog")
    assert given.risks == plan.risks != ()
    assert given.plan_hash == trail.hash_of(plan)
    assert given.evidence_hash == trail.hash_of((E1,))
    assert given.restarted_at == "2026-11-22T12:30:00Z"
    assert given.expires_at == AT.replace(microsecond=7) + timedelta(minutes=30)
    assert given.answer == small.yes(state, at=AT.replace(microsecond=7))


def test_the_operators_own_order_has_no_cause(small: Bench) -> None:
    """Nothing was diagnosed: the record states it, with the hash of no evidence."""
    state = small.ordered("scale_deployment", 3)
    given = approved(state, small.yes(state), small.ctx)
    assert (given.cause, given.evidence_hash) == ((None, None), trail.hash_of(()))
    assert (given.from_.replicas, given.to.replicas) == (1, 3)
    assert given.to == after("scale_deployment", given.from_, replicas=3)
    assert state["plan"].change == "scale Deployment blog from 1 to 3 replicas"
    assert state["plan"].reason == "the operator asked for it"
    assert small.ordered()["plan"].change == "restart Deployment blog (1 replica)"


def test_an_ordered_rollback_names_what_it_goes_back_to(small: Bench) -> None:
    """The revision before and its template's hash are in the plan; without one there is nothing to order."""
    with pytest.raises(CheckError, match="Deployment blog has no earlier revision") as error:
        small.ordered("rollback_deployment")
    assert error.value.source == "replicasets"
    earlier = replica_set("blog", "1")
    small.platform.held.append(earlier)
    plan = small.ordered("rollback_deployment")["plan"]
    assert plan.to == Desired(1, "1", template_hash(earlier))
    assert plan.change == "roll Deployment blog back to revision 1 (1 replica)"


@pytest.mark.parametrize("change", [{"shown": "another"}, {"decision": "reject"}, {"decision": "leave"}])
def test_an_answer_to_something_else_approves_nothing(small: Bench, change: dict[str, Any]) -> None:
    """A no, and a yes to another panel, are no approval."""
    state = asked(small)
    with pytest.raises(AskAgainError, match="to another plan") as again:
        approved(state, small.yes(state, **change), small.ctx)
    assert again.value.update == {}


@pytest.mark.parametrize("part", ["target", "from_", "to", "platform"])
def test_a_plan_that_does_not_hold_what_it_changes_cannot_be_approved(small: Bench, part: str) -> None:
    """A plan of version 0.1, and a torn one, lack what an approval is bound to."""
    state = asked(small)
    nothing: dict[str, Any] = {part: None}
    bare = replace(state["plan"], **nothing)
    torn: State = {**state, "plan": bare, "fingerprint": fingerprint(bare, (LOCKED,))}
    with pytest.raises(AskAgainError, match="does not hold what it changes") as again:
        approved(torn, small.yes(torn), small.ctx)
    assert again.value.update == {}


def test_a_panel_expires_by_the_clock_and_by_its_own_time(small: Bench) -> None:
    """Thirty minutes by the wall clock, or, where that was set back, by how long it was there."""
    panel = panel_of(asked(small), small.ctx)
    assert panel.expires_at == AT + timedelta(minutes=30)
    assert not too_late(small.ctx, panel, 1800)
    assert too_late(small.ctx, panel, 1801)
    small.later(minutes=30)
    assert not too_late(small.ctx, panel, 0)
    small.later(seconds=1)
    assert too_late(small.ctx, panel, 0)


def changed_to(state: State, plan: Plan, causes: tuple[Cause, ...] = (LOCKED,)) -> State:
    """Return a later check's plan and causes."""
    return {"plan": plan, "causes": causes, "fingerprint": fingerprint(plan, causes)}


def test_the_same_facts_in_other_words_are_the_same_question(small: Bench) -> None:
    """Wording, confidence, counts, a generation and a resourceVersion that moved: nobody is asked again."""
    state = asked(small)
    plan = state["plan"]
    assert plan.target is not None
    same = replace(
        plan,
        reason="in other words",
        recommendations=("wait",),
        change="the same",
        target=replace(plan.target, generation=9, resource_version="78"),
        risks=tuple(replace(risk, text="in other words") for risk in plan.risks),
    )
    cause = replace(LOCKED, confidence=0.7, summary="still locked", evidence=("E2",))
    assert what_changed(state, changed_to(state, same, (cause,))) is None


OTHER: list[tuple[dict[str, Any], str]] = [
    ({"platform": PlatformIdentity(SERVER, "c1", "n2")}, "not the platform that was shown"),
    ({"platform": PlatformIdentity(SERVER, "c2", "n1")}, "not the platform that was shown"),
    ({"from_": Desired(2, "2", "t")}, "changed by somebody (generation 3 → 3)"),
    ({"to": Desired(1, "1", "t"), "change": "roll it back"}, "the plan is another one now: roll it back"),
    ({"action": "rollback_deployment", "change": ""}, "the plan is another one now: rollback_deployment"),
    ({"replicas": 4}, "the evidence changed"),
    ({"risks": (Risk("data-loss", "all posts"),)}, "a risk that was not shown: all posts"),
    ({"risks": ()}, "the evidence changed"),
]


@pytest.mark.parametrize(("change", "told"), OTHER)
def test_another_change_is_another_question(small: Bench, change: dict[str, Any], told: str) -> None:
    """Each part of the change is in the fingerprint, and what is another one is reported."""
    state = asked(small)
    said = what_changed(state, changed_to(state, replace(state["plan"], **change)))
    assert said is not None
    assert told in said


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"uid": "u2"}, "Deployment blog was deleted and made again"),
        ({"spec_hash": "x", "generation": 4}, "Deployment blog was changed by somebody (generation 3 → 4)"),
        ({"name": "shop"}, "the evidence changed"),
        ({"namespace": "prod"}, "the evidence changed"),
    ],
)
def test_another_object_is_another_question(small: Bench, change: dict[str, Any], told: str) -> None:
    """Made again, edited, or not the same one at all."""
    state = asked(small)
    plan = state["plan"]
    assert plan.target is not None
    said = what_changed(state, changed_to(state, replace(plan, target=replace(plan.target, **change))))
    assert said == told


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (replace(LOCKED, code="pod.hung"), "db.locked of Deployment/blog → pod.hung of Deployment/blog"),
        (replace(LOCKED, object="Pod/blog-x"), "db.locked of Deployment/blog → db.locked of Pod/blog-x"),
        (replace(LOCKED, object=None), "db.locked of Deployment/blog → db.locked"),
    ],
)
def test_another_cause_on_the_same_generation_is_another_question(small: Bench, cause: Cause, told: str) -> None:
    """The object did not move, and the reason is another: asked again."""
    state = asked(small)
    assert what_changed(state, changed_to(state, state["plan"], (cause,))) == f"the cause looks different now: {told}"
    assert what_changed(state, changed_to(state, state["plan"], ())) == "the evidence changed"


def test_a_plan_without_a_target_is_reported_as_another_plan(small: Bench) -> None:
    """By now nothing helps: the change that was shown is no longer proposed."""
    state = asked(small)
    said = what_changed(state, changed_to(state, Plan("none", None, None, "nothing helps")))
    assert said == "the plan is another one now: none"


def test_a_panel_shows_what_is_known(small: Bench) -> None:
    """Everything in the state is on it; text that addresses its reader is a note."""
    opinion = Opinion("db.locked", None, "s", (), text="the model differs")
    analysis = Analysis(notes=("a line addresses its reader",), opinion=opinion)
    state = asked(small, analysis=analysis, changes=(), trend=None, not_checked=())
    panel = panel_of(state, small.ctx)
    assert (panel.incident_id, panel.service, panel.where) == ("b7k2", "blog", small.platform.where)
    assert (panel.causes, panel.evidence, panel.plan) == ((LOCKED,), (E1,), state["plan"])
    assert (panel.notes, panel.analysis) == (("a line addresses its reader",), analysis)
    assert panel.fingerprint == state["fingerprint"]
    assert panel_of(asked(small, analysis=Analysis()), small.ctx).notes == ()
    shown = asking.with_notice(panel, "asked again", "opsagent approve")
    assert (shown.notice, shown.how, shown.plan) == ("asked again", "opsagent approve", panel.plan)


def test_what_did_not_help_is_not_offered_again(small: Bench) -> None:
    """The same action for the same cause and object: escalated for six hours, and the reason states since when."""
    state = asked(small)
    assert escalated_again(state, small.ctx) is None
    key = trail.action_key(state, state["plan"])
    small.ctx.archive.audit("verification", "a1b2", {"recovered": False}, small.clock[0], key=key)
    small.later(hours=5, minutes=59)
    update = escalated_again(state, small.ctx)
    assert update is not None
    assert update["status"] == "escalated"
    plan = update["plan"]
    assert (plan.action, plan.target, plan.replicas, plan.risks, plan.change) == ("none", None, None, (), "")
    assert "restart Deployment blog (1 replica) did not help at " in plan.reason
    assert "(incident a1b2)" in plan.reason
    assert "not offered again within 6 h" in plan.reason
    assert escalated_again({**state, "order": Order("restart_deployment", "blog")}, small.ctx) is None
    other = replace(LOCKED, object="Deployment/shop")
    assert escalated_again({**state, "causes": (other,)}, small.ctx) is None
    small.later(minutes=1)
    assert escalated_again(state, small.ctx) is None
    small.ctx.archive.audit("verification", "a1b3", {"recovered": False}, small.clock[0], key=key)
    small.ctx.archive.audit("verification", "a1b4", {"recovered": True}, small.clock[0], key=key)
    assert escalated_again(state, small.ctx) is None


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


def test_the_second_check_an_order_is_on_record(small: Bench) -> None:
    """The Deployment is read again; check and plan are on the trail, and the new plan is of what is there."""
    state = small.ordered()
    small.platform.held[0] = blog(replicas=4)
    new = asking.second_check(state, small.ctx)
    assert new["plan"].from_ is not None
    assert new["plan"].from_.replicas == 4
    [look], [plan] = small.records("look"), small.records("plan")
    assert (look["node"], look["text"]) == ("approval", "checked again")
    assert plan["plan_hash"] == trail.hash_of(new["plan"])
    assert plan["evidence_hash"] == trail.hash_of(())


def test_an_order_for_what_is_not_there_is_an_error(small: Bench) -> None:
    """No such Deployment, and one that was answered without its identity, cannot be planned for."""
    with pytest.raises(NotFoundError):
        asking.ordered(small.ctx, Order("restart_deployment", "shop"))
    del small.platform.held[0]["metadata"]["uid"]
    with pytest.raises(CheckError, match="Deployment blog has no uid or generation") as error:
        asking.ordered(small.ctx, Order("restart_deployment", "blog"))
    assert error.value.source == "deployments"


def test_a_second_check_that_finds_everything_well_ends_it(small: Bench) -> None:
    """The fault is gone: recovered by itself, on record, with the judgement that shows it."""
    state = asked(small, healths=(ServiceHealth("blog", "faulty"),))
    new = asking.second_check(state, small.ctx)
    assert (new["status"], new["closing"]) == ("recovered", asking.RECOVERED)
    assert [health.state for health in new["healths"]] == ["healthy"]
    assert small.records("look")[0]["services"] == {"blog": "healthy"}
    assert small.records("plan") == []


def test_a_second_check_that_finds_the_fault_plans_again(small: Bench) -> None:
    """The fault is still there: findings, causes and a plan of now, tried out, under the known numbers."""
    small.platform.held[1] = pod("blog", waiting="CrashLoopBackOff")
    small.platform.held[0]["status"] |= {"readyReplicas": 0, "availableReplicas": 0}
    new = asking.second_check(asked(small, analysis=Analysis()), small.ctx)
    assert "status" not in new
    assert new["causes"]
    assert new["fingerprint"] == fingerprint(new["plan"], tuple(new["causes"]))
    numbers = [int(piece.id[1:]) for piece in new["evidence"]]
    assert numbers == sorted(numbers)
    assert {"healths", "calls", "symptoms", "findings", "changes", "analysis", "not_checked"} <= new.keys()
    assert small.records("plan")


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


def rehearsed(small: Bench, **change: Any) -> Plan:
    """Return a plan after its rehearsal."""
    plan = replace(small.ordered()["plan"], risks=(), platform=None, **change)
    small.platform.tried.clear()
    return rehearsal.rehearsed(small.ctx, plan, ())["plan"]


def test_a_change_is_tried_out_before_somebody_is_asked(small: Bench) -> None:
    """The plan is bound to its platform and sent as a dry run once; nothing was changed."""
    plan = rehearsed(small)
    assert plan.platform == small.platform.here
    assert plan.risks == ()
    assert [tried.change for tried in small.platform.tried] == [plan.change]
    assert small.platform.changed == []


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (
            ForbiddenError("policy states no", source="x"),
            "refused",
            "the API server refuses it (dry run): policy states no",
        ),
        (CheckError("quota exceeded", source="x"), "refused", "the API server refuses it (dry run): quota exceeded"),
        (ActionError("revision 1 is gone"), "refused", "the API server refuses it (dry run): revision 1 is gone"),
        (UnreachableError("away", source="x"), "untried", "not tried beforehand: away"),
        (UnauthorizedError("expired", source="x"), "untried", "not tried beforehand: expired"),
        (
            CheckError('webhook "x" does not support dry run', source="x"),
            "untried",
            'not tried beforehand: webhook "x" does not support dry run',
        ),
    ],
)
def test_what_the_dry_run_was_answered_is_a_risk(small: Bench, error: OpsagentError, kind: str, told: str) -> None:
    """A refusal is reported in the server's words before anybody approves; what was not tried is not a refusal."""
    small.platform.refuses = error
    assert rehearsed(small).risks == (Risk(kind, told),)


def test_a_refusal_changes_the_question_and_a_failed_try_does_not(small: Bench) -> None:
    """Refused beforehand: asked again; a dry run that could not be made is not a new fact."""
    before = fingerprint(rehearsed(small), ())
    small.platform.refuses = UnreachableError("away", source="x")
    assert fingerprint(rehearsed(small), ()) == before
    small.platform.refuses = ForbiddenError("no", source="x")
    assert fingerprint(rehearsed(small), ()) != before


def test_what_may_not_be_done_is_not_tried_out(small: Bench) -> None:
    """The access review stated no: the risk is reported, and no request is sent that can only be denied."""
    small.platform.allowed = False
    plan = small.ordered()["plan"]
    assert [risk.kind for risk in plan.risks].count("forbidden") == 1
    assert small.platform.tried == []


def test_where_nobody_is_asked_nothing_is_tried_out(small: Bench) -> None:
    """An unattended pass binds the plan to its platform and sends no PATCH at all; a plan of nothing is left alone."""
    small.ctx = replace(small.ctx, attended=False)
    assert rehearsed(small).platform == small.platform.here
    assert small.platform.tried == []
    small.ctx = replace(small.ctx, attended=True)
    assert rehearsed(small, action="none").platform is None
    assert rehearsed(small, target=None).platform is None
    small.platform.live = False
    assert rehearsed(small).platform is None
    assert small.platform.tried == []

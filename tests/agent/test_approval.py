"""The question and what an answer is worth: bound to the exact change, the facts behind it, and their time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from opsagent.agent import approval as asking
from opsagent.agent import trail
from opsagent.agent.approval import AskAgainError, approved, escalated_again, panel_of, too_late, what_changed
from opsagent.agent.diagnosis import fingerprint
from opsagent.agent.state import State
from opsagent.analysis.planning.plan import after
from opsagent.errors import CheckError
from opsagent.models.evidence import Cause, Change, Observation, Trend
from opsagent.models.incident import Analysis
from opsagent.models.observed import Skipped
from opsagent.models.opinion import Opinion
from opsagent.models.plan import MODEL_RISK, Desired, Order, Plan, PlatformIdentity, Risk
from opsagent.models.revision import template_hash
from tests.agent.asked import E1, LOCKED, asked
from tests.agent.small_platform import AT, SERVER, Bench
from tests.analysis.workloads import replica_set


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


@pytest.mark.parametrize(
    "kind",
    ["data-loss", "outage", "reverted", "forbidden", "causes-more", "refused", "counters", "empty-dir", "kept",
     "no-effect", "partial"],
)  # fmt: skip
def test_a_risk_beside_those_that_were_shown_is_another_question(small: Bench, kind: str) -> None:
    """Whatever it is, the loss of data above all: what was accepted without it is shown again with it."""
    state = asked(small)
    shown = replace(state["plan"], risks=(Risk("x", "shown"),))
    before = changed_to(state, shown)
    now = changed_to(state, replace(shown, risks=(*shown.risks, Risk(kind, "not shown"))))
    assert what_changed({**state, **before}, now) == "a risk that was not shown: not shown"


@pytest.mark.parametrize("kind", ["untried", MODEL_RISK])
def test_a_doubt_is_no_new_fact(small: Bench, kind: str) -> None:
    """A dry run that could not be made, and what a model doubts: shown, and nobody is asked again for it."""
    state = asked(small)
    doubted = replace(state["plan"], risks=(*state["plan"].risks, Risk(kind, "a doubt")))
    assert what_changed(state, changed_to(state, doubted)) is None


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


def test_everything_that_is_another_one_is_reported(small: Bench) -> None:
    """Cause, plan and risk at once: each of them, in one line."""
    state = asked(small)
    plan = replace(state["plan"], to=Desired(3, None, None), change="scale it", risks=(Risk("outage2", "a minute"),))
    cause = replace(LOCKED, code="pod.hung")
    assert what_changed(state, changed_to(state, plan, (cause,))) == (
        "the cause looks different now: db.locked of Deployment/blog → pod.hung of Deployment/blog; "
        "the plan is another one now: scale it; a risk that was not shown: a minute"
    )


def test_a_plan_without_a_target_is_reported_as_another_plan(small: Bench) -> None:
    """By now nothing helps: the change that was shown is no longer proposed."""
    state = asked(small)
    said = what_changed(state, changed_to(state, Plan("none", None, None, "nothing helps")))
    assert said == "the plan is another one now: none"


def test_a_panel_shows_what_is_known(small: Bench) -> None:
    """Everything in the state is on it; text that addresses its reader is a note."""
    opinion = Opinion("db.locked", None, "s", (), text="the model differs")
    analysis = Analysis(notes=("a line addresses its reader",), opinion=opinion)
    facts: dict[str, Any] = {
        "changes": (
            Change(AT, "Deployment/blog", "image blog:2", Observation("objects", "Deployment/blog", "blog:2")),
        ),
        "trend": Trend(2, AT, 10.0, 20.0, 5.0, 5.0, 0.1, "twice the traffic"),
        "not_checked": (Skipped("events", "forbidden"),),
        "fault": "f1",
        "history": "3rd time in 7 days",
    }
    state = asked(small, analysis=analysis, **facts)
    [*small.ctx.seen.logs.lines.keeping("blog.log", [b"line\n" * 8, b"database is locked\n"])]
    panel = panel_of(state, small.ctx)
    assert {name: getattr(panel, name) for name in facts} == facts
    assert panel.around["E1"][-1] == ">    9  database is locked"
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


def test_nothing_is_offered_where_no_record_can_be_kept(small: Bench) -> None:
    """The plan becomes not to act, with the reason; a plan of nothing has nothing to refuse."""
    state = small.ordered("scale_deployment", 3)
    assert asking.not_offered(state, small.ctx) is None
    small.ctx = replace(small.ctx, unkept="the disk is full")
    refused = asking.not_offered(state, small.ctx)
    assert refused is not None
    assert refused["status"] == "diagnosed"
    plan = refused["plan"]
    assert (plan.action, plan.target, plan.replicas, plan.risks, plan.change) == ("none", None, None, (), "")
    assert plan.reason.startswith("approval refused: scale Deployment blog from 1 to 3 replicas needs a record")
    assert asking.not_offered({**state, "plan": plan}, small.ctx) is None

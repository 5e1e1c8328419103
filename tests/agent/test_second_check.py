"""An answer counts for what is there now: everything is checked again before anything is done."""

from dataclasses import replace

import pytest

from opsagent.agent import approval as asking
from opsagent.agent import trail
from opsagent.agent.detection import Detection
from opsagent.agent.diagnosis import Conclusion, fingerprint
from opsagent.agent.state import State
from opsagent.analysis.reasoning.ranking import Ranking
from opsagent.errors import CheckError, NotFoundError
from opsagent.models.evidence import ServiceHealth
from opsagent.models.incident import Analysis
from opsagent.models.plan import Order
from opsagent.models.service import CallGraph, Service
from tests.agent.asked import E1, LOCKED, asked
from tests.agent.small_platform import BLOG, Bench, blog
from tests.analysis.workloads import autoscaler, deployment, pod


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
    assert (new["status"], new["closing"]) == ("recovered", "recovered by itself before anything was done")
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


def test_the_second_check_of_an_order_reads_its_risks_again(small: Bench) -> None:
    """An autoscaler was added while the question was open: a risk that was not shown, so it is asked again."""
    state = small.ordered("scale_deployment", 3)
    small.platform.held.append(autoscaler("blog"))
    new = asking.second_check(state, small.ctx)
    assert {risk.kind for risk in new["plan"].risks} - {risk.kind for risk in state["plan"].risks}
    assert "a risk that was not shown" in (asking.what_changed(state, new) or "")


def test_the_evidence_of_a_second_check_is_in_the_order_of_its_numbers(small: Bench) -> None:
    """E9 is before E10, in whatever order the rules found them; what a model stated is kept beside it."""
    state = asked(small)
    nine, ten = replace(E1, id="E9"), replace(E1, id="E10", where="blog.log:L10")
    ranking = Ranking((LOCKED,), (replace(ten, id="E1"), replace(nine, id="E2")))
    found = Conclusion((), (), ranking, state["plan"])
    known: State = {**state, "evidence": (nine, ten), "analysis": Analysis(notes=("a line addresses its reader",))}
    new = asking.as_update(known, Detection((), CallGraph(), (), None), found)
    assert new["evidence"] == (nine, ten)
    assert new["analysis"] == known["analysis"]


@pytest.mark.parametrize(("asked_about", "ended"), [(None, True), ("blog", True), ("mail", False)])
def test_a_second_check_is_about_the_service_of_the_incident(
    small: Bench, asked_about: str | None, *, ended: bool
) -> None:
    """The patient is well by now; another service's fault is another incident, unless that was asked about."""
    small.ctx.seen.configured = (BLOG, Service("mail", "mail"))
    mail = deployment("mail") | {"status": {"observedGeneration": 3, "replicas": 1, "updatedReplicas": 1}}
    small.platform.held += [mail, pod("mail", waiting="CrashLoopBackOff")]
    new = asking.second_check(asked(small, asked=asked_about), small.ctx)
    assert (new.get("status") == "recovered") is ended


def checked_again(small: Bench, *, well: list[bool]) -> tuple[State, list[float]]:
    """Return a second check of three confirmations, and its pauses: the first state is there before it."""
    pauses: list[float] = []
    states = iter(well)

    def next_state() -> None:
        good = next(states, True)
        small.platform.held[1] = pod("blog", ready=True) if good else pod("blog", waiting="CrashLoopBackOff")

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        next_state()

    settings = small.ctx.settings
    limits = replace(settings.thresholds, confirmations=3, confirm_interval_s=7.0)
    ctx = replace(small.ctx, settings=replace(settings, thresholds=limits), pause=pause)
    state = asked(small, healths=(ServiceHealth("blog", "faulty"),), analysis=Analysis())
    next_state()
    return asking.second_check(state, ctx), pauses


@pytest.mark.parametrize(
    ("well", "ended", "pauses"),
    [
        ([True, True, True], True, 2),
        ([False, True, True], False, 0),  # faulty at once: planned for, whatever comes after
        ([True, False, True], False, 1),  # one good check was the blip
        ([True, True, False], False, 2),
    ],
)
def test_a_recovery_takes_as_many_checks_as_a_fault(
    small: Bench, well: list[bool], *, ended: bool, pauses: int
) -> None:
    """Three in a row at the interval; the first that is not well plans again, and nothing more is waited for."""
    new, paused = checked_again(small, well=well)
    assert (new.get("status") == "recovered") is ended
    assert paused == [7.0] * pauses
    assert ("plan" in new) is not ended

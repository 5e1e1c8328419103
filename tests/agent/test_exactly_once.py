"""An approved change: only with its record in the trail, only for what was approved, at most once."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from opsagent.agent import approval as asking
from opsagent.agent import exactly_once, trail
from opsagent.agent.approval import AskAgainError
from opsagent.agent.state import State
from opsagent.errors import ActionError, CheckError, PlanChangedError
from opsagent.models.evidence import Evidence
from opsagent.models.plan import DONE
from tests.agent.small_platform import Bench, bench, blog
from tests.analysis.workloads import replica_set


@pytest.fixture
def small(tmp_path: Path) -> Bench:
    """Return a platform of one Deployment, and the clock of its operator."""
    return bench(tmp_path)


def approved(small: Bench, action: Any = "restart_deployment", replicas: int | None = None, **more: Any) -> State:
    """Return the state after a yes that is on record."""
    state = cast(State, {**small.ordered(action, replicas), **more})
    given = asking.approved(state, small.yes(state), small.ctx)
    trail.approved(state, small.ctx, given)
    return {**state, "approval": given}


@pytest.mark.parametrize(
    ("action", "replicas"), [("restart_deployment", None), ("scale_deployment", 3), ("rollback_deployment", None)]
)
def test_what_was_approved_is_done_once(small: Bench, action: Any, replicas: int | None) -> None:
    """One change, with intent and outcome on record; the same call again only shows what is on record."""
    small.platform.held.append(replica_set("blog", "1"))
    state = approved(small, action, replicas, evidence=(Evidence("E1", "logs", "a.log:L1", "locked"),))
    first = exactly_once.act(state, small.ctx)
    assert exactly_once.act(state, small.ctx) == first
    assert small.platform.changed == [state["approval"]]
    [intent], [change] = small.records("intent"), small.records("change")
    assert intent["approval"]["plan_hash"] == trail.hash_of(state["plan"])
    assert intent["seen"] == "77"
    assert change == {"outcome": "done", "action": action, "target": "blog"}
    given = state["approval"]
    assert given is not None
    assert first.detail == {"approval": trail.approval_key(given)}
    assert (first.incident_id, first.action, first.target, first.replicas) == (
        "b7k2",
        action,
        "Deployment/blog",
        replicas,
    )
    assert (first.by, first.how, first.outcome, first.at) == ("operator@host", "panel", "done", small.clock[0])


def asks_again(small: Bench, state: State, why: str) -> AskAgainError:
    """Hold a call to having done nothing, and to asking again for that reason, on record."""
    with pytest.raises(AskAgainError) as again:
        exactly_once.act(state, small.ctx)
    assert why in again.value.message
    assert "nothing was done" in again.value.message
    assert again.value.update["approval"] is None
    assert again.value.update["plan"].action == state["plan"].action
    assert small.platform.changed == []
    assert small.records("asked-again")[-1] == {"why": again.value.message}
    return again.value


def test_an_approval_without_its_record_is_not_carried_out(small: Bench) -> None:
    """An approval that only a checkpoint holds was given by nobody."""
    state = small.ordered()
    forged = asking.approved(state, small.yes(state), small.ctx)
    asks_again(small, {**state, "approval": forged}, "no record in the audit trail")
    assert small.records("intent") == []


@pytest.mark.parametrize(
    "change",
    [{"restarted_at": "2026-11-22T12:31:00Z"}, {"plan_hash": "x"}, {"cause": ("pod.hung", None)}, {"risks": ()}],
)
def test_the_record_has_to_be_of_this_very_approval(small: Bench, change: dict[str, Any]) -> None:
    """Another time, plan, cause or risk than the trail's is another approval."""
    state = approved(small)
    given = state["approval"]
    assert given is not None
    other = replace(given, **change)
    assert other != given
    asks_again(small, {**state, "approval": other}, "no record in the audit trail")


def test_a_record_under_the_right_key_with_another_content_does_not_count(small: Bench) -> None:
    """The key alone is a name: what the record holds has to be the approval."""
    state = small.ordered()
    forged = asking.approved(state, small.yes(state), small.ctx)
    held = {"approval": {"incident_id": "b7k2"}}
    small.ctx.archive.audit("approval", "b7k2", held, small.clock[0], key=trail.approval_key(forged))
    asks_again(small, {**state, "approval": forged}, "no record in the audit trail")


def test_an_approval_of_another_incident_is_none_of_this_one(small: Bench) -> None:
    """A yes that is on record for one incident is moved into another's checkpoint: refused."""
    state = approved(small)
    asks_again(small, {**state, "incident_id": "q3m9"}, "none of this incident")


def test_an_approval_of_an_older_shape_is_none(small: Bench) -> None:
    """What version 0.1 kept comes back as plain data: it is not carried out, and nothing breaks."""
    state = cast(State, {**small.ordered(), "approval": {"incident_id": "b7k2", "action": "restart_deployment"}})
    asks_again(small, state, "none of this incident")


def test_an_approval_that_expired_asks_again(small: Bench) -> None:
    """Good to the last second, void after it."""
    state = approved(small)
    small.later(minutes=30, seconds=1)
    asks_again(small, state, "has expired")
    small.later(seconds=-1)
    assert exactly_once.act(state, small.ctx).outcome == "done"


def test_an_approval_of_the_future_asks_again(small: Bench) -> None:
    """A clock set back by a minute is not a matter, one set back further makes the approval void."""
    state = approved(small)
    small.later(seconds=-61)
    asks_again(small, state, "has expired")
    small.later(seconds=1)
    assert exactly_once.act(state, small.ctx).outcome == "done"


def test_another_plan_than_the_approved_one_asks_again(small: Bench) -> None:
    """The kept plan was changed after the yes."""
    state = approved(small)
    asks_again(small, {**state, "plan": replace(state["plan"], reason="another")}, "not the one that was approved")


def test_other_evidence_than_the_approved_one_asks_again(small: Bench) -> None:
    """The kept evidence was changed after the yes: what it rests on is part of it."""
    state = approved(small, evidence=(Evidence("E1", "logs", "a.log:L1", "locked"),))
    asks_again(small, {**state, "evidence": ()}, "not the one that was approved")


def test_a_platform_that_changed_asks_again_and_stays_so(small: Bench) -> None:
    """The change finds another object: on record as not done, asked again now and whenever it is gone on with."""
    state = approved(small)
    small.platform.fails = PlanChangedError("it was replaced; nothing was done")
    for _ in range(2):
        with pytest.raises(AskAgainError, match=r"^it was replaced; nothing was done$"):
            exactly_once.act(state, small.ctx)
    assert len(small.platform.changed) == 1
    assert small.records("change")[0]["outcome"] == "not done: it was replaced; nothing was done"


@pytest.mark.parametrize("error", [ActionError("refused; nothing was done"), CheckError("gone", source="x")])
def test_a_change_that_failed_is_an_outcome(small: Bench, error: Any) -> None:
    """What the API server refused is on record, and not tried again."""
    state = approved(small)
    small.platform.fails = error
    for _ in range(2):
        assert exactly_once.act(state, small.ctx).outcome == f"failed: {error.message}"
    assert len(small.platform.changed) == 1


def interrupted(small: Bench) -> State:
    """Return the state of a process that died between its intent and its outcome."""
    state = approved(small)
    given = state["approval"]
    assert given is not None
    small.ctx.archive.audit("intent", "b7k2", {"approval": given}, small.clock[0], key=trail.approval_key(given))
    return state


def test_each_approval_has_its_own_intent(small: Bench) -> None:
    """What another approval of the incident left is not taken for this one's: a new intent, found by its own name."""
    interrupted(small)
    small.later(seconds=1)
    small.platform.shown = True
    state = approved(small)
    record = exactly_once.act(state, small.ctx)
    assert record.outcome == "done"
    assert record.outcome in DONE
    given = state["approval"]
    assert given is not None
    assert len(small.ctx.archive.audited("intent", key=trail.approval_key(given))) == 1
    assert len(small.records("intent")) == 2


def test_an_interrupted_change_that_was_made_is_not_repeated(small: Bench) -> None:
    """The cluster shows it: already so."""
    state = interrupted(small)
    small.platform.shown = True
    outcome = exactly_once.act(state, small.ctx).outcome
    assert outcome == "already so"
    assert outcome in DONE
    assert small.platform.changed == []
    assert small.records("change")[0]["outcome"] == "already so"


def test_an_interrupted_change_that_was_not_made_is_made(small: Bench) -> None:
    """The Deployment is what was approved: the same change, once, under the one intent."""
    state = interrupted(small)
    assert exactly_once.act(state, small.ctx).outcome == "done"
    assert len(small.platform.changed) == len(small.records("intent")) == 1


def test_an_interrupted_change_that_expired_is_not_made(small: Bench) -> None:
    """Not made, and too late to make it now."""
    state = interrupted(small)
    small.later(hours=2)
    asks_again(small, state, "has expired")


def test_an_interrupted_change_that_cannot_be_determined_is_not_repeated(small: Bench) -> None:
    """Somebody changed it since: an outcome that states it."""
    state = interrupted(small)
    small.platform.shown = None
    outcome = exactly_once.act(state, small.ctx).outcome
    assert outcome.startswith("not known: ")
    assert "Deployment blog" in outcome
    assert "not repeated" in outcome
    assert small.platform.changed == []


def test_the_action_history_has_one_line_a_change(small: Bench) -> None:
    """What was done or failed is a line; what was not done is none."""
    state = approved(small)
    small.platform.fails = PlanChangedError("another; nothing was done")
    with pytest.raises(AskAgainError):
        exactly_once.act(state, small.ctx)
    archive = cast(Any, small.ctx.archive)
    assert archive.actions_of("b7k2") == ()
    small.platform.fails = None
    small.later(seconds=1)
    exactly_once.act(approved(small), small.ctx)
    assert [line.outcome for line in archive.actions_of("b7k2")] == ["done"]


def test_the_new_question_is_about_what_is_there_now(small: Bench) -> None:
    """After the refusal the plan is made again on the Deployment as it is by then."""
    state = approved(small)
    small.platform.held[0] = blog(replicas=4)
    small.later(hours=1)
    again = asks_again(small, state, "has expired")
    assert again.update["plan"].target is not None
    assert again.update["plan"].target.replicas == 4


def test_an_outcome_that_is_not_known_names_the_object_by_its_kind(small: Bench) -> None:
    """A StatefulSet is not reported as a Deployment."""
    state = small.ordered("restart_deployment", None)
    given = asking.approved(state, small.yes(state), small.ctx)
    given = replace(given, target=replace(given.target, kind="StatefulSet"))
    trail.approved(state, small.ctx, given)
    small.ctx.archive.audit("intent", "b7k2", {"approval": given}, small.clock[0], key=trail.approval_key(given))
    small.platform.shown = None
    assert "changed StatefulSet blog" in exactly_once.act({**state, "approval": given}, small.ctx).outcome

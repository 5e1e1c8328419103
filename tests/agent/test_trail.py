"""What is put on record of an incident, and what is known again by it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from opsagent.agent import approval as asking
from opsagent.agent import trail
from opsagent.agent.approval import approved, panel_of
from opsagent.agent.wiring import LiveArchive
from opsagent.errors import StoreError
from opsagent.models.audit import AuditMark
from opsagent.models.evidence import ServiceHealth
from opsagent.models.observed import Skipped, StatsSample
from tests.agent.asked import E1, LOCKED, asked
from tests.agent.small_platform import AT, Bench


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


def test_a_hash_is_of_the_content_alone() -> None:
    """The same in every process and in any order of the keys; another value is another hash."""
    assert trail.hash_of({"b": 1, "a": (2,)}) == trail.hash_of({"a": [2], "b": 1})
    assert trail.hash_of({"a": 1}) == "f9d86028c6e0d64e225186f96acb69338b2c59764df79162107f5c4bb34d1310"
    assert trail.hash_of({"a": 1}) != trail.hash_of({"a": 2})


def test_a_check_is_on_record_with_what_it_could_not_read(small: Bench) -> None:
    """Box, line, the state of each service, and each source that was not read with its reason."""
    state = asked(small, healths=(ServiceHealth("blog", "faulty"),), not_checked=(Skipped("events", "forbidden"),))
    trail.looked(state, small.ctx, "detect", "blog offline")
    [record] = small.ctx.archive.audited("look", incident_id="b7k2")
    assert record.at == AT
    assert record.data == {
        "node": "detect",
        "text": "blog offline",
        "services": {"blog": "faulty"},
        "not_checked": [{"source": "events", "why": "forbidden"}],
    }


def test_a_plan_is_on_record_under_what_was_asked(small: Bench) -> None:
    """Complete, with the causes that it rests on and the hashes that an approval is bound to."""
    state = asked(small)
    trail.planned(state, small.ctx)
    [record] = small.ctx.archive.audited("plan", key=state["fingerprint"], incident_id="b7k2")
    assert record.data["plan"]["change"] == "restart Deployment blog (1 replica)"
    assert record.data["causes"] == [["db.locked", "Deployment/blog", 0.86]]
    assert record.data["plan_hash"] == trail.hash_of(state["plan"])
    assert record.data["evidence_hash"] == trail.hash_of((E1,))


def test_an_end_is_on_record(small: Bench) -> None:
    """Status and closing words, at its time, with the mark that the report carries."""
    mark = trail.ended(asked(small), small.ctx, "recovered", "recovered in 9 s")
    [record] = small.ctx.archive.audited("end", incident_id="b7k2")
    assert (record.mark, record.at) == (mark, AT)
    assert record.data == {"status": "recovered", "closing": "recovered in 9 s"}


class Full(LiveArchive):
    """An archive that can append nothing more."""

    def audit(self, *args: Any, **more: Any) -> AuditMark | None:
        """Fail as a full disk does."""
        raise StoreError("no space left", hint="free some space")


def test_a_yes_that_cannot_be_recorded_changes_nothing(small: Bench) -> None:
    """The error states that nothing was changed, why, and how to fix it."""
    state = asked(small)
    given = approved(state, small.yes(state), small.ctx)
    archive = small.ctx.archive
    assert isinstance(archive, LiveArchive)
    full = replace(small.ctx, archive=Full(archive.store, archive.server_key))
    with pytest.raises(StoreError, match="the approval cannot be recorded, so nothing was changed: no space") as error:
        trail.approved(state, full, given)
    assert error.value.hint == "free some space"
    assert not trail.knows(small.ctx, given)


def test_only_this_very_approval_is_known(small: Bench) -> None:
    """Other content, incident or name: none of them is it; and none of them hides the one that is."""
    state = asked(small)
    given = approved(state, small.yes(state), small.ctx)
    key = trail.approval_key(given)
    for data in ({}, {"approval": None}, {"approval": {"to": {"replicas": 9}}}):
        small.ctx.archive.audit("approval", "b7k2", data, AT, key=key)
    small.ctx.archive.audit("approval", "q3m9", {"approval": given}, AT, key=key)  # of another incident
    small.ctx.archive.audit("approval", "b7k2", {"approval": given}, AT, key="another")
    assert not trail.knows(small.ctx, given)
    trail.approved(state, small.ctx, given)
    small.ctx.archive.audit("approval", "b7k2", {"approval": None}, AT, key=key)
    assert trail.knows(small.ctx, given)


def sampled(minutes: float, rps: float | None) -> StatsSample:
    """Return a sample so many minutes after the incident began; None: its figures could not be read."""
    entry = {"requests_per_second": rps, "avg_response_time_ms": 5.0, "total_requests": 9, "success_rate": 100}
    at = AT + timedelta(minutes=minutes)
    return StatsSample(at, 0.1, 200, {"load-balancer": entry} if rps is not None else {"blog": {}})


def test_the_charts_begin_before_the_incident(small: Bench) -> None:
    """The window before it and everything since; samples without figures leave no point."""
    window = small.ctx.settings.window_min
    kept = [sampled(-window - 1, 1), sampled(-window, 2), sampled(-1, 3), sampled(0, None), sampled(1, 4)]
    small.ctx.archive.keep_samples(tuple(kept))
    points = trail.traffic_of(asked(small), small.ctx)
    assert [point.rps for point in points] == [2, 3, 4]
    assert [point.at for point in points] == [kept[1].at, kept[2].at, kept[4].at]
    assert {point.response_ms for point in points} == {5.0}


def test_without_kept_samples_the_charts_are_of_this_check(small: Bench) -> None:
    """The newest 600: more do not show."""
    small.ctx.seen.samples.extend(sampled(number / 60, number) for number in range(700))
    points = trail.traffic_of(asked(small), small.ctx)
    assert [point.rps for point in points] == [*range(100, 700)]


def test_what_did_not_help_in_the_future_counts(small: Bench) -> None:
    """The clock was set back: better asked of a human than done again."""
    state = asked(small)
    key = trail.action_key(state, state["plan"])
    small.ctx.archive.audit("verification", "a1b2", {"recovered": False}, AT + timedelta(hours=9), key=key)
    found = trail.in_vain(state, small.ctx)
    assert found is not None
    assert found.incident_id == "a1b2"

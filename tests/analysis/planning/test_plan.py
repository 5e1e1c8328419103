"""From a cause to the exact change, or to none with what to do instead."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.records import Code
from opsagent.analysis.objects.deployments import LAST_APPLIED
from opsagent.analysis.planning.plan import plan
from opsagent.models.evidence import Cause
from opsagent.models.observed import Objects
from opsagent.models.plan import Plan, Target
from opsagent.models.revision import REVISION
from opsagent.models.service import CallGraph, Service
from tests.analysis.workloads import autoscaler, claim, deployment, pod, replica_set, seen, volumes

WEB = Service("web", deployment="web")


def planned(
    code: str, objects: Objects, ref: str | None = "Deployment/web", *, patient: Service | None = WEB, **more: Any
) -> Plan:
    cause = Cause(code, ref, more.get("service"), more.get("confidence", 0.9), "", ())
    graph = more.get("graph", CallGraph())
    live = more.get("live", True)
    return plan([cause], patient=patient, objects=objects, graph=graph, live=live, min_replicas=1, max_replicas=4)


def test_a_hung_service_is_restarted_exactly_as_it_was_read() -> None:
    """The target carries UID, generation, version, replicas and revision of the Deployment as read."""
    made = planned("pod.hung", seen(deployment(replicas=2, annotations={REVISION: "5"})))
    assert made.action == "restart_deployment"
    assert made.target is not None
    assert replace(made.target, spec_hash="") == Target("web", "shop", "uid-web", 3, "77", 2, "5")
    assert made.target.spec_hash
    assert (made.change, made.replicas) == ("restart Deployment web (2 replicas)", None)


@pytest.mark.parametrize("ref", ["Pod/web-x", "ReplicaSet/web-1", "Service/web-svc", "Deployment/web", None])
def test_whatever_object_the_cause_names_its_deployment_is_the_target(ref: str | None) -> None:
    """A pod, its ReplicaSet, the Service in front or nothing at all points to the same Deployment."""
    service = {"kind": "Service", "metadata": {"name": "web-svc"}, "spec": {"selector": {"app": "web"}}}
    made = planned("pod.hung", seen(deployment(), pod("web"), replica_set("web", "1"), service), ref)
    assert made.target is not None
    assert made.target.name == "web"


@pytest.mark.parametrize("code", sorted(row.code for row in builtin().rows if not row.proposes))
def test_what_no_action_fixes_gets_a_recommendation(code: str) -> None:
    """A wrong image, a missing Secret, a full quota, a wrong selector …: no action, but what to change and where."""
    made = planned(code, seen(deployment()))
    assert (made.action, made.target) == ("none", None)
    assert made.reason
    info = builtin().get(code)
    assert info is not None
    assert made.recommendations[0] == info.remedy
    assert len(made.recommendations) > 1
    assert not any("{" in text.replace("%{", "") for text in made.recommendations)


@pytest.mark.parametrize("info", [row for row in builtin().rows if row.proposes], ids=lambda info: info.code)
def test_nothing_is_proposed_that_the_catalog_states_does_not_help(info: Code) -> None:
    """What a plan proposes by itself helps at least sometimes; more pods are proposed only where they surely do."""
    assert info.effect(info.proposes).verdict in (("yes",) if info.proposes == "scale" else ("yes", "sometimes"))


def test_recommendations_name_object_container_and_image() -> None:
    """The commands are filled in as far as the workload shows."""
    objects = seen(deployment(pod={"containers": [{"name": "app", "image": "shop/web:1.2"}]}), pod("web"))
    made = planned("image.not-found", objects, "Pod/web-x")
    assert made.recommendations[1] == (
        "correct it: kubectl set image deployment/web app=shop/web:<tag that exists> -n shop"
    )


def test_hostile_names_do_not_reach_a_command() -> None:
    """A name that no API server would accept stays a placeholder, so that pasting the line does no harm."""
    evil = "x; rm -rf ~ #"
    objects = seen(deployment(evil, namespace="$(id)", pod={"containers": [{"name": "`id`", "image": "a:b|sh"}]}))
    for ref in (f"Deployment/{evil}", f"Node/{evil}", f"{evil}/web"):
        for code in builtin().codes:
            for text in planned(code, objects, ref, service="$(id)", patient=None).recommendations:
                assert "rm -rf" not in text
                assert "$(id)" not in text
                assert "`id`" not in text


@pytest.mark.parametrize(("confidence", "action"), [(0.49, "none"), (0.5, "restart_deployment")])
def test_an_unsure_cause_changes_nothing(confidence: float, action: str) -> None:
    """Below one half nobody is asked to approve a change."""
    assert planned("pod.hung", seen(deployment()), confidence=confidence).action == action


def test_unknown_and_no_cause_change_nothing() -> None:
    """`unknown`, a code of no catalogue and an empty ranking have the action none."""
    for code in ("unknown", "made.up", ""):
        assert planned(code, seen(deployment())).action == "none"
    nothing = plan([], patient=None, objects=Objects(), graph=CallGraph(), live=True, min_replicas=1, max_replicas=5)
    assert (nothing.action, nothing.reason) == ("none", "no cause was found")


def test_a_deployment_that_was_not_read_complete_is_not_changed_live() -> None:
    """Without UID or version there is no safe change; a bundle may still name the action."""
    bare = {"kind": "Deployment", "metadata": {"name": "web"}}
    assert planned("pod.hung", seen(bare)).action == "none"
    assert planned("pod.hung", seen(bare), live=False).action == "restart_deployment"
    assert planned("pod.hung", seen()).action == "none"


def test_other_workloads_and_deployments_on_their_way_out_are_left_alone() -> None:
    """A StatefulSet, a paused and a deleted Deployment are not changed, and the reason states it."""
    stateful = {**deployment(), "kind": "StatefulSet"}
    assert "not a Deployment" in planned("pod.hung", seen(stateful), "StatefulSet/web").reason
    assert "paused" in planned("pod.hung", seen(deployment(spec={"paused": True}))).reason
    leaving = deployment()
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert "being deleted" in planned("pod.hung", seen(leaving)).reason


def test_a_lock_states_wait_wal_and_what_wal_does_not_help() -> None:
    """db.locked restarts the victim, and recommends to wait, WAL, a busy time-out and a volume."""
    made = planned("db.locked", seen(deployment()))
    said = " ".join(made.recommendations)
    assert made.action == "restart_deployment"
    assert made.recommendations[0].startswith("wait first")
    for word in ("journal_mode=WAL", "busy_timeout", "one writer", "another process", "network file systems", "volume"):
        assert word in said
    kept = planned("db.locked", seen(deployment(pod=volumes(claim="data"))))
    assert "a volume for it" not in " ".join(kept.recommendations)


def test_a_bad_revision_is_rolled_back_where_there_is_an_earlier_one() -> None:
    """The newest revision before the current one is named; without one there is nothing to go back to."""
    current = deployment(annotations={REVISION: "9"})
    made = planned("rollout.bad-revision", seen(current, *(replica_set("web", r) for r in ("9", "7", "2", "x"))))
    assert made.action == "rollback_deployment"
    assert made.change == "roll Deployment web back to revision 7 (1 replica)"
    assert planned("rollout.bad-revision", seen(current, replica_set("web", "9"))).action == "none"
    assert planned("rollout.bad-revision", seen(current, replica_set("other", "7"))).action == "none"


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("pod.crash-app-error", "rollback_deployment"),
        ("image.not-found", "rollback_deployment"),
        ("node.not-ready", "none"),  # no revision fixes a node
    ],
)
def test_what_broke_with_a_revision_is_rolled_back(code: str, action: str) -> None:
    """A crash or an image since the newest revision, where the one before came up, goes back to that one."""
    objects = seen(deployment(annotations={REVISION: "2"}), replica_set("web", "2"), replica_set("web", "1"))
    causes = [
        Cause(code, "Deployment/web", None, 0.9, "", ()),
        Cause("rollout.bad-revision", "Deployment/web", None, 0.4, "", ()),
    ]
    made = plan(causes, patient=WEB, objects=objects, graph=CallGraph(), live=True, min_replicas=1, max_replicas=4)
    assert made.action == action


@pytest.mark.parametrize(
    ("more", "beside", "replicas"),
    [
        ({}, [], 1),
        ({"annotations": {LAST_APPLIED: json.dumps({"spec": {"replicas": 3}})}}, [], 3),
        ({"annotations": {LAST_APPLIED: "{"}}, [], 1),
        ({}, [autoscaler("web", 2)], 2),
        ({}, [autoscaler("web", 40)], 4),
        ({"pod": volumes(claim="data")}, [autoscaler("web", 2), claim("data", "ReadWriteOnce")], 1),
        ({"pod": volumes(claim="data")}, [autoscaler("web", 2), claim("data", "ReadWriteMany")], 2),
    ],
)  # fmt: skip
def test_zero_replicas_come_back_to_what_they_were(
    more: dict[str, Any], beside: list[dict[str, Any]], replicas: int
) -> None:
    """The autoscaler's minimum, the count as applied, else one; within the bounds, and one for a single writer."""
    made = planned("rollout.zero-replicas", seen(deployment(replicas=0, **more), *beside))
    assert (made.action, made.replicas) == ("scale_deployment", replicas)
    assert made.change.startswith("scale Deployment web from 0 to ")


@pytest.mark.parametrize(("now", "then"), [(1, 2), (2, 3), (3, 4), (4, None), (9, None)])
def test_load_scales_out_within_the_bounds(now: int, then: int | None) -> None:
    """By half, at least one, never beyond the configured bound, never down."""
    made = planned("load.traffic-surge", seen(deployment(replicas=now)))
    assert made.replicas == then
    assert (made.action == "none") == (then is None)


def test_load_does_not_scale_what_writes_alone_or_is_scaled_already() -> None:
    """An SQLite file, a volume for one node, known local data and an autoscaler each state why not."""
    sqlite = {"containers": [{"env": [{"name": "DATABASE_URL", "value": "sqlite:////app/x.db"}]}]}
    local = Service("web", deployment="web", local_data="all carts")
    for objects, patient, word in (
        (seen(deployment(pod=sqlite)), WEB, "SQLite"),
        (seen(deployment(pod=volumes(claim="data"))), WEB, "claim data"),
        (seen(deployment()), local, "all carts"),
        (seen(deployment(), autoscaler("web")), WEB, "maxReplicas"),
    ):
        made = planned("load.traffic-surge", objects, patient=patient)
        assert made.action == "none"
        assert word in made.reason


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ({}, "restart_deployment"),
        ({"waiting": "CrashLoopBackOff"}, "restart_deployment"),
        ({"waiting": "ImagePullBackOff"}, "none"),
        ({"waiting": "CreateContainerConfigError"}, "none"),
        ({"phase": "Pending"}, "none"),
        ({"ready": True}, "none"),
    ],
)
def test_a_dependency_is_restarted_where_new_pods_may_be_better(state: dict[str, Any], action: str) -> None:
    """Hung or crashed pods of the other service are replaced; ones that wait, or are Ready, are not."""
    shop = Service("shop", deployment="shop", depends_on=("web",))
    objects = seen(deployment("shop"), deployment(), pod("web", **state))
    calls = CallGraph({"shop": ("web",)})
    made = planned("dependency.down", objects, service="web", patient=shop, graph=calls)
    assert made.action == action
    assert made.target is None or made.target.name == "web"


def test_a_dependency_without_replicas_is_scaled_and_one_without_pods_left() -> None:
    """Zero replicas are brought back; a Deployment of which no pod was seen is not restarted blindly."""
    assert planned("dependency.down", seen(deployment(replicas=0))).action == "scale_deployment"
    assert planned("dependency.down", seen(deployment())).action == "none"


def test_a_service_that_the_patient_does_not_call_is_left_alone() -> None:
    """With declared calls, a Deployment outside the incident is never the target."""
    objects, calls = seen(deployment(), deployment("far")), CallGraph({"web": ("db",)})
    made = planned("pod.hung", objects, "Deployment/far", service="far", graph=calls)
    assert made.action == "none"
    assert "not among" in made.reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["name", "spec", "replicas", "template", "containers", "volumes", "labels", "ownerReferences"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(metadata=JSON, spec=JSON, code=st.sampled_from([row.code for row in builtin().rows if row.proposes]))
def test_mutilated_deployments_give_a_plan(metadata: Any, spec: Any, code: str) -> None:
    """Any field missing or of another type: there is a plan, and it never asks for zero replicas."""
    objects = Objects(({"kind": "Deployment", "metadata": metadata, "spec": spec},
                       {"kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}))  # fmt: skip
    made = planned(code, objects, live=False)
    assert made.reason
    assert made.replicas is None or made.replicas >= 1

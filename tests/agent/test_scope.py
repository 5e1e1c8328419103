"""A change is verified on its object, its pods and what raised the incident: nothing else is asked."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from opsagent.agent import run
from opsagent.agent.run import DiagnosisRequest
from opsagent.agent.scope import Scope, reading_only, scope_of, selected_pods
from opsagent.models.evidence import Observation, ServiceHealth, Symptom
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.plan import Order, Target
from opsagent.models.service import CallGraph, Service
from opsagent.sandbox import Fault
from tests.agent.small_platform import BLOG as BLOG_SERVICE
from tests.agent.small_platform import Bench, SmallPlatform
from tests.analysis.workloads import deployment, pod
from tests.session import Heard, ScriptedAnswers, at_work, sandboxes

if TYPE_CHECKING:
    from opsagent.agent.state import State

BLOG = Target("blog", "shop", "u1", 1, "7", 1)
SERVICES = (Service("blog", "blog"), Service("db"), Service("cart", "cart"))
CALLS = CallGraph({"blog": ("db",), "cart": ("blog",)})
SYMPTOM = Symptom("blog", "offline", "offline", Observation("stats", "stats", "offline"))


def ill(*names: str) -> tuple[ServiceHealth, ...]:
    """Return services that are faulty."""
    return tuple(ServiceHealth(name, "faulty", (replace(SYMPTOM, service=name),), (), False) for name in names)


def scope(objects: Objects | None = None, **state: Any) -> Scope | None:
    """Return the scope of a restart of blog."""
    given: State = {"patient": "blog", "asked": None, "healths": ill("blog"), "symptoms": (SYMPTOM,), **state}  # type: ignore[typeddict-item]
    return scope_of(given, BLOG, SERVICES, CALLS, objects or Objects())


def test_one_service_is_its_deployment() -> None:
    """Callers of the patient and services that were good are left out."""
    found = scope()
    assert found is not None
    assert (found.services, found.workloads) == ((SERVICES[0],), (("Deployment", "blog"),))


def test_what_was_faulty_below_the_patient_is_read_too() -> None:
    """Its workload is the one that was seen; where none was, everything has to be read."""
    below = ill("blog", "db", "cart")
    stateful = deployment("db") | {"kind": "StatefulSet"}
    found = scope(Objects((stateful,), frozenset({"StatefulSet"})), healths=below)
    assert found is not None
    assert found.workloads == (("Deployment", "blog"), ("StatefulSet", "db"))
    assert scope(healths=below) is None


def test_an_order_is_about_its_service_alone() -> None:
    """The operator's own command: neither what was faulty below it, nor anything else, is read."""
    found = scope(healths=ill("blog", "db"), asked="cart", order=Order("restart_deployment", "blog"))
    assert found is not None
    assert (found.services, found.workloads) == ((SERVICES[0],), (("Deployment", "blog"),))


def test_who_was_asked_about_is_read_too() -> None:
    """A service whose workload was never seen is read by the name that the configuration gives it."""
    found = scope(asked="cart")
    assert found is not None
    assert [service.name for service in found.services] == ["blog", "cart"]
    assert found.workloads == (("Deployment", "blog"), ("Deployment", "cart"))


def test_a_service_that_nobody_knows_any_more_needs_everything() -> None:
    """The patient is none of the services, or who was asked about is none: nothing can be left out."""
    assert scope(patient="gone") is None
    assert scope(asked="gone") is None


def test_the_patient_without_a_workload_is_its_changed_object() -> None:
    """No Deployment is configured for the patient, and none was seen: what was changed is read."""
    found = scope_of({"patient": "db", "healths": ()}, BLOG, SERVICES, CALLS, Objects())
    assert found is not None
    assert (found.services, found.workloads) == ((SERVICES[1],), (("Deployment", "blog"),))


@dataclass
class Choosing(SmallPlatform):
    """A small platform whose API server chooses pods by a label selector."""

    chosen: list[tuple[str, str]] = field(default_factory=list)

    def select(self, kind: str, selector: str) -> tuple[KubeObject, ...]:
        """Note the query, and return one pod."""
        self.chosen.append((kind, selector))
        return (pod("chosen"),)


def test_the_api_server_chooses_the_pods_where_it_can() -> None:
    """The selector is part of the request; without one the pods are chosen here, and an empty one selects all."""
    platform = Choosing()
    assert selected_pods(platform, deployment("blog")) == (pod("chosen"),)
    assert platform.chosen == [("Pod", "app=blog")]
    everything = deployment("blog", spec={"selector": {}})
    assert selected_pods(platform, everything) == (pod("blog", ready=True),)
    assert len(platform.chosen) == 1


def test_what_a_scope_left_out_is_read_again_after_it(small: Bench) -> None:
    """Nothing of before the block is used in it, nothing of it is used after it; without a scope all is kept after."""
    seen = small.ctx.seen

    def count() -> int:
        return len(seen.objects.items)

    small.platform.held.append(pod("cart", ready=True))
    assert count() == 3
    with reading_only(seen, Scope((BLOG_SERVICE,), (("Deployment", "blog"),))):
        assert count() == 2
        assert seen.services == (BLOG_SERVICE,)
    assert seen.scope is None
    assert count() == 3
    small.platform.held.pop()
    with reading_only(seen, None):
        assert count() == 2
        small.platform.held.pop()
    assert count() == 2


@pytest.mark.parametrize("state", [{"patient": None}, {"symptoms": (replace(SYMPTOM, kind="rules"),)}])
def test_what_other_objects_raised_needs_them_all(state: dict[str, Any]) -> None:
    """Without a patient, and where a rule over other objects raised the incident, nothing is left out."""
    assert scope(**state) is None


def test_the_pods_are_those_that_the_workload_selects(tmp_path: Path) -> None:
    """Of a namespace with other pods only the workload's own are read."""
    platform = SmallPlatform(held=[deployment("blog"), pod("blog", ready=True), pod("cart", ready=True)])
    found = Scope((SERVICES[0],), (("Deployment", "blog"),)).look(platform)
    assert [(item["kind"], item["metadata"]["labels"]["app"]) for item in found.items] == [
        ("Deployment", "blog"),
        ("Pod", "blog"),
    ]
    assert found.looked == {"Deployment", "Pod"}


def crowd(box: Any, count: int) -> None:
    """Add that many pods of nobody's to the namespace, and an event of each."""
    for number in range(count):
        name = f"other-{number:04d}"
        container = {"name": "main", "image": "other:1"}
        ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        status = ready | {
            "containerStatuses": [container | {"ready": True, "restartCount": 0, "state": {"running": {}}}]
        }
        meta = {"name": name, "labels": {"app": "other"}}
        box.state.add({"kind": "Pod", "metadata": meta, "spec": {"containers": [container]}, "status": status})
        about = {"kind": "Pod", "name": name, "namespace": "titanium-local", "uid": name}
        event = {"involvedObject": about, "type": "Normal", "reason": "Pulled", "message": "already present"}
        box.state.add({"kind": "Event", "metadata": {"name": f"{name}.1"}, **event})


class Marks(Heard):
    """Notes how many requests had been made when the change was carried out, and when it was verified."""

    def __init__(self, box: Any) -> None:
        super().__init__()
        self.box, self.at = box, dict[str, int]()

    def done(self, step: Any) -> None:
        """Note the number of requests."""
        self.at[step.node] = len(self.box.requests)


def test_verifying_one_restart_among_many_pods_asks_little(tmp_path: Path) -> None:
    """With 2,000 other pods and their events a restart is verified with at most 20 requests, and no list of it all."""
    with sandboxes(tmp_path) as start:
        box, settings = start("db-locked")
        crowd(box, 2000)
        settings = replace(settings, verify=replace(settings.verify, timeout_s=60.0, hold_s=1.0, interval_s=0.25))
        marks = Marks(box)
        with at_work(settings, marks) as (ctx, desk):
            report = next(run.diagnose(ctx, DiagnosisRequest("blog-service"), desk, ScriptedAnswers(["approve"])))
        assert report.status == "recovered"
        asked = [path.partition("?")[0] for _, path in list(box.requests)[marks.at["execute"] : marks.at["verify"]]]
        api = [path for path in asked if path.startswith(("/api/", "/apis/"))]
    assert 0 < len(api) <= 20, Counter(api)
    assert not any(path.endswith(("/events", "/nodes", "/replicasets")) for path in api)


def test_what_may_not_be_read_is_asked_once(tmp_path: Path) -> None:
    """A kind that is refused is in the report as not checked, and one diagnosis asks for it once."""
    with sandboxes(tmp_path) as start:
        box, settings = start("db-locked")
        box.faults.add(Fault.forbidden("list", "nodes"))
        with at_work(settings) as (ctx, desk):
            report = next(run.diagnose(ctx, DiagnosisRequest("blog-service"), desk, ScriptedAnswers(["approve"])))
        nodes = [path for _, path in box.requests if path.partition("?")[0] == "/api/v1/nodes"]
    assert report.status == "recovered"
    assert len(nodes) == 1
    assert any(skipped.source == "nodes" for skipped in report.not_checked)

"""The patient's changes before anybody else's, newest first."""

from opsagent.analysis.evidence.change_order import patient_first
from opsagent.models.evidence import Change, Observation
from opsagent.models.observed import Objects
from opsagent.models.service import CallGraph
from tests.analysis.scene import SERVICES, ago, deployment, kube_service, pod, seen

GRAPH = CallGraph({service.name: service.depends_on for service in SERVICES})
NODED = pod("redis")
NODED["spec"]["nodeName"] = "worker-1"
SCALER = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "scaler"},
          "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "users"}}}  # fmt: skip
OBJECTS = seen(
    *(deployment(service.name) for service in SERVICES), pod("users"), NODED, kube_service("users-svc", "users")
)
OBJECTS = Objects((*OBJECTS.items, SCALER), OBJECTS.looked | {"HorizontalPodAutoscaler"})


def change(about: str, age: float) -> Change:
    """Return a change."""
    return Change(ago(age), about, "x", Observation("objects", about, "x"))


def ordered(*changes: Change, patient: str | None = "users", cause: str | None = None) -> list[str]:
    """Return the objects in the order reported."""
    told = patient_first(changes, patient=patient, cause=cause, graph=GRAPH, services=SERVICES, objects=OBJECTS)
    return [item.object for item in told]


def test_patient_and_what_it_calls_come_first() -> None:
    """An old change of the patient, its pod, its callee, its Service or autoscaler precedes a new one of a stranger."""
    near = [
        "Pod/users-1",
        "Deployment/redis",
        "Deployment/users",
        "Service/users-svc",
        "HorizontalPodAutoscaler/scaler",
    ]
    told = ordered(change("Deployment/blog", 1), *(change(name, 100 + place) for place, name in enumerate(near)))
    assert told == [*near, "Deployment/blog"]


def test_the_causes_object_counts_as_near() -> None:
    """Where the blame went elsewhere, that object's change is what is asked for."""
    strangers = (change("Deployment/blog", 50), change("Deployment/gateway", 10))
    assert ordered(*strangers) == ["Deployment/gateway", "Deployment/blog"]
    assert ordered(*strangers, cause="Deployment/blog") == ["Deployment/blog", "Deployment/gateway"]


def test_what_all_share_stands_between() -> None:
    """A policy, a quota, a node that runs the patient's pods; another node is a stranger; the set-up is last."""
    told = ordered(
        change("Namespace/shop", 1),
        change("Node/worker-9", 2),
        change("Node/worker-1", 4),
        change("NetworkPolicy/deny", 5),
        change("Deployment/users", 500),
    )
    assert told == ["Deployment/users", "Node/worker-1", "NetworkPolicy/deny", "Node/worker-9", "Namespace/shop"]


def test_without_a_patient_the_newest_is_first() -> None:
    """Nobody is named: time alone orders."""
    assert ordered(change("Deployment/users", 9), change("Deployment/blog", 3), patient=None) == [
        "Deployment/blog",
        "Deployment/users",
    ]
    assert ordered(patient=None) == []

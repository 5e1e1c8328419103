"""Steps with this incident's names filled in."""

from opsagent.analysis.advice import advise
from opsagent.analysis.catalogue import explain
from opsagent.models.evidence import Cause
from opsagent.models.look import KubeObject, Objects
from opsagent.models.service import Service
from tests.analysis.workloads import deployment, pod, seen


def advice(code: str, ref: str | None, workload: KubeObject | None, *, objects: Objects | None = None,
           patient: Service | None = None) -> str:  # fmt: skip
    info = explain(code)
    assert info is not None
    return "\n".join(advise(Cause(code, ref, None, 0.9, "", ()), info, workload, patient, objects or seen()))


def test_node_labels_come_from_the_selector() -> None:
    """The label that no node carries is spelled out."""
    spec = {"nodeSelector": {"disk": "ssd", "zone": "a; rm"}, "containers": []}
    assert "kubectl label node <node> disk=ssd\n" in advice("scheduling.node-selector", None, deployment(pod=spec))


def test_the_node_is_named() -> None:
    """A node is named in the commands about it."""
    assert "kubectl cordon n1" in advice("node.not-ready", "Node/n1", None)
    assert "kubectl uncordon n1" in advice("scheduling.cordoned", "Node/n1", None)


def test_without_a_workload_the_patient_and_the_pods_tell_name_and_namespace() -> None:
    """The configured Deployment and the one namespace of all pods are used; of two namespaces none is."""
    web = Service("web", deployment="web-deployment")
    text = advice("config.missing-env", None, None, objects=seen(pod("web")), patient=web)
    assert "kubectl set env deployment/web-deployment <NAME>=<value> -n shop" in text
    other = pod("x")
    other["metadata"]["namespace"] = "far"
    assert " -n " not in advice("config.missing-env", None, None, objects=seen(pod("web"), other))


def test_an_image_keeps_its_registry_and_several_containers_stay_a_choice() -> None:
    """A port in the registry is no tag; with two containers the operator has to say which."""
    one = deployment(pod={"containers": [{"name": "c", "image": "hub:5000/shop/web@sha256:ab"}]})
    assert "c=hub:5000/shop/web:<tag that exists>" in advice("image.not-found", None, one)
    two = deployment(pod={"containers": [{"name": "c"}, {"name": "d"}]})
    assert "<container>=" in advice("image.not-found", None, two)

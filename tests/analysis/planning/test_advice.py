"""Steps with this incident's names filled in."""

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.planning.advice import advise
from opsagent.models.evidence import Cause
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.service import Service
from tests.analysis.workloads import deployment, pod, seen


def advice(code: str, ref: str | None, workload: KubeObject | None, *, objects: Objects | None = None,
           patient: Service | None = None) -> str:  # fmt: skip
    info = builtin().get(code)
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


def test_without_a_workload_the_patient_and_the_pods_show_name_and_namespace() -> None:
    """The configured Deployment and the one namespace of all pods are used; of two namespaces none is."""
    web = Service("web", deployment="web-deployment")
    text = advice("config.missing-env", None, None, objects=seen(pod("web")), patient=web)
    assert "kubectl set env deployment/web-deployment <NAME>=<value> -n shop" in text
    other = pod("x")
    other["metadata"]["namespace"] = "far"
    assert " -n " not in advice("config.missing-env", None, None, objects=seen(pod("web"), other))


def test_an_image_keeps_its_registry_and_several_containers_stay_a_choice() -> None:
    """A port in the registry is not a tag; with two containers the operator has to state which."""
    one = deployment(pod={"containers": [{"name": "c", "image": "hub:5000/shop/web@sha256:ab"}]})
    assert "c=hub:5000/shop/web:<tag that exists>" in advice("image.not-found", None, one)
    two = deployment(pod={"containers": [{"name": "c"}, {"name": "d"}]})
    assert "<container>=" in advice("image.not-found", None, two)


def alone(**metadata: object) -> KubeObject:
    """Return a pod whose controller was not seen."""
    item = pod("worker-747ccfb9db-pd6wz")
    item["metadata"] |= {"name": "worker-747ccfb9db-pd6wz", "ownerReferences": [], **metadata}
    item["spec"] = {"containers": [{"name": "main", "image": "acme/worker:1"}]}
    return item


def test_what_is_changed_is_the_controller_though_only_its_pod_was_seen() -> None:
    """`kubectl set env pod/x` is refused by every API server: the ReplicaSet's name shows the Deployment."""
    owned = alone(ownerReferences=[{"kind": "ReplicaSet", "name": "worker-747ccfb9db", "controller": True}])
    assert "kubectl set env deployment/worker <NAME>" in advice("config.missing-env", "Pod/x", owned)
    image = advice("image.not-found", "Deployment/worker", None, objects=seen(owned))
    assert "kubectl set image deployment/worker main=acme/worker:<tag that exists>" in image


def test_a_pod_of_its_own_has_to_be_made_again() -> None:
    """Of a bare pod the operator is reported that it cannot be edited."""
    text = advice("config.missing-env", "Pod/worker-747ccfb9db-pd6wz", alone())
    assert "has no controller" in text
    assert "kubectl replace --force -f <manifest>" in text
    assert "has no controller" not in advice("config.missing-env", None, deployment())


def test_the_variable_and_the_host_of_the_summary_are_filled_in() -> None:
    """What the log names needs no guessing; what could steer a shell stays a placeholder."""

    def said(code: str, summary: str) -> str:
        info = builtin().get(code)
        assert info is not None
        return "\n".join(advise(Cause(code, None, None, 0.9, summary, ()), info, deployment(), None, seen()))

    assert " DEPLOY_ENV=<value>" in said("config.missing-env", "a variable is not set (DEPLOY_ENV)")
    assert "<NAME>=" in said("config.missing-env", "a variable is not set (x;rm)")
    assert "kubectl get svc cache " in said("network.dns", "a host name cannot be resolved (cache)")
    assert "kubectl get svc -n" in said("network.dns", "a host name cannot be resolved (api.example.org)")


def test_an_ingress_wants_its_class() -> None:
    """Nobody is sent to search for a ConfigMap where an IngressClass is missing."""
    text = advice("config.missing-object", "Ingress/web", None)
    assert "kubectl edit ingress/web" in text
    assert "configmap" not in text


def test_a_probe_that_runs_a_command_is_run() -> None:
    """There is no port to forward to where the probe is a command."""
    probe = {"exec": {"command": ["cat", "/tmp/ready"]}}
    by_command = deployment(pod={"containers": [{"name": "c", "readinessProbe": probe}]})
    assert "kubectl exec deployment/" in advice("probe.failing", None, by_command)
    assert "port-forward" in advice("probe.failing", None, deployment())

"""Complaints that end within the pod: at a sibling container, or at the proxy of a mesh."""

from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.reasoning.within_pod import within_pod
from opsagent.models.evidence import Finding, Observation
from tests.analysis import kube_objects as k

POD = "cart-6d5f7c9b84-x2x2x"


def complaint(blames: str, code: str = "db.unreachable", container: str = "main", previous: str = "") -> Finding:
    """Return what a container's log complains of."""
    seen = Observation("logs", f"logs/{POD}/{container}{previous}.log:L3", f"dial tcp {blames}: connection refused")
    return Finding(code, "Deployment/cart", "cart", 0.82, "the database cannot be reached", (seen,), blames=blames)


def beside(sidecar: dict[str, Any], status: dict[str, Any], main: int | None = 8080) -> Cluster:
    """Return a pod with a side-car."""
    containers = [k.container("main", main), sidecar]
    return Cluster(k.seen(k.pod(POD, k.running("main"), status, spec={"containers": containers})))


def judged(finding: Finding, cluster: Cluster) -> Finding:
    """Return the finding after it was held against the pod."""
    return within_pod(finding, cluster, builtin())


PROXY = k.container("cloud-sql-proxy", 5432)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.53"])
def test_a_refusal_at_localhost_is_about_the_side_car_that_is_down(host: str) -> None:
    """The database behind a dead side-car is not accused; the side-car's own end states more than the complaint."""
    found = judged(complaint(f"{host}:5432"), beside(PROXY, k.crashing(1, name="cloud-sql-proxy")))
    assert (found.code, found.object, found.blames) == ("dependency.down", "Deployment/cart", None)
    assert found.strength < 0.45
    assert "cloud-sql-proxy" in found.summary
    assert "CrashLoopBackOff" in found.observations[-1].text


def test_a_side_car_that_runs_and_is_not_ready_is_the_cause_itself() -> None:
    """Nothing else is wrong with it that would be found."""
    found = judged(complaint("localhost:5432"), beside(PROXY, k.running("cloud-sql-proxy", ready=False)))
    assert (found.code, found.strength >= 0.5) == ("dependency.down", True)


def test_a_side_car_on_another_port_is_a_wrong_address() -> None:
    """It is up, and the program calls it where it does not listen."""
    sidecar = k.container("pgbouncer", 6432, image="acme/pgbouncer:1")
    found = judged(complaint("127.0.0.1:5432"), beside(sidecar, k.running("pgbouncer")))
    assert found.code == "config.wrong-address"
    assert "6432" in found.summary


def test_nobody_else_in_the_pod_is_a_wrong_address() -> None:
    """In a pod with one container localhost is the program itself."""
    alone = Cluster(k.seen(k.pod(POD)))
    assert judged(complaint("localhost:5432"), alone).code == "config.wrong-address"
    assert judged(complaint("localhost:8080", "network.refused"), alone).code == "network.refused"


def test_a_pod_on_the_nodes_network_calls_the_node() -> None:
    """There localhost is not the pod's own."""
    own = complaint("localhost:5432")
    assert judged(own, Cluster(k.seen(k.pod(POD, spec={"hostNetwork": True})))) is own


MESH = k.container("istio-proxy", 15090, image="acme/proxyv2:1.24")


def test_without_its_proxy_a_pod_reaches_nobody() -> None:
    """A far database is no longer accused while the proxy of the mesh is not ready; with a ready one it is."""
    own = complaint("10.96.55.3:5432", previous=".previous")
    found = judged(own, beside(MESH, k.running("istio-proxy", ready=False)))
    assert found.strength < 0.45
    assert (found.code, found.blames) == ("network.refused", None)
    assert judged(own, beside(MESH, k.running("istio-proxy"))) is own


def test_a_proxy_without_its_control_plane_accuses_that_one() -> None:
    """By its address where its Service was read, else by the port that only it has."""
    own = complaint("10.96.8.8:15012", "network.refused", "istio-proxy")
    dead = k.running("istio-proxy", ready=False)
    found = judged(own, beside(MESH, dead))
    assert (found.code, found.object, found.service) == ("dependency.down", "Service/istiod", "istiod")
    named = k.thing("Service", "istiod-blue", spec={"clusterIP": "10.96.8.8"})
    pod = k.pod(POD, k.running("main"), dead, spec={"containers": [k.container("main"), MESH]})
    assert judged(own, Cluster(k.seen(pod, named))).object == "Service/istiod-blue"


def test_what_no_container_of_a_known_pod_wrote_stays_as_it_is() -> None:
    """A log without a pod, a pod that was not read, and a finding of the objects."""
    own = complaint("localhost:5432")
    assert judged(own, Cluster(k.seen(k.node()))) is own
    stated = Finding("pod.oom-killed", None, "cart", 0.9, "x", (Observation("objects", f"Pod/{POD}:status", "x"),))
    assert judged(stated, Cluster(k.seen(k.pod(POD)))) is stated

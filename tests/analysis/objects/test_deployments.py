"""Which Deployment a cause points at, and what is known of it."""

from typing import Any

import pytest

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.deployments import (
    autoscaler_of,
    exclusive_claims,
    lasting_mounts,
    sqlite_paths,
    target_of,
    workload_of,
)
from opsagent.models.service import Service
from tests.analysis.workloads import autoscaler, claim, deployment, pod, replica_set, seen, volumes


def test_owners_are_followed_to_the_top() -> None:
    """A pod leads over its ReplicaSet to the Deployment, one of a StatefulSet to that one."""
    owned = pod("web")
    owned["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "web-4"}]
    owned["metadata"]["labels"] = {}
    objects = seen(owned, replica_set("web", "4"), deployment(), deployment("other"))
    found = workload_of("Pod/web-x", None, None, objects)
    assert found is not None
    assert kube.ref(found) == "Deployment/web"
    owned["metadata"]["ownerReferences"] = [{"kind": "StatefulSet", "name": "db"}]
    stateful = {**deployment("db"), "kind": "StatefulSet"}
    found = workload_of("Pod/web-x", None, None, seen(owned, stateful))
    assert found is not None
    assert kube.ref(found) == "StatefulSet/db"


def test_owners_that_own_each_other_end() -> None:
    """A circle of owner references, as no API server makes it, is not an endless loop."""
    one, other = replica_set("a", "1"), replica_set("b", "1")
    one["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "b-1"}]
    other["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "a-1"}]
    assert workload_of("ReplicaSet/a-1", None, None, seen(one, other)) is not None


def test_an_object_that_was_not_seen_is_never_replaced_by_another() -> None:
    """A Deployment that is not there is not mistaken for the patient's; a claim or node points to the service's own."""
    patient = Service("web", deployment="web")
    assert workload_of("Deployment/gone", None, patient, seen(deployment())) is None
    for ref in ("PersistentVolumeClaim/data", "Node/n1", None):
        found = workload_of(ref, "web", patient, seen(deployment()))
        assert found is not None
        assert kube.name(found) == "web"
    assert workload_of(None, "far", patient, seen(deployment())) is None


def test_a_target_is_only_made_of_what_was_read_whole() -> None:
    """Each of UID, version and generation is needed live."""
    for key in ("uid", "resourceVersion", "generation"):
        part = deployment()
        del part["metadata"][key]
        assert target_of(part, live=True) is None
        assert target_of(part, live=False) is not None
    assert target_of({}, live=False) is None


@pytest.mark.parametrize(("replicas", "read"), [(None, 1), (0, 0), (3, 3), (-2, 0), ("x", 1)])
def test_replicas_are_read_as_kubernetes_means_them(replicas: Any, read: int) -> None:
    """Absent means one, zero means zero."""
    assert kube.wanted_replicas(deployment(replicas=replicas)) == read


def test_volumes_that_outlive_a_pod_are_distinguished_from_those_that_do_not() -> None:
    """Claims last, emptyDir and configuration do not; a claim for many nodes is not exclusive, an unseen one is."""
    assert lasting_mounts(deployment(pod=volumes(claim="c", path="/d"))) == ("/d",)
    assert lasting_mounts(deployment(pod=volumes(empty="e"))) == ()
    kept = deployment(pod=volumes(claim="c"))
    assert exclusive_claims(kept, seen()) == ("c",)
    assert exclusive_claims(kept, seen(claim("c", "ReadWriteOnce"))) == ("c",)
    assert exclusive_claims(kept, seen(claim("c", "ReadWriteMany"))) == ()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("sqlite:////srv/shop.db", "/srv/shop.db"),
        ("sqlite+aiosqlite:///./shop.db", "./shop.db"),
        ("/var/lib/shop.sqlite3", "/var/lib/shop.sqlite3"),
        ("postgres://db/shop", None),
        ("http://host/x.db?y", None),
        ("shop", None),
    ],
)
def test_sqlite_files_are_found_in_the_environment(value: str, path: str | None) -> None:
    """URLs and plain paths of SQLite files are read, other databases are not."""
    spec = {"containers": [{"env": [{"name": "DB", "value": value}, {"name": "OTHER", "valueFrom": {}}, 5]}]}
    assert sqlite_paths(deployment(pod=spec)) == ((path,) if path else ())


def test_an_autoscaler_counts_for_its_own_target() -> None:
    """An HPA of another Deployment is none of this one's."""
    assert autoscaler_of(deployment(), seen(autoscaler("web"))) is not None
    assert autoscaler_of(deployment(), seen(autoscaler("web2"))) is None

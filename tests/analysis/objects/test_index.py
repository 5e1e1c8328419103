"""One index over one check."""

import gc

from opsagent.analysis.objects import index
from opsagent.analysis.objects.index import cluster_of
from opsagent.models.observed import Objects
from tests.analysis import kube_objects as k
from tests.analysis.scene import deployment, seen


def test_the_same_check_is_indexed_once() -> None:
    """Two questions share an index; another check, equal or not, has its own."""
    objects, same = seen(deployment("web")), seen(deployment("web"))
    assert cluster_of(objects) is cluster_of(objects)
    assert cluster_of(same) is not cluster_of(objects)


def test_an_index_goes_with_its_check() -> None:
    """Nothing is kept of a check that nobody holds any more, so a reused address finds no stranger's index."""
    objects = Objects()
    key = id(objects)
    cluster_of(objects)
    assert key in index._indexed
    del objects
    gc.collect()
    assert key not in index._indexed


def test_a_replica_set_at_zero_is_no_workload_of_its_own() -> None:
    """Its Deployment was not read, as in `kubectl get rs,pods`: what has no replicas is an old revision."""
    sets = [k.replica_set(suffix=suffix, replicas=count) for suffix, count in (("6d5f7c9b84", 2), ("7f86b5bd75", 0))]
    found = cluster_of(seen(*sets)).workloads()
    assert [item["metadata"]["name"] for item in found] == ["cart-6d5f7c9b84"]

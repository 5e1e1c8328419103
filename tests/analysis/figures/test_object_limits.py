"""Limits come from the pods where no figure has them."""

from opsagent.analysis.figures.object_limits import limits_of
from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.observed import Objects
from tests.analysis.figures.platform import series

POD = {
    "kind": "Pod",
    "metadata": {"name": "cart-0", "namespace": "shop"},
    "spec": {
        "containers": [
            {"name": "app", "resources": {"limits": {"cpu": "200m", "memory": "256Mi"}}},
            {"name": "proxy", "resources": {}},
        ]
    },
}


def test_a_container_has_its_own_limit_and_a_pod_one_only_where_all_of_its_containers_have() -> None:
    """What is not limited has no limit, never one of 0."""
    cluster = Cluster(Objects((POD,), frozenset({"Pod"})))
    places = (("Container", "cart-0/app"), ("Container", "cart-0/proxy"), ("Pod", "cart-0"), ("Container", "gone/app"))
    found = limits_of([series("memory", kind, name, 1e8) for kind, name in places], cluster)
    assert [(one.metric, one.name, list(one.values)) for one in found] == [
        ("memory_limit", "cart-0/app", [256 * 1024 * 1024])
    ]


def test_a_limit_that_is_measured_stays() -> None:
    """The figure counts, for the pod may have been changed since."""
    cluster = Cluster(Objects((POD,), frozenset({"Pod"})))
    given = [series(metric, "Container", "cart-0/app", 0.5) for metric in ("cpu", "cpu_limit")]
    assert limits_of(given, cluster) == ()

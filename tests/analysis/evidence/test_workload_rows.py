"""A service's line from Kubernetes alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from opsagent.analysis.evidence.workload_rows import workload_rows
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.service import Service
from opsagent.models.status import ServiceStatus
from tests.analysis.workloads import deployment, pod, replica_set

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def row(*items: KubeObject) -> ServiceStatus:
    """Return the line of the service web."""
    kinds = frozenset({"Pod", "Deployment", "ReplicaSet"})
    [found] = workload_rows((Service("web", "web"),), Objects(items, kinds), now=NOW, crash_window_s=600)
    return found


def ready(name: str, **more: Any) -> KubeObject:
    """Return a pod that is ready, under a name of its own."""
    made = pod("web", **{"ready": True, **more})
    made["metadata"]["name"] = name
    return made


@pytest.mark.parametrize(
    ("replicas", "pods", "status", "text"),
    [
        (2, [ready("a"), ready("b")], "healthy", "2/2"),
        (2, [ready("a")], "degraded", "1/2"),
        (1, [], "offline", "0/1"),
        (1, [ready("a", ready=False, waiting="CrashLoopBackOff")], "offline", "0/1"),
        (0, [], "idle", "0/0"),
    ],
)
def test_ready_of_wanted(replicas: int, pods: list[KubeObject], status: str, text: str) -> None:
    """The status follows from the pods that are ready, and what keeps one from it is the note."""
    found = row(deployment(replicas=replicas), *pods)
    assert (found.status, found.ready) == (status, text)
    assert ("CrashLoopBackOff" in found.note) == any("waiting" in str(one) for one in pods)


def test_what_was_not_seen_is_unknown() -> None:
    """No workload and no pod of that name: nothing is known of it."""
    found = row()
    assert (found.status, found.ready) == ("unknown", None)


def test_restarts_and_the_newest_revision() -> None:
    """Restarts are those of the present pods; the change is the newest ReplicaSet."""
    sets = [replica_set("web", "1"), replica_set("web", "2")]
    for number, made in enumerate(sets):
        made["metadata"] |= {"namespace": "shop", "creationTimestamp": f"2026-11-22T1{number}:00:00Z"}
    restarted = ready("a")
    restarted["status"]["containerStatuses"][0]["restartCount"] = 4
    found = row(deployment(), restarted, *sets)
    assert (found.restarts, found.changed_at) == (4, datetime(2026, 11, 22, 11, tzinfo=UTC))

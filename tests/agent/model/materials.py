"""What an investigation reads, small enough to be read: the blog that waits for a lock, its pod, events and figures."""

from datetime import timedelta
from typing import Any

from opsagent.agent.model.material import Material
from opsagent.models.figures import Alert, series_of
from opsagent.models.service import CallGraph, Service
from tests.agent import incidents
from tests.agent.incidents import AT

POD = "blog-7d9f8b6c5d-k8m2p"
NOW = AT.timestamp()


def event(reason: str, message: str, count: int, minutes: int, kind: str = "Warning") -> dict[str, Any]:
    """Return one event of the blog's pod."""
    at = (AT - timedelta(minutes=minutes)).isoformat()
    return {
        "kind": "Event", "metadata": {"name": f"e-{reason}"}, "type": kind, "reason": reason, "message": message,
        "count": count, "firstTimestamp": at, "lastTimestamp": AT.isoformat(),
        "involvedObject": {"kind": "Pod", "name": POD},
    }  # fmt: skip


OBJECTS: tuple[dict[str, Any], ...] = (
    {
        "kind": "Pod", "apiVersion": "v1",
        "metadata": {"name": POD, "managedFields": [{"manager": "x"}], "labels": {"app": "blog"}},
        "spec": {
            "containers": [{
                "name": "blog", "image": "blog:1.3", "env": [{"name": "DB_PASSWORD", "value": "hunter2"}],
            }],
        },
        "status": {"phase": "Running"},
    },
    {"kind": "Deployment", "metadata": {"name": "blog"}, "spec": {"replicas": 1}},
    {"kind": "Service", "metadata": {"name": "blog"}, "spec": {"ports": [{"port": 80}]}},
    event("Unhealthy", "Readiness probe failed: HTTP 503", 12, 5),
    event("Pulled", "image is present", 1, 9, "Normal"),
)  # fmt: skip


def material(**more: Any) -> Material:
    """Return what can be read of the incident."""
    given: dict[str, Any] = {
        "digests": (incidents.DIGEST,),
        "objects": OBJECTS,
        "kinds": frozenset({"Pod", "Deployment", "Service", "Event"}),
        "changes": incidents.state()["changes"],
        "series": (
            series_of("latency_p95", "ms", "Service", "blog", [(NOW - 600 + 60 * n, 12.0 + 90 * n) for n in range(11)]),
            series_of("cpu", "", "Node", "node-1", [(NOW - 60, 0.5), (NOW, 0.5)]),
        ),
        "alerts": (Alert("HighLatency", {"app": "blog"}, {"summary": "blog is slow"}, "firing", AT),),
        "symptoms": (incidents.SYMPTOM,),
        "healths": incidents.state()["healths"],
        "calls": CallGraph({"gateway": ("blog",), "blog": ("redis",), "redis": ()}),
        "services": (Service("blog", "blog"), Service("redis"), Service("gateway"), Service("mail")),
    }
    return Material(**{**given, **more})

"""Small builders: one service, one sample, one pod, stated in one line."""

from datetime import UTC, datetime, timedelta
from typing import Any

from opsagent.models.observed import KubeObject, Objects, StatsSample
from opsagent.models.service import Service

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)

FRONT = Service("load-balancer", deployment="lb", stats_key="load-balancer", depends_on=("gateway",))
GATEWAY = Service("gateway", deployment="gateway", stats_key="gateway", depends_on=("users", "blog"))
USERS = Service("users", deployment="users", stats_key="users", depends_on=("redis",))
BLOG = Service("blog", deployment="blog", stats_key="blog", health_url="http://blog-svc:8005/health")
REDIS = Service("redis", deployment="redis", stats_key="users.cache", health_url="tcp://redis-svc:6379")
SERVICES = (FRONT, GATEWAY, USERS, BLOG, REDIS)


def ago(seconds: float) -> datetime:
    """Return the time that many seconds before NOW."""
    return NOW - timedelta(seconds=seconds)


def body(**changes: Any) -> dict[str, Any]:
    """Return a body of GET /stats with everything well but the entries given."""
    well: dict[str, Any] = {
        "load-balancer": {
            "status": "healthy",
            "requests_per_second": 40,
            "avg_response_time_ms": 5.0,
            "success_rate": 62,
        },
        "gateway": {"service_status": "online"},
        "users": {"service_status": "online", "cache": {"status": "healthy"}},
        "blog": {"service_status": "online", "post_count": 2},
    }
    return {**well, **{name.replace("_", "-"): value for name, value in changes.items()}}


def sample(stats: Any = None, *, seconds_ago: float = 0, took_s: float = 0.01, error: str | None = None) -> StatsSample:
    """Return one check of GET /stats; with neither body nor error everything is well."""
    stats = body() if stats is None and error is None else stats
    return StatsSample(ago(seconds_ago), took_s, 200 if error is None else None, stats, error, "bundle")


def deployment(name: str, *, replicas: Any = 1, ready: Any = 1, **spec: Any) -> KubeObject:
    """Return a Deployment with its counts."""
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    return {
        "kind": "Deployment",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
        "status": {"replicas": replicas, "readyReplicas": ready},
    }


def pod(app: str, *, ready: bool = True, created_s: float = 3600, **container: Any) -> KubeObject:
    """Return the pod of a workload with one container; `state` and `lastState` as the API writes them."""
    status = {"name": app, "ready": ready, "restartCount": 0, "state": {"running": {}}, **container}
    stamp = ago(created_s).isoformat()
    return {
        "kind": "Pod",
        "metadata": {"name": f"{app}-1", "labels": {"app": app}, "creationTimestamp": stamp},
        "spec": {"containers": [{"name": app}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [status],
        },
    }


def kube_service(name: str, app: str) -> KubeObject:
    """Return a Kubernetes Service that selects the app's pods."""
    return {"kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": app}}}


def seen(*items: KubeObject) -> Objects:
    """Return the objects as checked."""
    return Objects(tuple(items), frozenset({"Deployment", "Pod", "Service"}))

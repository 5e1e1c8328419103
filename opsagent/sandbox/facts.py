"""What is known of the simulated platform: seven workloads with their names, ports, images and probes."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

NAMESPACE = "titanium-local"
NODE = "minikube"
CLAIM = "local-user-service-data-pvc"
CONFIG_MAP = "local-app-config"
USER = "opsagent-sandbox"


@dataclass(frozen=True, slots=True)
class Workload:
    """One Deployment with its Service."""

    app: str  # the `app` label
    image: str
    port: int
    pod_hash: str  # pod-template-hash of the first revision
    pod_suffix: str
    service: str
    last_octet: int  # of the first pod's address 10.244.1.x and, less 20, of the cluster address 10.96.14.x
    stats_key: str | None = None
    health_path: str | None = "/health"
    readiness: tuple[int, int] = (5, 5)  # initial delay and period, in seconds
    liveness: tuple[int, int] = (30, 10)
    language: str = "python"

    @property
    def deployment(self) -> str:
        """Name the Deployment."""
        return f"local-{self.app}-deployment"

    @property
    def container(self) -> str:
        """Name the container."""
        return f"{self.app}-container"

    @property
    def cluster_ip(self) -> str:
        """Return the Service's address."""
        return f"10.96.14.{self.last_octet - 20}"


WORKLOADS: tuple[Workload, ...] = (
    Workload(
        "load-balancer",
        "dongju101/titanium-lb:latest",
        7100,
        "6c9f7d5b8",
        "h4tzq",
        "local-load-balancer-service",
        40,
        stats_key="load-balancer",
        health_path="/lb-health",
        language="go",
    ),
    Workload(
        "api-gateway",
        "dongju101/titanium-api:latest",
        8000,
        "7d8c6f9b54",
        "m2x8k",
        "local-api-gateway-service",
        41,
        stats_key="api-gateway",
        language="go",
    ),
    Workload(
        "auth-service",
        "dongju101/titanium-auth-service:latest",
        8002,
        "5f7b9d6c48",
        "q9wvn",
        "local-auth-service",
        42,
        stats_key="auth",
        readiness=(10, 5),
    ),
    Workload(
        "user-service",
        "dongju101/titanium-user-service:latest",
        8001,
        "84d6c7b5f9",
        "t6jlp",
        "local-user-service",
        43,
        stats_key="user_service",
        readiness=(10, 5),
    ),
    Workload(
        "blog-service",
        "dongju101/titanium-blog-service:latest",
        8005,
        "6b5d9f8c77",
        "zk4mh",
        "local-blog-service",
        44,
        stats_key="blog_service",
        readiness=(5, 10),
        liveness=(15, 20),
    ),
    Workload(
        "dashboard-ui",
        "dongju101/titanium-ui:latest",
        80,
        "7fb9c8d64",
        "x8rdc",
        "local-dashboard-ui-service",
        45,
        health_path="/",
        language="nginx",
    ),
    Workload(
        "redis",
        "redis:7-alpine",
        6379,
        "59c7b6f84d",
        "l2v5s",
        "local-redis-service",
        46,
        health_path=None,
        language="redis",
    ),
)

BY_APP = {workload.app: workload for workload in WORKLOADS}


def labels(app: str) -> dict[str, str]:
    """Return the labels that the overlay puts on everything of one app."""
    return {"app": app, "app.kubernetes.io/managed-by": "kustomize", "app.kubernetes.io/name": "titanium"}


def workload_of(name: str) -> Workload:
    """Return the workload with this app label, Deployment or Service name; KeyError where there is none."""
    for workload in WORKLOADS:
        if name in (workload.app, workload.deployment, workload.service):
            return workload
    raise KeyError(name)

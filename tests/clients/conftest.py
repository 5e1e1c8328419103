"""A scripted server, and a cluster and a platform that talk to it."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsagent.clients import execution
from opsagent.clients.cluster import ClusterClient
from opsagent.clients.live import LivePlatform
from opsagent.config.settings import KubernetesSettings, Settings, StatsSettings
from opsagent.config.titanium import TITANIUM
from opsagent.models.plan import Action, Approval
from tests.clients.deployments import OneDeployment, approval_of
from tests.clients.loopback import Script, kubeconfig, serve


@pytest.fixture(autouse=True)
def _no_cluster_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("KUBECONFIG", "/nonexistent/kubeconfig")


@pytest.fixture
def script() -> Iterator[Script]:
    """Serve a script."""
    with serve() as served:
        yield served


@pytest.fixture
def closed_port() -> int:
    """Return a port of loopback where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def kubernetes(script: Script, tmp_path: Path) -> KubernetesSettings:
    """Return settings whose kubeconfig points to the script."""
    return KubernetesSettings(namespace="shop", kubeconfig=kubeconfig(tmp_path, script.url), timeout_s=1.0)


@pytest.fixture
def cluster(kubernetes: KubernetesSettings) -> ClusterClient:
    """Return a cluster that talks to the script."""
    return ClusterClient(kubernetes)


@pytest.fixture
def platform(kubernetes: KubernetesSettings, closed_port: int) -> Callable[..., LivePlatform]:
    """Return a maker of platforms whose direct URL leads nowhere unless another one is given."""

    def make(url: str | None = None, **changes: object) -> LivePlatform:
        stats = StatsSettings(url=url or f"http://127.0.0.1:{closed_port}", service="lb:7100", timeout_s=1.0)
        settings = Settings(kubernetes=kubernetes, stats=stats)
        return LivePlatform(replace(settings, **changes), TITANIUM)  # type: ignore[arg-type]

    return make


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read back only for an instant whether a change without an answer was made."""
    monkeypatch.setattr(execution, "_SETTLE_S", 0.2)
    monkeypatch.setattr(execution, "_SETTLE_INTERVAL_S", 0.02)


@pytest.fixture
def deployment(script: Script) -> OneDeployment:
    """Serve one Deployment."""
    return OneDeployment(script)


@pytest.fixture
def approve(script: Script, deployment: OneDeployment) -> Callable[..., Approval]:
    """Return a maker of approvals for the Deployment as it is served at first."""

    def make(action: Action, **changes: Any) -> Approval:
        made = approval_of(deployment.object, action, script.url, back_to=deployment.sets[0])
        return replace(made, **changes)

    return make

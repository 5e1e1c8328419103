"""The live platform against the sandbox: the real clients, unchanged, on the platform's dialects."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from opsagent.analysis.figures.profiles import profile_rows
from opsagent.clients.live import LivePlatform
from opsagent.config.settings import (
    KubernetesSettings,
    LogSettings,
    LokiSettings,
    PrometheusSettings,
    Settings,
    StatsSettings,
)
from opsagent.config.titanium import TITANIUM
from opsagent.errors import (
    CheckError,
    ForbiddenError,
    NoClusterError,
    NotCheckedError,
    UnauthorizedError,
    UnreachableError,
)
from opsagent.models.log_source import LogSource
from opsagent.models.plan import Action, Approval
from opsagent.models.platform import ChangeablePlatform
from opsagent.models.revision import previous_revision, revision_number
from opsagent.sandbox import Fault, Sandbox
from tests.clients.deployments import approval_of
from tests.clients.loki import NS, loki

BLOG = "local-blog-service-deployment"


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Serve a healthy platform."""
    with Sandbox("healthy", speed=20) as served:
        yield served
        assert served.errors == []


@pytest.fixture
def live(box: Sandbox, tmp_path: Path) -> LivePlatform:
    """Return a platform that talks to the sandbox."""
    kubernetes = KubernetesSettings(kubeconfig=str(box.write_kubeconfig(tmp_path / "config")))
    return LivePlatform(Settings(kubernetes=kubernetes, stats=StatsSettings(url=box.stats_url)), TITANIUM)


@pytest.fixture
def approve(live: LivePlatform) -> Callable[..., Approval]:
    """Return a maker of approvals for blog-service as it is now."""

    def make(action: Action, replicas: int | None = None) -> Approval:
        sets = previous_revision(live.get("Deployment", BLOG), live.list("ReplicaSet"))
        back_to = sets.replica_set if sets else None
        here = live.identity()
        made = approval_of(live.get("Deployment", BLOG), action, here.server, back_to=back_to, uid=here.namespace_uid)
        return replace(made, to=replace(made.to, replicas=replicas)) if replicas else made

    return make


def _changeable(platform: ChangeablePlatform) -> ChangeablePlatform:
    return platform


def test_it_is_a_changeable_platform(live: LivePlatform) -> None:
    """The type checker holds the live platform against the protocol; it states it itself too."""
    platform = _changeable(live)
    assert platform.live
    assert platform.now().tzinfo is not None
    assert platform.declared_dependencies() == {}


def test_where(live: LivePlatform, box: Sandbox) -> None:
    """Namespace, API server and context are named."""
    assert (live.where.namespace, live.where.server) == ("titanium-local", box.api_url)
    assert live.where.context


def test_restart_rolls_the_pods(live: LivePlatform, approve: Callable[..., Approval]) -> None:
    """A restart is one new generation and repeats to nothing."""
    approval = approve("restart_deployment")
    before = approval.target.generation
    assert live.restart(approval)["metadata"]["generation"] == before + 1
    assert live.restart(approval)["metadata"]["generation"] == before + 1


def test_scale(live: LivePlatform, approve: Callable[..., Approval]) -> None:
    """Scaling sets the replicas of the Deployment."""
    assert live.scale(approve("scale_deployment", 2))["spec"]["replicas"] == 2


def test_rollback(live: LivePlatform, box: Sandbox, approve: Callable[..., Approval]) -> None:
    """After a release the revision before it can be gone back to."""
    box.state.release("blog-service")
    released = live.get("Deployment", BLOG)
    deadline = time.monotonic() + 60
    while revision_number(live.get("Deployment", BLOG)) == 1:  # the controller numbers it
        assert time.monotonic() < deadline
        time.sleep(0.02)
    approval = approve("rollback_deployment")
    after = live.rollback(approval)
    assert released["spec"]["template"]["spec"]["containers"][0]["env"][-1]["name"] == "RELEASE"
    assert after["spec"]["template"]["spec"] != released["spec"]["template"]["spec"]


def test_lost_answer_is_read_back(live: LivePlatform, box: Sandbox, approve: Callable[..., Approval]) -> None:
    """A connection that is reset after the write points to one restart and no error."""
    approval = approve("restart_deployment")
    box.faults.add(Fault.reset_after_write())
    assert live.restart(approval)["metadata"]["generation"] == approval.target.generation + 1


def test_conflicts(live: LivePlatform, box: Sandbox, approve: Callable[..., Approval]) -> None:
    """A conflict that leaves the object as it was is tried again."""
    approval = approve("restart_deployment")
    box.faults.add(Fault.conflict(times=2))
    assert live.restart(approval)["metadata"]["generation"] == approval.target.generation + 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.unauthorized(), UnauthorizedError),
        (Fault.forbidden("list", "pods"), ForbiddenError),
    ],
)
def test_refusals(live: LivePlatform, box: Sandbox, fault: Fault, expected: type[CheckError]) -> None:
    """What the API server refuses is our error."""
    box.faults.add(fault)
    with pytest.raises(expected):
        live.list("Pod")


def test_too_many_requests(live: LivePlatform, box: Sandbox) -> None:
    """A server that asks to wait is waited for."""
    box.faults.add(Fault.too_many(1, retry_after_s=1))
    assert live.list("Node")


def test_broken_log(live: LivePlatform, box: Sandbox) -> None:
    """A log that the server breaks off is not taken for a complete one."""
    ref = next(ref for ref in live.logs() if ref.service == "blog-service")
    box.faults.add(Fault.broken_log(2000))
    got = b""
    with pytest.raises(CheckError, match="not whole"):  # noqa: PT012
        for chunk in live.read_log(ref):
            got += chunk
    assert got


def test_kubelet_away(live: LivePlatform, box: Sandbox) -> None:
    """Without its kubelet a log cannot be read, and the error states what the API server tried."""
    ref = next(ref for ref in live.logs() if ref.service == "blog-service")
    box.faults.add(Fault.kubelet_away())
    with pytest.raises(CheckError, match="dial tcp"):
        list(live.read_log(ref))


def test_access(live: LivePlatform, box: Sandbox) -> None:
    """What this identity may do is asked beforehand; where even that is refused it is not known."""
    assert live.may("patch", "deployments") is True
    box.faults.add(Fault.forbidden("patch", "deployments/scale"))
    assert live.may("patch", "deployments", "scale") is False
    box.faults.add(Fault.unauthorized())
    assert live.may("patch", "deployments") is None


def test_figures_come_from_the_configured_prometheus_and_from_nowhere_else() -> None:
    """Without one nothing is asked; with one that does not answer the failure is its own."""
    with pytest.raises(NotCheckedError):
        LivePlatform(Settings()).figures(profile_rows)
    settings = Settings(prometheus=PrometheusSettings(url="http://127.0.0.1:9"))
    with pytest.raises(UnreachableError) as caught:
        LivePlatform(settings).figures(profile_rows)
    assert caught.value.source == "metrics"


def test_logs_of_pods_that_are_gone_are_beside_those_of_the_cluster(box: Sandbox, tmp_path: Path) -> None:
    """What the API server still has is read there; the pod that it has forgotten is read from Loki."""
    kubernetes = KubernetesSettings(kubeconfig=str(box.write_kubeconfig(tmp_path / "config")))
    settings = Settings(kubernetes=kubernetes, stats=StatsSettings(url=box.stats_url))
    alone = LivePlatform(settings, TITANIUM).logs()
    own = next(ref for ref in alone if ref.service == "blog-service")
    with loki() as server:
        labels = {"namespace": "titanium-local", "app": "blog-service", "container": "blog-service-container"}
        for pod in (own.pod or "", "local-blog-service-deployment-5d6f-gone1"):
            server.add(int(time.time() - 60) * NS, [f"of {pod}"], {**labels, "pod": pod})
        platform = LivePlatform(replace(settings, loki=LokiSettings(url=server.url)), TITANIUM)
        refs = platform.logs()
        [gone] = set(refs) - set(alone)
        assert (gone.service, b"".join(platform.read_log(gone)).split(b" ", 1)[1]) == (
            "blog-service",
            b"of local-blog-service-deployment-5d6f-gone1\n",
        )
        assert b"of " not in b"".join(platform.read_log(own))
        with pytest.raises(NotCheckedError, match="cannot be followed"):
            platform.read_log(gone, follow=True)
    assert platform.logs() == alone  # Loki is gone: what the cluster has is still there
    assert [gap.why.partition(" at ")[0] for gap in platform.log_gaps] == ["Loki did not answer"]


def test_where_the_cluster_cannot_be_read_the_other_sources_still_are(tmp_path: Path) -> None:
    """An API server that is away is a gap beside the logs in files; without another source it is the error."""
    (tmp_path / "redis.log").write_text("ready\n")
    away = Settings(kubernetes=KubernetesSettings(kubeconfig=str(tmp_path / "none")))
    with pytest.raises(NoClusterError):
        LivePlatform(away, TITANIUM).logs()
    sources = (LogSource("redis", str(tmp_path / "*.log")),)
    platform = LivePlatform(replace(away, logs=LogSettings(sources=sources)), TITANIUM)
    [ref] = platform.logs()
    assert (ref.where, b"".join(platform.read_log(ref))) == ("logs/redis.log", b"ready\n")
    assert "kubeconfig" in platform.log_gaps[0].why


def test_without_a_cluster_nobody_is_asked_for_one(tmp_path: Path) -> None:
    """It is stated, with its setting, and is nothing that failed."""
    platform = LivePlatform(Settings(kubernetes=KubernetesSettings(enabled=False)), TITANIUM)
    for look in (lambda: platform.list("Pod"), platform.logs, platform.prove, platform.identity):
        with pytest.raises(NoClusterError, match=r"kubernetes\.enabled is false"):
            look()
    assert platform.where.server is None
    assert platform.may("get", "pods") is None


def test_a_source_that_is_not_configured_is_not_loaded() -> None:
    """Prometheus, Alertmanager, Loki, files and commands cost nobody an import who has none of them."""
    names = ("prometheus", "http_form", "alertmanager", "alert_sources", "loki", "log_sources", "files", "commands")
    code = (
        "import sys, opsagent.cli.work.stats, opsagent.agent.detection;"
        "from opsagent.clients.live import LivePlatform; from opsagent.config.settings import Settings;"
        "LivePlatform(Settings());"
        f"print([name for name in {names!r} if f'opsagent.clients.{{name}}' in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"

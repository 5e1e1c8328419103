"""Every cause code has examples for and against; a code that no rule can give is named here."""

from collections.abc import Callable
from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef
from tests.analysis.kube_objects import (
    ago,
    container,
    crashing,
    deployment,
    event,
    find,
    first,
    pod,
    replica_set,
    running,
    service,
    stack,
    thing,
    waiting,
)
from tests.analysis.log_lines import POSITIVE
from tests.analysis.near_misses import ADVERSARIAL

# Codes without an example and a near miss here: most are explained and not yet given by any row or check; admission,
# job, network, namespace and autoscaling codes are given by checks and shown in their own tests.
WITHOUT_A_RULE = frozenset(
    """
    access.licence-expired admission.denied admission.webhook-unreachable autoscaling.at-limit autoscaling.no-metrics
    config.limit-exceeded db.migration-failed db.overloaded db.replication-broken db.schema-mismatch
    dependency.sealed disruption.blocked job.backoff-limit job.deadline
    job.missed-schedule load.memory-leak namespace.terminating network.cni-failed network.no-pod-ip
    node.clock-skew node.device-lost queue.backlog queue.consumer-slow
    queue.poison-message rollout.version-mismatch scheduling.topology-spread service.limit
    """.split()  # noqa: SIM905 - a table reads better than quotes
)


def _edge(name: str, port: int = 80) -> Any:
    back = {"service": {"name": name, "port": {"number": port}}}
    rule = {"host": "x.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": back}]}}
    return thing("Ingress", "edge", spec={"rules": [rule]})


def _lease(renewed: float) -> Any:
    lease = thing("Lease", "kube-controller-manager", spec={"renewTime": ago(renewed), "leaseDurationSeconds": 15})
    lease["metadata"]["namespace"] = "kube-system"
    return lease


def _unobserved(changed: float) -> list[Any]:
    items = stack()
    fields = [{"manager": "kubectl", "time": ago(changed)}]
    items[0]["metadata"] |= {"generation": 5, "managedFields": fields}
    items[0]["status"]["observedGeneration"] = 4
    return items


def _next_revision(bad: Any, **before: Any) -> list[Any]:
    new, old = (
        replica_set(revision=2, spec={"containers": [container(image="acme/main:1.5")]}),
        replica_set(suffix="old9876", revision=1, **before),
    )
    top = deployment(available=0)
    top["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "2"}
    serving = pod("cart-old9876-a1a1a")
    serving["metadata"]["ownerReferences"][0]["name"] = "cart-old9876"
    return [top, new, old, serving, bad]


# code -> two checks objects that show it, one that resembles them and does not
OBJECTS: dict[str, tuple[Callable[[], list[Any]], Callable[[], list[Any]], Callable[[], list[Any]]]] = {
    "rollout.zero-replicas": (
        lambda: [deployment(replicas=0), service()],
        lambda: [thing("StatefulSet", "store", spec={"replicas": 0})],
        lambda: [*stack(app="billing"), deployment(replicas=0)],
    ),
    "node.controller-manager-down": (
        lambda: [*stack(), _lease(120)],
        lambda: _unobserved(300),
        lambda: [*_unobserved(3), _lease(2)],
    ),
    "rollout.bad-revision": (
        lambda: _next_revision(pod("cart-6d5f7c9b84-n1n1n", crashing(1))),
        lambda: _next_revision(pod("cart-6d5f7c9b84-n1n1n", crashing(2), running("proxy"))),
        stack,
    ),
    "service.selector-mismatch": (
        lambda: [*stack()[:3], service(selector={"app": "crat"})],
        lambda: [*stack()[:3], service(selector={"app": "cart", "tier": "x"})],
        stack,
    ),
    "service.port-mismatch": (
        lambda: [*stack()[:3], service(target=9090)],
        lambda: [*stack()[:3], service(target="grpc")],
        stack,
    ),
    "service.misrouted": (
        lambda: [*stack(), _edge("crat")],
        lambda: [*stack(), _edge("cart-api")],
        lambda: [*stack(), _edge("cart")],
    ),
    "volume.permission-denied": (
        lambda: _mounting("mkdir /data/x: permission denied"),
        lambda: _mounting("mount failed: permission denied"),
        stack,
    ),
}


def _mounting(said: str) -> list[Any]:
    held = pod("cart-6d5f7c9b84-x2x2x", waiting("ContainerCreating"))
    return [held, event(held, "FailedMount", f"MountVolume.SetUp failed for volume data: {said}")]


# A line that resembles a code's words and means something else, or nothing.
NEAR: dict[str, str] = {
    "load.process-limit": "started 16 native threads",
    "db.host-blocked": "pg_hba.conf entries reloaded, 4 hosts allowed",
    "dependency.no-quorum": "quorum of 3 of 3 members reached",
    "db.store-limit": "compaction freed space, database size 1.2 GB of quota 8 GB",
    "access.credentials": "INFO key rotated, old credentials accepted until midnight",
    "access.permission-denied": "INFO checked permission of 3 files",
    "access.rbac": "INFO ClusterRole viewer created",
    "access.service-account-missing": "INFO service account robot created",
    "config.invalid": "INFO configuration is valid",
    "config.missing-env": "INFO environment variable TZ set to UTC",
    "config.missing-object": "INFO configmap reloaded",
    "config.wrong-address": "INFO advertised address is http://10.0.0.4:80",
    "db.credentials": "INFO password rotated for user cart",
    "db.deadlock": "INFO deadlock detector ran, 0 deadlocks",
    "db.locked": "INFO advisory lock acquired",
    "db.pool-exhausted": "INFO connection pool size 10, 3 idle",
    "db.read-only": "INFO session opened read-only",
    "db.slow": "WARN slow query: 3.1 s select * from cart",
    "db.too-many-connections": "INFO max_connections is 100",
    "db.unreachable": "INFO connected to database shop",
    "db.wrong-port": "INFO protocol version 3 negotiated",
    "dependency.cache-down": "INFO redis ping answered PONG",
    "dependency.down": "INFO broker connection established",
    "dependency.rate-limited": "INFO rate limit set to 100 a second",
    "image.auth": "INFO pulled image with pull secret regcred",
    "image.not-found": "INFO successfully pulled image cart:9",
    "image.registry-unreachable": "INFO registry mirror in use",
    "load.cpu-saturated": "INFO cpu usage 41%",
    "load.memory-pressure": "INFO heap 120 MB of 512 MB",
    "load.open-files": "INFO open files limit is 65536",
    "load.thread-pool": "INFO thread pool started, 16 workers idle",
    "load.traffic-surge": "INFO traffic shifted to canary: 5%",
    "network.delay": "INFO round-trip time to eu-2 is 12 ms",
    "network.dns": "INFO resolved cart to 10.0.0.7",
    "network.loss": "INFO 40 packets transmitted, 40 received, 0% packet loss",
    "network.policy": "INFO NetworkPolicy shop/open created",
    "network.refused": "INFO listening, connections are accepted",
    "network.timeout": "INFO read timeout is 30s",
    "network.tls-certificate": "INFO certificate renewed, valid for 90 days",
    "node.kube-proxy-down": "INFO kube-proxy synced rules in 20ms",
    "node.kubelet-down": "INFO kubelet health check passed",
    "node.not-ready": "Normal NodeReady node worker-1 status is now: NodeReady",
    "node.pressure": "Conditions: DiskPressure   False   kubelet has no disk pressure",
    "node.runtime-down": "INFO containerd successfully booted in 0.1s",
    "node.scheduler-down": "scheduler            Healthy   ok",
    "pod.bad-command": "INFO command finished with exit code 0",
    "pod.crash-app-error": "INFO exception reporting enabled",
    "pod.evicted": "INFO evicted 12 entries from the cache",
    "pod.hung": "INFO watchdog started",
    "pod.import-error": "INFO imported 40 modules",
    "pod.oom-killed": "INFO oom_score_adj set to 968",
    "pod.port-in-use": "INFO address 0.0.0.0:80 bound",
    "probe.failing": "INFO probe /ready answered 200",
    "probe.liveness-port": "INFO liveness probe on port 80 answered",
    "probe.liveness-protocol": "INFO liveness probe uses HTTPS",
    "probe.liveness-timing": "INFO liveness probe period is 10s",
    "probe.readiness-port": "INFO readiness probe on port 80 answered",
    "probe.readiness-protocol": "INFO readiness probe uses HTTPS",
    "probe.readiness-timing": "INFO readiness probe period is 10s",
    "quota.cpu": "INFO quota team: requests.cpu 2 of 4 used",
    "quota.limit-range": "INFO LimitRange caps created",
    "quota.memory": "INFO quota team: requests.memory 2Gi of 4Gi used",
    "quota.pods": "INFO quota team: 3 of 10 pods used",
    "quota.services": "INFO quota team: 3 of 5 services used",
    "quota.storage": "INFO quota team: 2Gi of 10Gi storage used",
    "rollout.stuck": 'deployment "cart" successfully rolled out',
    "scheduling.cordoned": "node/worker-1 uncordoned",
    "scheduling.cpu": "Normal Scheduled Successfully assigned shop/cart to worker-1, cpu 100m",
    "scheduling.extended-resource": "INFO nvidia.com/gpu: 1 allocated",
    "scheduling.memory": "Normal Scheduled Successfully assigned shop/cart to worker-1, memory 1Gi",
    "scheduling.node-affinity": "INFO node affinity satisfied by worker-1",
    "scheduling.node-selector": "INFO node selector satisfied by worker-1",
    "scheduling.pod-anti-affinity": "INFO pod anti-affinity satisfied",
    "scheduling.taint": "node/worker-1 untainted",
    "scheduling.too-many-pods": "INFO 40 of 110 pods on worker-1",
    "service.misrouted": '[2030-01-01T00:00:00Z] "GET /a HTTP/1.1" 200 - - "-" 0 5 1 - "-"',
    "service.no-endpoints": "INFO 3 endpoints available for service shop/cart",
    "service.protocol-mismatch": "INFO TLS handshake completed with TLSv1.3",
    "volume.access-mode": "INFO access mode ReadWriteOnce granted",
    "volume.capacity": "INFO volume capacity is 10Gi",
    "volume.disk-full": "INFO disk usage 41%, 20Gi free",
    "volume.disk-slow": "INFO fsync took 12 ms",
    "volume.mount-failed": "Normal SuccessfulMountVolume MountVolume.SetUp succeeded for volume data",
    "volume.occupied": "Normal SuccessfulAttachVolume AttachVolume.Attach succeeded for volume data",
    "volume.selector": "INFO volume data bound to claim data",
    "volume.storage-class": "INFO storage class standard is the default",
}


def test_every_code_has_examples_for_and_against() -> None:
    """Two examples, an easy and a hard near miss each: in logs, or in objects; the rest is named as without a rule."""
    in_logs = {code for code, lines in POSITIVE.items() if len(lines) > 1}
    every = in_logs | set(NEAR) | set(ADVERSARIAL)
    for where, held in (
        ("two lines in POSITIVE of tests/analysis/log_lines.py", in_logs),
        ("a line in NEAR of this file", set(NEAR)),
        ("a log in ADVERSARIAL of tests/analysis/near_misses.py", set(ADVERSARIAL)),
    ):
        assert every <= held, f"{sorted(every - held)}: add {where}, all three hold the same codes"
    enough, codes = in_logs | set(OBJECTS), set(builtin().codes) - {"unknown"}
    new, gone = sorted(codes - enough - WITHOUT_A_RULE), sorted((enough | WITHOUT_A_RULE) - codes)
    assert (
        not new
    ), f"""{new} has no examples. Where a phrase gives it: POSITIVE in tests/analysis/log_lines.py, NEAR here,
        ADVERSARIAL in tests/analysis/near_misses.py. Where only checks give it: OBJECTS here, or its check's own test
        and its name in WITHOUT_A_RULE."""
    assert not gone, f"{gone} is no code of the catalog: take it out of the examples"
    both = sorted(enough & WITHOUT_A_RULE)
    assert not both, f"{both} has examples now: take it out of WITHOUT_A_RULE"


@pytest.mark.parametrize(("code", "line"), NEAR.items())
def test_a_near_miss_does_not_give_the_code(code: str, line: str) -> None:
    """The words of a mechanism alone, in a line that states all is well, accuse nobody."""
    found = log_findings([digest(LogRef("logs/shop-1/app.log"), [f"starting\n{line}\n".encode()])])
    assert not [finding.code for finding in found if finding.strength >= 0.45], code


@pytest.mark.parametrize(("code", "log", "instead"), [(code, *row) for code, row in ADVERSARIAL.items()])
def test_a_hard_near_miss_gives_what_it_shows_or_nothing(code: str, log: str, instead: str | None) -> None:
    """Warnings and errors with a code's own words: a mention, a setting, a user's fault, what passed by itself."""
    found = log_findings([digest(LogRef("app.log"), [log.encode()])])
    firm = [finding.code for finding in found if finding.strength >= 0.45 and not finding.over]
    assert code not in firm
    assert firm == ([instead] if instead else [])


@pytest.mark.parametrize("code", OBJECTS)
def test_objects_show_it_twice_and_once_not(code: str) -> None:
    """Two different checks lead to the code first; the third, which resembles them, never."""
    one, other, without = OBJECTS[code]
    assert [first(*one())[0], first(*other())[0]] == [code, code]
    assert code not in {finding.code for finding in find(*without()) if finding.strength >= 0.45}

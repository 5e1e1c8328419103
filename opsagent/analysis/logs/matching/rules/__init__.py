"""The catalogue of what logs say, and which cause accounts for which symptom."""

from collections.abc import Mapping

from opsagent.analysis.logs.matching.rules import (
    access,
    db,
    loss,
    network,
    nodes,
    placement,
    pods,
    runtime,
    slow,
    volume,
)
from opsagent.analysis.logs.matching.rules.rule import Rule

# Of the rules that fit one line the first counts: the more specific families come first.
RULES: tuple[Rule, ...] = (
    *placement.SCHEDULING, *placement.QUOTA, *pods.IMAGE, *access.RBAC, *pods.POD, *nodes.NODE,
    *loss.LOSS, *network.TLS, *network.DNS, *runtime.LOAD[:1], *volume.VOLUME, *db.DATABASE, *slow.STATEMENTS,
    *slow.DISK, *access.CREDENTIALS, *runtime.PORTS, *runtime.LOAD[1:], *db.POOLS, *network.CACHE, *network.BROKERS,
    *runtime.IMPORTS, *runtime.COMMAND, *access.FILES, *slow.DELAY, *network.LIMITS, *runtime.CONFIG,
    *network.CONNECTIONS, *network.UPSTREAM,
)  # fmt: skip

_BREAKS = (
    "network.refused",
    "network.timeout",
    "dependency.down",
    "db.pool-exhausted",
    "load.thread-pool",
    "pod.hung",
    "probe.failing",
)
_FATAL = (
    *_BREAKS, "db.unreachable", "dependency.cache-down", "pod.crash-app-error", "unknown", "probe.liveness-port",
    "probe.readiness-port", "probe.liveness-timing", "probe.readiness-timing", "rollout.stuck", "service.no-endpoints",
)  # fmt: skip

# What whoever waits for something slow says.
_WAITS = (
    "network.timeout", "dependency.down", "db.pool-exhausted", "load.thread-pool", "pod.hung", "pod.crash-app-error",
    "unknown",
)  # fmt: skip

# In one log, the left accounts for the right: the earlier link of the chain.
EXPLAINS: Mapping[str, tuple[str, ...]] = {
    "volume.disk-slow": (
        *_WAITS,
        "db.slow",
        "db.locked",
        "db.unreachable",
        "dependency.cache-down",
        "network.delay",
        "probe.failing",
    ),
    "volume.disk-full": (
        *_FATAL,
        "volume.disk-slow",
        "db.slow",
        "db.read-only",
        "db.locked",
        "access.credentials",
        "volume.mount-failed",
    ),
    "load.open-files": (
        *_FATAL,
        "network.dns",
        "network.tls-certificate",
        "access.permission-denied",
        "db.too-many-connections",
    ),
    "load.memory-pressure": (*_FATAL, "pod.oom-killed"),
    "pod.oom-killed": _FATAL,
    "config.missing-env": (*_FATAL, "config.invalid", "db.credentials", "access.credentials", "network.dns"),
    "config.missing-object": (*_FATAL, "volume.mount-failed", "config.missing-env"),
    "config.invalid": _FATAL,
    "config.wrong-address": (*_FATAL, "network.dns"),
    "pod.import-error": _FATAL,
    "pod.bad-command": (*_FATAL, "access.permission-denied"),
    "pod.port-in-use": _FATAL,
    "access.permission-denied": (*_FATAL, "db.read-only", "config.invalid"),
    "access.rbac": (*_FATAL, "access.credentials"),
    "access.credentials": _FATAL,
    "network.tls-certificate": (*_FATAL, "access.credentials", "service.protocol-mismatch"),
    "network.dns": (*_FATAL, "image.registry-unreachable"),
    "network.policy": (*_FATAL, "network.dns"),
    "db.credentials": _FATAL,
    "db.slow": _WAITS,
    "db.locked": (*_BREAKS, "db.slow", "pod.crash-app-error", "unknown", "db.unreachable"),
    "db.deadlock": (*_BREAKS, "db.slow", "pod.crash-app-error", "unknown", "db.locked"),
    "db.too-many-connections": (*_BREAKS, "db.unreachable", "pod.crash-app-error", "unknown"),
    "db.read-only": (*_BREAKS, "pod.crash-app-error", "unknown"),
    "db.unreachable": (*_BREAKS, "pod.crash-app-error", "unknown"),
    "db.pool-exhausted": (
        "network.timeout",
        "dependency.down",
        "load.thread-pool",
        "pod.crash-app-error",
        "pod.hung",
        "unknown",
    ),
    "dependency.cache-down": (*_BREAKS, "pod.crash-app-error", "unknown"),
    "dependency.rate-limited": (
        "image.registry-unreachable",
        "image.not-found",
        "network.timeout",
        "dependency.down",
        "load.thread-pool",
        "pod.crash-app-error",
        "unknown",
    ),
    "network.loss": (*_WAITS, "network.delay", "dependency.cache-down", "db.unreachable"),
    "network.delay": _WAITS,
    "network.refused": ("network.timeout", "dependency.down", "pod.crash-app-error", "load.thread-pool", "unknown"),
    "network.timeout": ("dependency.down", "pod.crash-app-error", "load.thread-pool", "unknown"),
    "pod.hung": ("pod.oom-killed", "network.timeout", "pod.crash-app-error", "unknown"),
    "load.thread-pool": ("network.timeout", "pod.crash-app-error", "unknown"),
    "load.cpu-saturated": (*_WAITS, "probe.failing", "network.delay", "db.slow", "dependency.cache-down"),
    "load.traffic-surge": (*_WAITS, "load.cpu-saturated", "dependency.rate-limited", "network.refused"),
    "service.port-mismatch": (
        "network.refused",
        "dependency.down",
        "service.no-endpoints",
        "service.misrouted",
        "unknown",
    ),
    "service.selector-mismatch": ("service.no-endpoints", "network.refused", "dependency.down", "unknown"),
    "rollout.zero-replicas": (
        "service.no-endpoints",
        "network.refused",
        "dependency.down",
        "network.timeout",
        "unknown",
    ),
    "rollout.bad-revision": ("rollout.stuck", "unknown"),
    "node.scheduler-down": ("config.invalid", "access.permission-denied", "pod.bad-command", "unknown"),
    "node.kube-proxy-down": ("config.invalid", "pod.bad-command", "unknown"),
    "node.runtime-down": ("node.kubelet-down", "network.refused", "unknown"),
    "volume.access-mode": ("volume.storage-class", "volume.mount-failed", "unknown"),
    "volume.selector": ("volume.storage-class", "volume.mount-failed", "unknown"),
    "volume.capacity": ("volume.storage-class", "volume.mount-failed", "unknown"),
    "probe.liveness-port": ("probe.failing", "network.refused", "unknown"),
    "probe.readiness-port": ("probe.failing", "network.refused", "unknown"),
    "probe.liveness-timing": ("probe.failing", "probe.liveness-port", "network.refused", "unknown"),
    "probe.readiness-timing": ("probe.failing", "unknown"),
    "probe.liveness-protocol": ("probe.failing", "service.protocol-mismatch", "network.tls-certificate", "unknown"),
    "probe.readiness-protocol": ("probe.failing", "service.protocol-mismatch", "network.tls-certificate", "unknown"),
    "volume.mount-failed": _FATAL,
    "volume.storage-class": ("scheduling.cpu", "volume.mount-failed"),
    "volume.occupied": ("volume.mount-failed",),
    "image.auth": ("image.not-found",),
    "image.registry-unreachable": ("image.not-found",),
    "node.kubelet-down": ("network.dns", "network.refused", "config.invalid", "unknown"),
}
__all__ = ["EXPLAINS", "RULES", "Rule"]

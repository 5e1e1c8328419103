"""The running system: the load balancer, the services' health paths, and the cluster."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from opsagent.clients.log_refs import log_refs
from opsagent.clients.reach import Reach
from opsagent.config.settings import Settings
from opsagent.errors import LookError, NotLookedAtError
from opsagent.models.look import HealthLook, KubeObject, LogRef, StatsSample, Where
from opsagent.models.plan import Action, Approval
from opsagent.models.service import Service

if TYPE_CHECKING:
    from opsagent.clients.changes import Change
    from opsagent.clients.cluster import Cluster
    from opsagent.clients.prometheus import Prometheus
    from opsagent.models.figures import Figures
    from opsagent.models.profiles import Row

ALL_NAMESPACES = "*"


class LivePlatform:
    """A platform that can be looked at and, with an Approval, changed (`models.platform.ChangeablePlatform`)."""

    def __init__(self, settings: Settings, services: Iterable[Service] = ()) -> None:
        """Read nothing and ask nobody yet; `services` name the logs."""
        self._settings = settings
        self._services = tuple(services)
        self._namespace = settings.kubernetes.namespace
        self._lock = threading.Lock()
        self._opened: Cluster | None = None
        self._reach = Reach(settings, self._cluster)
        self._prometheus: Prometheus | None = None

    @property
    def live(self) -> bool:
        """Return True: an approval may lead to an action here."""
        return True

    @property
    def where(self) -> Where:
        """Name the system; without a usable kubeconfig only the namespace (what needs the cluster then says why)."""
        try:
            cluster = self._cluster()
        except LookError:
            return Where(self._namespace)
        return Where(self._namespace, cluster.server, cluster.context)

    def now(self) -> datetime:
        """Return the clock's time."""
        return datetime.now(UTC)

    def stats(self) -> tuple[StatsSample, ...]:
        """GET /stats once; a failed request is a sample with `error` and `hint`."""
        if not self._settings.stats.enabled:
            raise NotLookedAtError("this platform has no /stats (stats.enabled is false)", source="stats")
        return (self._reach.stats(),)

    def health(self, service: Service) -> HealthLook:
        """Look at a service's health path once; NotLookedAtError where it cannot be reached from here."""
        return self._reach.health(service)

    def list(self, kind: str, namespace: str | None = None) -> tuple[KubeObject, ...]:
        """Return all objects of a kind, of the platform's namespace unless another one (or "*") is given."""
        return tuple(self._cluster().list(kind, self._within(namespace)))

    def get(self, kind: str, name: str) -> KubeObject:
        """Return one object of the platform's namespace."""
        return self._cluster().get(kind, self._namespace, name)

    def logs(self, namespace: str | None = None) -> tuple[LogRef, ...]:
        """Return the log of each container of each pod, and the one before where it was restarted."""
        return self.logs_of(self.list("Pod", namespace))

    def logs_of(self, pods: Iterable[KubeObject]) -> tuple[LogRef, ...]:
        """Return the logs of pods that were listed already."""
        return log_refs(pods, self._services)

    def read_log(
        self, ref: LogRef, *, tail: int | None = None, since_s: int | None = None, follow: bool = False
    ) -> Iterator[bytes]:
        """Yield a container's log as it comes, each line with its RFC 3339 stamp.

        Raises NotFoundError where the pod or the log is gone, TransientLookError after the last chunk where the
        stream broke off.
        """
        if ref.pod is None:
            raise NotLookedAtError(f"{ref.where} is no log of this cluster", source="logs")
        query: dict[str, str | int] = {"timestamps": "true"}
        if ref.container is not None:
            query["container"] = ref.container
        flags = {"previous": "true" if ref.previous else None, "follow": "true" if follow else None}
        numbers = {"tailLines": tail, "sinceSeconds": since_s}
        query |= {key: value for key, value in (flags | numbers).items() if value is not None}
        return self._cluster().log(ref.namespace or self._namespace, ref.pod, query, follow=follow)

    def may(self, verb: str, resource: str, subresource: str = "") -> bool | None:
        """Ask the API server whether this identity may do it; None where it cannot say."""
        try:
            return self._cluster().may(self._namespace, verb, resource, subresource)
        except LookError:
            return None

    def figures(self, rows: "Callable[[], tuple[Row, ...]]") -> "Figures":
        """Ask Prometheus for the figures of its window. Raises NotLookedAtError, LookError."""
        if not self._settings.prometheus.configured:
            raise NotLookedAtError("no Prometheus is configured (prometheus.url)", source="metrics")
        with self._lock:
            if self._prometheus is None:
                # Late, as in _cluster: one that is not configured costs nothing.
                from opsagent.clients.prometheus_access import prometheus_of  # noqa: PLC0415

                self._prometheus = prometheus_of(self._settings, os.environ, self._cluster)
        return self._prometheus.figures(rows(), self.now())

    def declared_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Return nothing: the live system declares its calls in the configuration."""
        return {}

    def restart(self, approval: Approval) -> KubeObject:
        """Do what `kubectl rollout restart` does."""
        return self._carry_out("restart_deployment", approval)

    def scale(self, approval: Approval) -> KubeObject:
        """Set `spec.replicas` through the scale subresource, within the configured bounds."""
        return self._carry_out("scale_deployment", approval)

    def rollback(self, approval: Approval) -> KubeObject:
        """Go back to the revision before the approved one, as `kubectl rollout undo` does."""
        return self._carry_out("rollback_deployment", approval)

    def shows(self, approval: Approval) -> bool | None:
        """Return whether the approved change stands in the cluster; None where that cannot be told."""
        # Late, as in _cluster: only a change needs it.
        from opsagent.clients.execution import shows  # noqa: PLC0415

        return shows(self._cluster(), approval, self._change(approval.action, approval), self._namespace)

    def _carry_out(self, action: Action, approval: Approval) -> KubeObject:
        # Late, as in _cluster: only a change needs it.
        from opsagent.clients.execution import carry_out  # noqa: PLC0415

        return carry_out(self._cluster(), approval, self._change(action, approval), self._namespace)

    def _change(self, action: Action, approval: Approval) -> "Change":
        # Late, as in _cluster: only a change needs it.
        from opsagent.clients.changes import Restart, Rollback, Scale  # noqa: PLC0415

        if action == "scale_deployment":
            actions = self._settings.actions
            return Scale(self._cluster(), approval, (actions.min_replicas, actions.max_replicas))
        return (Rollback if action == "rollback_deployment" else Restart)(self._cluster(), approval)

    def _cluster(self) -> "Cluster":
        """Open the cluster at its first use; a failure is not kept, a login in between helps."""
        # Late: the kubernetes package costs 0.5 s at start, and a direct GET /stats does without it.
        from opsagent.clients.cluster import Cluster  # noqa: PLC0415

        with self._lock:
            if self._opened is None:
                self._opened = Cluster(self._settings.kubernetes)
            return self._opened

    def _within(self, namespace: str | None) -> str | None:
        return None if namespace == ALL_NAMESPACES else namespace or self._namespace

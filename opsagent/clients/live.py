"""The running system: the load balancer, the services' health paths, and the cluster."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING

from opsagent.clients.answer import brief
from opsagent.clients.log_refs import log_query, log_refs
from opsagent.clients.reach import Reach
from opsagent.config.settings import Settings, logs_elsewhere
from opsagent.errors import ActionError, CheckError, ForbiddenError, NoClusterError, NotCheckedError
from opsagent.models.coverage import outcome_of
from opsagent.models.observed import HealthAnswer, KubeObject, LogGap, LogRef, Skipped, StatsSample, Where
from opsagent.models.plan import ACTIONS, Approval, Plan, PlatformIdentity, Verb
from opsagent.models.service import Service

if TYPE_CHECKING:
    from opsagent.clients.changes import DeploymentChange, Intended
    from opsagent.clients.cluster import ClusterClient
    from opsagent.clients.log_sources import LogSources
    from opsagent.clients.prometheus import Prometheus
    from opsagent.models.figures import Alert, Figures
    from opsagent.models.profiles import Row


class LivePlatform:
    """A platform that can be checked and, with an Approval, changed (`models.platform.ChangeablePlatform`)."""

    def __init__(self, settings: Settings, services: Iterable[Service] = ()) -> None:
        """Read nothing and ask nobody yet; `services` name the logs."""
        self._settings = settings
        self._services = tuple(services)
        self._namespace = settings.kubernetes.namespace
        others = (settings.kubernetes.namespaces or "").split(",")
        self._readable = frozenset({self._namespace, *(name.strip() for name in others if name.strip())})
        self._lock = threading.Lock()
        self._opened: ClusterClient | None = None
        self._reach = Reach(settings, self._cluster)
        self._prometheus: Prometheus | None = None
        self._sources: LogSources | None = None
        self._unlisted: tuple[LogGap, ...] = ()
        self._alert_gaps: tuple[Skipped, ...] = ()

    @property
    def live(self) -> bool:
        """Return True: an approval may lead to an action here."""
        return True

    @property
    def where(self) -> Where:
        """Name the system; without a usable kubeconfig only the namespace (what needs the cluster then states why)."""
        try:
            cluster = self._cluster()
        except CheckError:
            return Where(self._namespace)
        return Where(self._namespace, cluster.server, cluster.context)

    def now(self) -> datetime:
        """Return the clock's time."""
        return datetime.now(UTC)

    def new_pass(self) -> None:
        """Begin a new pass: the memory budget is complete again, and the API server has to prove itself again."""
        with self._lock:
            opened = self._opened
        if opened is not None:
            opened.new_pass()

    def prove(self) -> None:
        """Return where the API server proves to be one in this pass; raises the CheckError that states why not."""
        self._cluster().prove()

    @property
    def bytes_read(self) -> int:
        """Return how many bytes of the API server's answers this pass has read, logs left out."""
        with self._lock:
            return self._opened.bytes_read if self._opened is not None else 0

    def stats(self) -> tuple[StatsSample, ...]:
        """GET /stats once; a failed request is a sample with `error` and `hint`."""
        if not self._settings.stats.enabled:
            raise NotCheckedError("this platform has no /stats (stats.enabled is false)", source="stats")
        return (self._reach.stats(),)

    def health(self, service: Service) -> HealthAnswer:
        """Check a service's health path once; NotCheckedError where it cannot be reached from here."""
        return self._reach.health(service)

    def list(self, kind: str, namespace: str | None = None) -> tuple[KubeObject, ...]:
        """Return all objects of a kind, of the platform's namespace unless another one is given.

        Raises ForbiddenError for a namespace that the settings do not name.
        """
        return tuple(self._cluster().list(kind, self._within(namespace)))

    def select(self, kind: str, labels: str) -> tuple[KubeObject, ...]:
        """Return the objects of a kind in the platform's namespace that a label selector chooses."""
        return tuple(self._cluster().list(kind, self._namespace, labels))

    def list_everywhere(self, kind: str) -> tuple[KubeObject, ...]:
        """Return all objects of a kind in all namespaces; no tool that others call leads here."""
        return tuple(self._cluster().list(kind, None))

    def get(self, kind: str, name: str) -> KubeObject:
        """Return one object of the platform's namespace."""
        return self._cluster().get(kind, self._namespace, name)

    def logs(self, namespace: str | None = None) -> tuple[LogRef, ...]:
        """Return the log of each container of each pod, and the one before where it was restarted.

        With them the logs of the other configured sources; these alone where the cluster cannot be read, which is
        then one of `log_gaps`.
        """
        others = namespace in (None, self._namespace) and logs_elsewhere(self._settings)
        try:
            found = log_refs(self.list("Pod", namespace), self._services)
        except CheckError as error:
            kept = self._other_logs(()) if others else ()
            if not kept:
                raise
            if self._settings.kubernetes.enabled:
                self._unlisted = (LogGap(error.message, outcome_of(error)),)
            return kept
        self._unlisted = ()
        return (*found, *self._other_logs(found)) if others else found

    def logs_of(self, pods: Iterable[KubeObject]) -> tuple[LogRef, ...]:
        """Return the logs of pods that were listed already, and those of the other configured sources."""
        found = log_refs(pods, self._services)
        return (*found, *self._other_logs(found)) if logs_elsewhere(self._settings) else found

    @property
    def log_gaps(self) -> tuple[LogGap, ...]:
        """Return what kept logs from being listed, the last time that they were."""
        return (*self._unlisted, *(self._sources.gaps if self._sources is not None else ()))

    def _other_logs(self, listed: Iterable[LogRef]) -> tuple[LogRef, ...]:
        with self._lock:
            if self._sources is None:
                # Late, as in _cluster: who names no other source of logs loads nothing for one.
                from opsagent.clients.log_access import log_sources_of  # noqa: PLC0415

                self._sources = log_sources_of(self._settings, os.environ, self._cluster)
        refs = tuple(listed)
        names = dict.fromkeys((*(service.name for service in self._services), *(r.service for r in refs if r.service)))
        return self._sources.refs(tuple(names), {ref.pod for ref in refs if ref.pod})

    def read_log(
        self,
        ref: LogRef,
        *,
        tail: int | None = None,
        since_s: int | None = None,
        since_time: datetime | None = None,
        follow: bool = False,
    ) -> Iterator[bytes]:
        """Yield a container's log as it comes, each line with its RFC 3339 stamp.

        Raises NotFoundError where the pod or the log is gone, TransientCheckError after the last chunk where the
        stream broke off.
        """
        if self._sources is not None and self._sources.owns(ref):
            if since_time is not None:
                since_s = max(1, ceil((self.now() - since_time).total_seconds()))
            return self._sources.read(ref, tail=tail, since_s=since_s, follow=follow)
        if ref.pod is None:
            raise NotCheckedError(f"{ref.where} is not a log of this cluster", source="logs")
        query = log_query(ref, tail=tail, since_s=since_s, since_time=since_time, follow=follow)
        where = self._within(ref.namespace)
        return self._cluster().log(where, ref.pod, query, follow=follow, timeout_s=self._settings.logs.timeout_s)

    def may(self, verb: str, resource: str, subresource: str = "") -> bool | None:
        """Ask the API server whether this identity may do it; None where it cannot state."""
        try:
            return self._cluster().may(self._namespace, verb, resource, subresource)
        except CheckError:
            return None

    def figures(self, rows: "Callable[[], tuple[Row, ...]]") -> "Figures":
        """Ask Prometheus for the figures of its window. Raises NotCheckedError, CheckError."""
        return self._figure_source().figures(rows(), self.now())

    def alerts(self) -> "tuple[Alert, ...]":
        """Ask Prometheus and Alertmanager for alerts; one that fails beside the other is one of `alert_gaps`.

        Raises NotCheckedError where neither is configured, CheckError where none answered.
        """
        if not self._settings.alertmanager.configured:
            return self._figure_source().alerts()
        # Late, as in _cluster: who has no Alertmanager loads nothing for one.
        from opsagent.clients.alert_sources import alerts_of  # noqa: PLC0415

        rules = self._figure_source().alerts if self._settings.prometheus.configured else None
        found, self._alert_gaps = alerts_of(self._settings, os.environ, self._cluster, rules)
        return found

    @property
    def alert_gaps(self) -> tuple[Skipped, ...]:
        """Return what kept a source of alerts from being read, the last time."""
        return self._alert_gaps

    def _figure_source(self) -> "Prometheus":
        if not self._settings.prometheus.configured:
            raise NotCheckedError("no Prometheus is configured (prometheus.url)", source="metrics")
        with self._lock:
            if self._prometheus is None:
                # Late, as in _cluster: one that is not configured costs nothing.
                from opsagent.clients.prometheus_access import prometheus_of  # noqa: PLC0415

                self._prometheus = prometheus_of(self._settings, os.environ, self._cluster)
        return self._prometheus

    def declared_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Return nothing: the live system declares its calls in the configuration."""
        return {}

    def restart(self, approval: Approval) -> KubeObject:
        """Do what `kubectl rollout restart` does."""
        return self._carry_out("restart", approval)

    def scale(self, approval: Approval) -> KubeObject:
        """Set `spec.replicas` through the scale subresource, within the configured bounds."""
        return self._carry_out("scale", approval)

    def rollback(self, approval: Approval) -> KubeObject:
        """Go back to the approved revision, as `kubectl rollout undo --to-revision` does."""
        return self._carry_out("rollback", approval)

    def identity(self) -> PlatformIdentity:
        """Return which platform this is: by the UID of the Namespace, else by server and CA, with the reason."""
        return self._cluster().identity(self._namespace)

    def try_out(self, plan: Plan) -> None:
        """Send the plan's exact patch with dryRun=All; CheckError or ActionError where it would not be accepted."""
        # Late, as in _cluster: only a change needs it.
        from opsagent.clients.changes import Intended  # noqa: PLC0415
        from opsagent.clients.execution import try_out  # noqa: PLC0415

        intended = Intended.planned(plan, self.now().isoformat(timespec="seconds").replace("+00:00", "Z"))
        try_out(self._cluster(), self._change(intended), intended.target)

    def shows(self, approval: Approval) -> bool | None:
        """Return whether the approved change is in the cluster; None where that cannot be determined."""
        # Late, as in _cluster: only a change needs it.
        from opsagent.clients.changes import Intended  # noqa: PLC0415
        from opsagent.clients.execution import shows  # noqa: PLC0415

        change = self._change(Intended.approved(approval))
        return shows(self._cluster(), approval, change, self.identity, self._namespace)

    def _carry_out(self, verb: Verb, approval: Approval) -> KubeObject:
        # Late, as in _cluster: only a change needs it.
        from opsagent.clients.changes import Intended  # noqa: PLC0415
        from opsagent.clients.execution import carry_out  # noqa: PLC0415

        if ACTIONS[approval.action].verb != verb:
            raise ActionError(f"the approval is for {approval.action}, not for a {verb}; nothing was done")
        change = self._change(Intended.approved(approval))
        return carry_out(self._cluster(), approval, change, self.identity, self._namespace)

    def _change(self, intended: "Intended") -> "DeploymentChange":
        # Late, as in _cluster: only a change needs it.
        from opsagent.clients.changes import Restart, Rollback, Scale  # noqa: PLC0415

        verb = ACTIONS[intended.action].verb
        if verb == "scale":
            actions = self._settings.actions
            return Scale(intended, (actions.min_replicas, actions.max_replicas))
        if verb == "rollback":
            return Rollback(intended, lambda: self.list("ReplicaSet"))
        return Restart(intended)

    def _cluster(self) -> "ClusterClient":
        """Open the cluster at its first use; a failure is not kept, a login in between helps."""
        if not self._settings.kubernetes.enabled:
            raise NoClusterError("there is no cluster (kubernetes.enabled is false)", source="cluster")
        # Late: the kubernetes package costs 0.5 s at start, and a direct GET /stats does without it.
        from opsagent.clients.cluster import ClusterClient  # noqa: PLC0415

        with self._lock:
            if self._opened is None:
                self._opened = ClusterClient(self._settings.kubernetes)
            return self._opened

    def _within(self, namespace: str | None) -> str:
        """Return the namespace to read, which the operator has to have named."""
        wanted = namespace or self._namespace
        if wanted not in self._readable:
            raise ForbiddenError(
                f"namespace {brief(wanted, 60)!r} is not read: kubernetes.namespaces does not name it",
                source="cluster",
                hint=f"readable: {', '.join(sorted(self._readable))}; the operator adds others there",
            )
        return wanted

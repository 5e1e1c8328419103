"""What /stats, its duration, health checks and pods state together: hung or dead, surged, or without its cache."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.evidence.kubelet_word import front_outweighed, outweighed
from opsagent.analysis.evidence.service_health import answer_kind
from opsagent.analysis.evidence.workload_state import held_back, none_made, pods_by_service, workloads_by_service
from opsagent.analysis.figures.stats import (
    broken_entry,
    is_front,
    place,
    service_statuses,
    stats_observation,
    traffic_metrics,
)
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.index import cluster_of
from opsagent.models.evidence import UNKNOWN, Finding, Observation
from opsagent.models.observed import HealthAnswer, KubeObject, Objects, StatsSample
from opsagent.models.service import CallGraph, Service
from opsagent.models.status import ServiceStatus

_HUNG_S = 1.5  # /stats waits 2 s for a service that hangs
_REFUSED_S = 0.25  # a refused connection takes a hundredth of a second; what is between shows nothing
_SLOWLY = frozenset({"slow", "degraded", "lagging"})  # reported about a part that answers, and late
_HELD_BACK = 0.3  # refused because no pod is Ready: the symptom, and no cause
_UNSURE = 0.44  # offline, and nothing shows hung from dead: below what is named as a cause
_SURGE = 2.0  # times the requests of before
_SURGE_PER_S = 20.0
_SLOWER = 5.0  # times the response time of before
_SLOW_MS = 500.0


@dataclass(frozen=True, slots=True)
class _View:
    """Everything that was seen of one service."""

    service: Service
    object: str | None
    pods: tuple[KubeObject, ...]
    status: ServiceStatus | None
    sample: StatsSample | None
    seen: Observation | None  # its word in /stats
    look: HealthAnswer | None
    held_back: bool  # none of its pods is Ready, and none has ended: whoever calls its Service is refused
    alone: bool  # the only service that /stats calls offline: then its duration is this one's
    keys: frozenset[str]  # of all services
    catalog: Catalog

    @property
    def kind(self) -> str | None:
        """Return what kind of peer the service is: "database", "cache" …"""
        names = (self.service.stats_key, self.service.name)
        return next((kind for name in names if (kind := self.catalog.peer_kind(name=name))), None)


def stats_findings(
    samples: Sequence[StatsSample],
    looks: Iterable[HealthAnswer],
    services: Iterable[Service],
    graph: CallGraph,
    objects: Objects,
    *,
    now: datetime,
    catalog: Catalog | None = None,
) -> tuple[Finding, ...]:
    """Return what the newest sample and the newest health check of each service report about a cause.

    A dead service refuses at once, a hung one lets everybody wait: the health check shows it, or the state of its
    pods, and by how long /stats took. Newer than `now` counts too: clocks differ.
    """
    del graph, now  # the ranking moves blame along the calls; the newest sample needs no clock
    known = tuple(services)
    by_service = {look.service: look for look in looks}
    views = _views(known, samples, by_service, objects, catalog or builtin())
    found = [finding for view in views for finding in _of_one(view)]
    surge = _surge(samples) if not found else None
    front = next((view for view in views if is_front(view.service)), None)
    if surge is not None and front is not None:
        text, seen = surge
        found.append(Finding("load.traffic-surge", front.object, front.service.name, 0.55, text, seen, at=seen[0].at))
    return tuple(found)


def _views(
    services: tuple[Service, ...],
    samples: Sequence[StatsSample],
    looks: Mapping[str, HealthAnswer],
    objects: Objects,
    catalog: Catalog,
) -> list[_View]:
    cluster = cluster_of(objects)
    workloads, pods = workloads_by_service(services, cluster), pods_by_service(services, cluster)
    newest = max(samples, key=lambda sample: sample.at, default=None)
    statuses = service_statuses(services, newest) if newest else ()
    by_name = {status.service: status for status in statuses}
    offline = sum(status.status == "offline" for status in statuses)
    views = []
    for service in services:
        status, workload = by_name.get(service.name), workloads.get(service.name)
        views.append(
            _View(
                service,
                kube.ref(workload) if workload is not None else _named(service, cluster),
                tuple(pods[service.name]),
                status,
                newest,
                stats_observation(service, status, newest, samples) if status and newest else None,
                _own_check(service, status, looks.get(service.name), pods[service.name]),
                held_back=all(map(held_back, own)) if (own := pods[service.name]) else none_made(cluster, workload),
                alone=offline <= 1,
                keys=frozenset(other.stats_key for other in services if other.stats_key),
                catalog=catalog,
            )
        )
    return views


def _own_check(
    service: Service, status: ServiceStatus | None, look: HealthAnswer | None, pods: Sequence[KubeObject]
) -> HealthAnswer | None:
    """Return the health check where it states something of the service: by itself, or because /stats agrees."""
    agreed = status is not None and status.status in {"offline", "degraded", "unhealthy"}
    return look if look is None or agreed or not outweighed(service, look, pods) else None


def _named(service: Service, cluster: Cluster) -> str | None:
    """Return the configured Deployment where a cluster was checked; without one no object is known."""
    return f"Deployment/{service.deployment}" if service.deployment and cluster.of("Pod") else None


def _of_one(view: _View) -> list[Finding]:
    state = view.status.status if view.status else "unknown"
    if view.kind == "cache" and not view.held_back and (state in {"unhealthy", "offline"} or _gone(view) is not None):
        text = f"The cache {view.service.name} does not answer the service that uses it."
        gone = _gone(view)
        return [_finding(view, "dependency.cache-down", 0.8 if gone is None else 0.9, text, gone)]
    if state == "offline" or _unreachable(view) or (state in {"unknown", "online"} and _answer(view) is not None):
        return [_down(view)]
    if view.status and view.status.entry and state in {"degraded", "unhealthy"}:
        return _parts(view, view.status)
    if view.sample is not None and (wrong := broken_entry(view.service, view.sample)):
        text = f"{view.service.name} {wrong}: something else may be listening at its address."
        return [_unexplained(view, text)]
    return []


def _down(view: _View) -> Finding:
    name, answer, gone = view.service.name, _answer(view), _gone(view)
    took = view.sample.took_s if view.sample else 0.0
    offline = view.status is not None and view.status.status == "offline"
    failed = (view.sample.error or "").lower() if view.sample and _unreachable(view) else ""
    timed_out = "timed out" in failed or "timeout" in failed
    waits = answer == "hung" or timed_out or (answer is None and offline and view.alone and took >= _HUNG_S)
    if waits and gone is None:
        text = f"{name} is hung, not dead: it accepts connections and answers nobody."
        return _finding(view, "pod.hung", 0.7 if answer == "hung" else 0.55, text)
    sure = (
        answer == "refused"
        or "refused" in failed
        or gone is not None
        or (answer is None and offline and 0 < took < _REFUSED_S)
    )
    if view.held_back or answer == "unserved":
        # A Service without a Ready pod refuses for it: the pods and their logs know why, a caller does not.
        text = f"No pod of {name} is Ready, so its Service refuses every request."
        return _finding(view, "service.no-endpoints", _HELD_BACK if view.held_back else 0.6, text)
    if view.kind == "cache":
        return _finding(
            view, "dependency.cache-down", 0.75 if sure else 0.5, f"The cache {name} does not answer.", gone
        )
    if answer == "failing":
        return _unexplained(view, f"{name} answers its health path with an error.")
    text = f"{name} is down: connections to it are refused." if sure else f"{name} does not answer."
    strength = 0.9 if answer == "refused" and gone is not None else 0.75 if sure else _UNSURE
    return _finding(view, view.catalog.unreached(view.kind), strength, text, gone)


def _finding(view: _View, code: str, strength: float, text: str, more: Observation | None = None) -> Finding:
    said_so = view.status is not None and view.status.status not in {"online", "healthy", "unknown"}
    broken = view.sample is not None and broken_entry(view.service, view.sample) is not None
    seen = [view.seen] if view.seen and (said_so or broken or _unreachable(view)) else []
    if view.look is not None and _answer(view) is not None:
        said = view.look.error or view.look.tcp if view.look.http is None else f"HTTP {view.look.http}"
        seen.append(Observation("health", f"health:{view.service.name}", str(said)[:200]))
    if more is not None:
        seen.append(more)
    return Finding(code, view.object, view.service.name, strength, text, tuple(seen), at=_since(view, more))


def _since(view: _View, more: Observation | None) -> datetime | None:
    times = [at for at in (more.at if more else None, view.sample.at if view.sample and view.seen else None) if at]
    return min(times, default=None)


def _answer(view: _View) -> str | None:
    return answer_kind(view.look) if view.look is not None else None


def _unreachable(view: _View) -> bool:
    if view.sample is None or view.sample.stats is not None or not is_front(view.service):
        return False
    return not front_outweighed(view.sample, view.pods)


def _unexplained(view: _View, text: str) -> Finding:
    return _finding(view, UNKNOWN, 0.3, text)


def _gone(view: _View) -> Observation | None:
    """Return what shows that no container of the service runs; None where one does, or nothing is known."""
    ended: Observation | None = None
    for pod in view.pods:
        for status in kube.container_statuses(pod):
            if status.group == "container" and status.running:
                return None
            code = kube.optional_integer(status.terminated, "exitCode")
            if status.group == "container" and status.terminated:
                reason = kube.text(status.terminated, "reason", default="ended")
                at = kube.moment(status.terminated, "finishedAt")
                text = f"{reason}, exit code {'unknown' if code is None else code}"
                ended = Observation("objects", f"{kube.ref(pod)}:{status.field}.state.terminated", text, at)
    return ended


def _parts(view: _View, status: ServiceStatus) -> list[Finding]:
    name, entry = view.service.name, status.entry or {}
    kinds = {part: view.catalog.peer_kind(name=part) for part in entry}
    named = {part for part in entry if f"{view.service.stats_key}.{part}" in view.keys}
    bad = [
        part for part, said in entry.items() if kube.text(said, "status").lower() in {"unhealthy", "offline", "error"}
    ]
    if named & set(bad):
        return []  # the service that stands for this part has a finding of its own
    if any(kinds[part] == "cache" for part in bad):
        cause = _finding(view, "dependency.cache-down", 0.7, f"{name} is degraded: its cache does not answer.")
        return [replace(cause, object=None)]  # whose cache that is, is not known
    if any(kinds[part] == "database" for part in bad):
        return [_finding(view, "db.unreachable", 0.55, f"{name} is degraded: its database does not answer.")]
    if any(kinds[part] == "database" and kube.text(said, "status").lower() in _SLOWLY for part, said in entry.items()):
        return [_finding(view, "db.slow", 0.5, f"{name} is degraded: its database answers slowly.")]
    return [_unexplained(view, f"{name} calls itself {status.status} and does not state why.")]


def _surge(samples: Sequence[StatsSample]) -> tuple[str, tuple[Observation, ...]] | None:
    """Return the surge that the newest sample shows: far more requests than at first, answered far more slowly."""
    if len(samples) < 2:
        return None
    ordered = sorted(samples, key=lambda sample: sample.at)
    busy = [(s, t) for s in ordered if (t := traffic_metrics(s)) is not None and t.window_requests_per_second]
    if len(busy) < 2 or busy[-1][0] is not ordered[-1]:
        return None
    (first, before), (last, after) = busy[0], busy[-1]
    rps, rps_now = before.window_requests_per_second or 0, after.window_requests_per_second or 0
    ms, ms_now = before.window_avg_response_time_ms or 0, after.window_avg_response_time_ms or 0
    if rps_now < max(_SURGE * rps, _SURGE_PER_S) or ms_now < max(_SLOWER * ms, _SLOW_MS):
        return None
    text = (
        f"Traffic rose from {rps:.0f} to {rps_now:.0f} requests a second, responses from {ms:.0f} to {ms_now:.0f} ms."
    )
    seen = [(first, f"{rps:.0f} req/s, {ms:.0f} ms"), (last, f"{rps_now:.0f} req/s, {ms_now:.0f} ms")]
    return text, tuple(Observation("stats", place(s, samples), words, s.at) for s, words in seen)

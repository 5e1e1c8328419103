"""Judge every service: /stats joined with what Kubernetes states and with the health checks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from opsagent.analysis.evidence.kubelet_word import front_outweighed, outweighed
from opsagent.analysis.evidence.spare import is_spare
from opsagent.analysis.evidence.workload_state import (
    WorkloadState,
    is_done,
    pods_by_service,
    workload_state,
    workloads_by_service,
)
from opsagent.analysis.figures.stats import broken_entry, is_front, number, service_statuses, stats_observation
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.left_behind import is_left_behind
from opsagent.models.evidence import Observation, ServiceHealth, Source, Symptom
from opsagent.models.observed import HealthAnswer, KubeObject, Objects, StatsSample
from opsagent.models.service import Service
from opsagent.models.status import ServiceStatus

State = Literal["healthy", "faulty", "unknown"]

_FAULTY_STATES = frozenset({"offline", "degraded", "unhealthy"})
_GOOD_STATES = frozenset({"online", "healthy"})
# Words of an answer that comes from the way to the service, not from the service: then nothing was checked.
_NO_LOOK = ("forbidden", "unauthorized", "401", "403", "no such host", "not resolve", "name or service", "kubeconfig",
            "no cluster", "not checked", "certificate", "name resolution", "ssl:", "tls:")  # fmt: skip
_NO_ANSWER = ("timed out", "timeout", "deadline", "not answer within")
_SOURCES: tuple[Source, ...] = ("stats", "objects", "health")
_FEW_PER_S = 0.3  # three requests in the window of 10 s: the average of fewer is not a figure


@dataclass(frozen=True, slots=True)
class _Check:
    """One source's word on one service: `good` None where it could not be checked."""

    good: bool | None = None
    confirmed: bool = True
    symptoms: tuple[Symptom, ...] = ()


def judge(
    services: Iterable[Service],
    samples: Sequence[StatsSample],
    looks: Iterable[HealthAnswer],
    objects: Objects,
    *,
    now: datetime,
    response_ms: float,
    confirmations: int,
    crash_window_s: float,
    live: bool,
) -> tuple[ServiceHealth, ...]:
    """Return the judgement over each service, in the order given.

    Live, a fault that only /stats or a health check shows counts when the newest `confirmations` of them agree; until
    then the service is "unknown" with symptoms: check again. Of a bundle the newest one decides. A service of which no
    source could be read is "unknown" without symptoms, never healthy. Lifetime figures are not used.
    """
    needed = max(1, confirmations) if live else 1
    newest = sorted(samples, key=lambda sample: sample.at)[-needed:]
    answered = tuple(looks)
    known, cluster = tuple(services), cluster_of(objects)
    workloads, pods = workloads_by_service(known, cluster), pods_by_service(known, cluster)
    judged = []
    for service in known:
        name = service.name
        workload = workloads.get(name)
        kept = [pod for pod in pods[name] if not is_left_behind(cluster, pod)]
        kubernetes = workload_state(name, workload, kept, now=now, crash_window_s=crash_window_s)
        done = is_done(workload, pods[name]) or (workload is None and bool(pods[name]) and not kept)
        idle = done and not kubernetes.symptoms and not kubernetes.read
        if workload and any(s.kind == "scaled-to-zero" for s in kubernetes.symptoms) and is_spare(cluster, workload):
            kubernetes, idle = WorkloadState(read=False), True  # nothing of it is meant to run, and nothing was seen
        said = _stats_word(service, _reported_of(service, newest, pods[name]), samples, needed, response_ms)
        own = [look for look in answered if look.service == name]
        if not said.symptoms:  # who asks from inside, and agrees, makes a check from outside count
            own = [look for look in own if not outweighed(service, look, pods[name])]
        words = (
            said,
            _Check(True if kubernetes.read else None, symptoms=kubernetes.symptoms),
            _health_word(service, own, needed),
        )
        read = tuple(source for source, word in zip(_SOURCES, words, strict=True) if word.good)
        judged.append(ServiceHealth(name, *_join(words), read, idle))
    return tuple(judged)


def _join(words: Sequence[_Check]) -> tuple[State, tuple[Symptom, ...]]:
    certain = tuple(symptom for word in words if word.confirmed for symptom in word.symptoms)
    every = tuple(symptom for word in words for symptom in word.symptoms)
    if certain:
        return "faulty", certain + tuple(symptom for symptom in every if symptom not in certain)
    if every:
        return "unknown", every
    return ("healthy" if any(word.good for word in words) else "unknown"), ()


def _reported_of(service: Service, newest: Sequence[StatsSample], pods: Sequence[KubeObject]) -> list[StatsSample]:
    """Return the samples that state something of a service: a failed one does of the load balancer alone, or nobody."""
    front = is_front(service)
    return [sample for sample in newest if sample.stats is not None or not front or not front_outweighed(sample, pods)]


def _stats_word(
    service: Service, newest: Sequence[StatsSample], samples: Sequence[StatsSample], needed: int, response_ms: float
) -> _Check:
    if not newest:
        return _Check()
    known = service.stats_key is not None and any(
        isinstance(sample.stats, Mapping) and service.stats_key in sample.stats for sample in samples
    )
    words = [_sample_word(service, sample, response_ms, expected=known) for sample in newest]
    good, kind, text = words[-1]
    if kind is None:
        return _Check(good)
    agree = sum(1 for word in words if word[1] is not None)
    status = service_statuses((service,), newest[-1])[0]
    figures = kind in {"slow", "silent"}
    seen = stats_observation(service, status, newest[-1], samples, text if figures else None)
    said = f"{text} in {agree} of {len(words)} checks" if len(words) > 1 else text
    return _Check(None, agree == needed, (Symptom(service.name, kind, said, seen),))


def _sample_word(
    service: Service, sample: StatsSample, response_ms: float, *, expected: bool
) -> tuple[bool | None, str | None, str]:
    """Return (well, None, "") or (None, kind of symptom, what was seen); (None, None, "") where nothing was seen."""
    if not isinstance(sample.stats, Mapping):
        error = sample.error or "no JSON object"
        if is_front(service) and not _no_check(error):
            return None, "unreachable", f"GET /stats failed: {error[:200]}"
        return None, None, ""
    status = service_statuses((service,), sample)[0]
    fault = _fault(service, status, sample, response_ms, expected=expected)
    return (None, *fault) if fault else (True if status.status in _GOOD_STATES else None, None, "")


def _fault(
    service: Service, status: ServiceStatus, sample: StatsSample, response_ms: float, *, expected: bool
) -> tuple[str, str] | None:
    if status.status in _FAULTY_STATES:
        return "offline" if status.status == "offline" else "degraded", _said(status)
    if wrong := broken_entry(service, sample):
        return "silent", wrong
    if expected and service.stats_key not in (sample.stats or {}):
        return "silent", "no longer mentioned in /stats"
    slow = _slow(status, response_ms)
    if slow is None:
        return None
    return "slow", f"responses take {slow:.0f} ms on average, {response_ms:.0f} ms are allowed"


def _slow(status: ServiceStatus, response_ms: float) -> float | None:
    entry = status.entry or {}
    figure, rate = number(entry.get("avg_response_time_ms")), number(entry.get("requests_per_second"))
    if figure is None or (rate is not None and rate < _FEW_PER_S):
        return None
    return figure if figure > response_ms else None


def _said(status: ServiceStatus) -> str:
    return f"{status.status} ({status.note})" if status.note else status.status


def _health_word(service: Service, looks: Sequence[HealthAnswer], needed: int) -> _Check:
    newest = looks[-needed:]
    if not newest:
        return _Check()
    words = [_answer(look) for look in newest]
    kind, text = words[-1]
    if kind is None:
        return _Check(True if known_answer(service, newest[-1]) else None)
    agree = sum(1 for word in words if word[0] is not None)
    seen = Observation("health", f"health:{service.name}", text)
    said = f"{text} in {agree} of {len(words)} health checks" if len(words) > 1 else f"health check: {text}"
    return _Check(None, agree == needed, (Symptom(service.name, kind, said, seen),))


def _answer(look: HealthAnswer) -> tuple[str | None, str]:
    if look.http is not None:
        return ("failing", f"HTTP {look.http}") if look.http >= 500 else (None, "")
    error = look.error or (look.tcp if look.tcp not in (None, "open") else None) or ""
    plain = error.lower()
    if _no_check(error):
        return None, ""
    if any(word in plain for word in _NO_ANSWER):
        return "hung", error[:200]
    if "no endpoints" in plain:  # nobody was asked: no pod behind the Service is Ready
        return "unserved", error[:200]
    if "refused" in plain or "reset" in plain or "closed" in plain:
        return "refused", error[:200]
    return None, ""


def known_answer(service: Service, look: HealthAnswer) -> bool:
    """Return whether a service answered its health path successfully and in a form that is its own.

    2xx with any body but a web page, or an open port. A page, or a redirect to one, comes from whatever is in
    between (a login, a catch-all route), unless the path asked for is the root of a web server.
    """
    if look.http is None:
        return look.tcp == "open"
    if not 200 <= look.http < 300:
        return False
    root = (service.health_url or "").split("//", 1)[-1].partition("/")[2] == ""
    return root or not (look.body or "").lstrip().startswith("<")


def answer_kind(look: HealthAnswer) -> str | None:
    """Return how a health check failed, None where it was answered or not possible.

    "hung", "refused", "failing" (an error is answered) or "unserved" (no pod behind the Service is Ready).
    """
    return _answer(look)[0]


def _no_check(error: str) -> bool:
    return any(word in error.lower() for word in _NO_LOOK)

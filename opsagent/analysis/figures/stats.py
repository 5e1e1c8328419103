"""Read one body of GET /stats service by service, whatever shape it has."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast

from opsagent.models.evidence import Observation
from opsagent.models.observed import StatsSample
from opsagent.models.service import Service
from opsagent.models.status import ServiceStatus, TrafficMetrics

State = Literal["online", "healthy", "degraded", "unhealthy", "offline", "unknown"]

WINDOW_S = 10.0  # of requests_per_second and avg_response_time_ms; every other figure counts since the start
_STATES = frozenset({"online", "healthy", "degraded", "unhealthy", "offline"})
_NOTE_CHARS = 200


def service_statuses(services: Iterable[Service], sample: StatsSample) -> tuple[ServiceStatus, ...]:
    """Return one status a service, in the order given; "unknown" with the reason where the body does not state."""
    return tuple(_status(service, sample) for service in services)


def reported_services(sample: StatsSample, known: Iterable[Service]) -> tuple[Service, ...]:
    """Return the services that a body reports, in its order: known ones as they are known, others by their key."""
    by_key = {service.stats_key: service for service in known}
    body = sample.stats if isinstance(sample.stats, Mapping) else {}
    states = {key: entry for key, entry in body.items() if isinstance(entry, Mapping) and _is_service(entry)}
    return tuple(by_key.get(key) or Service(key.replace("_", "-"), stats_key=key) for key in states)


def _is_service(entry: Mapping[str, Any]) -> bool:
    return "service_status" in entry or number(entry.get("requests_per_second")) is not None


def broken_entry(service: Service, sample: StatsSample) -> str | None:
    """Return what a service answered in place of its status, None where it answered successfully or was not asked.

    The load balancer passes on whatever JSON a service gives: `{"detail": "Not Found"}` where the path is served by
    something else, `null`, a list. A key that is absent because its parent is offline is not an answer at all.
    """
    found, entry = _entry(service, sample)
    if not found:
        return None
    if not isinstance(entry, Mapping):
        return f"answered {_brief(entry)} in place of its status"
    if _state(entry) is None and not isinstance(_raw_state(entry), str):
        detail = entry.get("detail") or entry.get("error")
        return f"answered without a status: {_brief(detail)}" if detail else "answered without a status"
    return None


def traffic_metrics(sample: StatsSample) -> TrafficMetrics | None:
    """Return the load balancer's figures, None where the body holds none."""
    entry = _traffic_entry(sample.stats)
    if entry is None:
        return None
    real = entry.get("has_real_traffic")
    total = number(entry.get("total_requests"))
    return TrafficMetrics(
        window_s=WINDOW_S,
        window_requests_per_second=number(entry.get("requests_per_second")),
        window_avg_response_time_ms=number(entry.get("avg_response_time_ms")),
        has_real_traffic=real if isinstance(real, bool) else None,
        lifetime_success_rate_percent=number(entry.get("success_rate")),
        lifetime_total_requests=None if total is None else int(total),
        lifetime_avg_response_time_ms=number(entry.get("avg_response_time_ms_lifetime")),
    )


def number(value: object) -> float | None:
    """Return a finite figure of zero or more, None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        figure = float(value)
    except OverflowError:
        return None
    return figure if math.isfinite(figure) and figure >= 0 else None


def place(sample: StatsSample, samples: Sequence[StatsSample]) -> str:
    """Return where a sample holds, as evidence names it."""
    if sample.reach != "bundle":
        return f"GET /stats at {sample.at:%H:%M:%S} UTC"
    line = next((index for index, other in enumerate(samples, 1) if other is sample), 0)
    return f"stats.jsonl:L{line}"


def is_front(service: Service) -> bool:
    """Return whether GET /stats is this service's own answer: its silence is /stats' silence."""
    return service.stats_key in {"load-balancer", "load_balancer"}


def stats_observation(
    service: Service,
    status: ServiceStatus,
    sample: StatsSample,
    samples: Sequence[StatsSample],
    text: str | None = None,
) -> Observation:
    """Return a service's word in one sample as an observation: its status and note, or `text` in their place."""
    where = place(sample, samples)
    if not isinstance(sample.stats, Mapping):
        return Observation("stats", where, _brief(f"GET /stats: {sample.error or 'no answer'}"), sample.at)
    said = text or (f"{status.status} ({status.note})" if status.note else status.status)
    took = f"; /stats took {sample.took_s:.2f} s" if sample.took_s and status.status == "offline" else ""
    return Observation("stats", where, _brief(f"{service.stats_key}: {said}{took}"), sample.at)


def _status(service: Service, sample: StatsSample) -> ServiceStatus:
    if service.stats_key is None:
        return ServiceStatus(service.name, "unknown", "not part of /stats")
    if not isinstance(sample.stats, Mapping):
        return ServiceStatus(service.name, "unknown", _brief(f"/stats failed: {sample.error or 'no JSON object'}"))
    wrong = broken_entry(service, sample)
    found, entry = _entry(service, sample)
    body = cast("dict[str, Any]", dict(entry)) if isinstance(entry, Mapping) else None
    if wrong:
        return ServiceStatus(service.name, "unknown", wrong, body)
    if not found:
        return ServiceStatus(service.name, "unknown", _absent(service, sample.stats))
    state = _state(entry) if body is not None else None
    if state is None:
        raw = _raw_state(body or {})
        return ServiceStatus(service.name, "unknown", f"states {_brief(raw)}, which is no known status", body)
    return ServiceStatus(service.name, state, _note(body or {}), body)


def _entry(service: Service, sample: StatsSample) -> tuple[bool, object]:
    if service.stats_key is None or not isinstance(sample.stats, Mapping):
        return False, None
    here: object = sample.stats
    if service.stats_key in sample.stats:  # a key may hold a dot itself
        return True, sample.stats[service.stats_key]
    for part in service.stats_key.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return False, None
        here = here[part]
    return True, here


def _absent(service: Service, body: Mapping[str, Any]) -> str:
    parent = (service.stats_key or "").rpartition(".")[0]
    above = body.get(parent) if parent else None
    if isinstance(above, Mapping) and _state(above) == "offline":
        return f"{parent}, which reports it, is offline"
    if parent and not isinstance(above, Mapping):
        return f"{parent}, which reports it, gives no status"
    return "not mentioned in /stats"


def _raw_state(entry: Mapping[str, Any]) -> object:
    value = entry.get("service_status")
    return entry.get("status") if value is None else value


def _state(entry: object) -> State | None:
    value = _raw_state(entry) if isinstance(entry, Mapping) else None
    plain = value.strip().lower() if isinstance(value, str) else ""
    return cast("State", plain) if plain in _STATES else None


def _note(entry: Mapping[str, Any]) -> str:
    parts = [_brief(entry["error"])] if isinstance(entry.get("error"), str) else []
    for name, part in entry.items():
        if isinstance(part, Mapping) and isinstance(part.get("status"), str):
            parts.append(f"{name} {part['status']}")
    return _brief(" · ".join(parts))


def _traffic_entry(body: object) -> Mapping[str, Any] | None:
    if not isinstance(body, Mapping):
        return None
    for key in ("load-balancer", "load_balancer"):
        if isinstance(body.get(key), Mapping):
            return cast("Mapping[str, Any]", body[key])
    others = [e for e in body.values() if isinstance(e, Mapping) and "requests_per_second" in e]
    return others[0] if others else None


def _brief(value: object) -> str:
    text = value if isinstance(value, str) else "null" if value is None else repr(value)
    return text if len(text) <= _NOTE_CHARS else text[: _NOTE_CHARS - 1] + "…"

"""What a health path answers in JSON, as log records: one for each part that states how it is."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from opsagent.clients.handed_over.owners import NOBODY
from opsagent.clients.handed_over.wrapped import Wrapped

# Spring and MicroProfile, ASP.NET, the draft health+json, terminus, gRPC, Consul, Elasticsearch, Ceph, Kafka Connect.
_GOOD = frozenset(
    {
        "up", "ok", "pass", "passed", "passing", "healthy", "health_ok", "green", "serving", "alive", "ready",
        "running", "available", "active", "online",
    }
)  # fmt: skip
_MILD = frozenset({"warn", "warning", "degraded", "yellow", "health_warn", "paused", "unassigned"})
_BAD = frozenset(
    {
        "down", "fail", "failed", "failing", "unhealthy", "health_err", "red", "not_serving", "dead", "error",
        "critical", "out_of_service", "unavailable", "offline",
    }
)  # fmt: skip
_KNOWN = _GOOD | _MILD | _BAD
_STATES = ("status", "state", "health", "database")  # the last as Grafana names it
_FLAGS = ("healthy", "ready", "alive", "ok")
_WHY = ("error", "output", "description", "message", "trace", "reason", "exception")
_PARTS = 4  # objects within objects
_MOST = 200
# A record of a log has a message, a level or a request of its own; an object of Kubernetes has a kind.
_OTHERS = frozenset(("msg", "level", "severity", "lvl", "method", "path", "kind", "apiversion", "logger", "@timestamp"))
ONE_LINE = re.compile(rf'^\{{\s*"(?:status|health|state)"\s*:\s*"(?:{"|".join(sorted(_KNOWN))})"', re.I | re.M)


def health_records(document: object) -> Iterator[Wrapped]:
    """Yield a record for each part of a health answer, what fails at level ERROR; nothing of another document."""
    if not isinstance(document, dict) or not _is_health(document):
        return
    parts = list(islice(_parts(document, "", _PARTS), _MOST))
    # All parts were read at once, and what is last in a log counts as the newest: what fails is written last.
    for level in ("INFO", "WARN", "ERROR"):
        word = "health check failed" if level == "ERROR" else "health"
        for name, state, why in parts:
            if _level(state) == level:
                text = f"{level} {word}: {name or 'overall'} is {state}" + (f": {why}" if why else "")
                yield Wrapped(NOBODY, " ".join(text.split()).encode())


def _level(state: str) -> str:
    return "ERROR" if state.lower() in _BAD else "WARN" if state.lower() in _MILD else "INFO"


def _is_health(document: Mapping[str, Any]) -> bool:
    if _OTHERS & {str(key).lower() for key in document}:
        return False
    return _state(document) is not None or any(
        isinstance(part, dict) and _state(part) is not None for part in document.values()
    )


def _parts(document: Mapping[str, Any], name: str, depth: int) -> Iterator[tuple[str, str, str]]:
    state = _state(document)
    if state is not None:
        yield name, state, _why(document)
    if not depth:
        return
    for key, value in document.items():
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, dict):
                yield from _parts(inner, str(inner.get("name") or inner.get("id") or key), depth - 1)


def _state(document: Mapping[str, Any]) -> str | None:
    """Return the word by which a part states how it is."""
    for key, value in document.items():
        if str(key).lower() in _STATES and isinstance(value, str) and value.lower() in _KNOWN:
            return value
        if str(key).lower() in _FLAGS and isinstance(value, bool):
            return "healthy" if value else "unhealthy"
    return None


def _why(document: Mapping[str, Any]) -> str:
    """Return what a part states about its failure, of its own or among its details."""
    for key, value in document.items():
        if str(key).lower() in _WHY and isinstance(value, str):
            return value.partition("\n")[0][:400]
    details = document.get("details") or document.get("data")
    return _why(details) if isinstance(details, dict) else ""

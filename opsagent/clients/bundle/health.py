"""health.json: one check of each service's health path, by the name or service:port it was written under."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from opsagent.clients.bundle.stats import number, whole
from opsagent.errors import CheckError, NotCheckedError, UnknownServiceError
from opsagent.models.observed import HealthAnswer
from opsagent.models.service import Service, resolve


def pick_check(document: Mapping[str, Any], service: Service) -> HealthAnswer:
    """Return the check that belongs to a service: under its name, another of its names, or name:port.

    Raises NotCheckedError where the document holds none, CheckError where its entry reports nothing.
    """
    keys = [key for key in document if _fits(key, service)]
    if not keys:
        raise NotCheckedError(f"{service.name} is not in health.json", source="health")
    return read_check(service.name, document[min(keys, key=lambda key: _distance(key, service))])


def read_check(name: str, entry: Any) -> HealthAnswer:
    """Return one entry of health.json. Raises CheckError where it states neither what came back nor what went wrong."""
    if not isinstance(entry, dict):
        raise CheckError(f"health.json: the entry of {name} is no JSON object", source="health")
    http, tcp, error = whole(entry.get("http")), entry.get("tcp"), entry.get("error")
    if http is None and tcp is None and error is None:
        raise CheckError(f"health.json: the entry of {name} states neither http, tcp nor error", source="health")
    body = entry.get("body")
    return HealthAnswer(
        service=name,
        took_s=number(entry.get("took_s")),
        http=http,
        tcp=None if tcp is None else str(tcp),
        body=None if body is None else str(body),
        error=None if error is None else str(error),
        reach="bundle",
    )


def _split(key: str) -> tuple[str, str]:
    name, colon, port = key.rpartition(":")
    return (name, port) if colon and port.isdigit() else (key, "")


def _fits(key: str, service: Service) -> bool:
    name, _port = _split(key)
    if name == service.name:
        return True
    try:
        return bool(name) and resolve(name, (service,)) is service
    except UnknownServiceError:
        return False


def _distance(key: str, service: Service) -> tuple[bool, bool]:
    """Sort the plain name first, then the port of the service's own health URL."""
    name, port = _split(key)
    try:
        own = str(urlsplit(service.health_url or "").port or "")
    except ValueError:
        own = ""
    return (name != service.name or bool(port), port != own)

"""Who calls whom: declared, else inferred from what the containers were given and what the logs say."""

import re
from collections.abc import Iterable, Mapping
from itertools import chain

from opsagent.analysis.workload_state import pods_of_service, workload_of_service
from opsagent.models.digest import LogDigest
from opsagent.models.look import KubeObject, Objects
from opsagent.models.service import CallGraph, Service

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63})*")
_VALUE_CHARS = 2000
# A log line names whom it talks to as host:port, as a URL, or after "to" and "host"; a bare word may be anything.
_ADDRESS = re.compile(
    r"(?:\w+://(?:[^\s/@]*@)?|\b(?:lookup|host|dial tcp|connect(?:ing)? to)[ =\"']+)([A-Za-z0-9.-]{2,253})"
)
_HOST_PORT = re.compile(r"(?<![\w.-])([A-Za-z][A-Za-z0-9.-]{1,252}):\d{2,5}(?!\d)")


def call_graph(
    services: Iterable[Service],
    objects: Objects,
    digests: Iterable[LogDigest],
    declared: Mapping[str, Iterable[str]],
) -> CallGraph:
    """Return who calls whom among the services.

    What is declared (a service's `depends_on`, a bundle's `dependencies`) holds; only where nothing at all is declared
    is it inferred: environment values whose host is a Kubernetes Service, then log lines that name one.
    """
    known = tuple(services)
    names = service_names(known, objects)
    calls: dict[str, list[str]] = {service.name: list(service.depends_on) for service in known}
    for caller, callees in declared.items():
        name = names.get(caller.lower(), caller)
        calls.setdefault(name, []).extend(names.get(callee.lower(), callee) for callee in callees)
    if any(calls.values()):
        return CallGraph(
            {name: tuple(dict.fromkeys(c for c in callees if c != name)) for name, callees in calls.items()}
        )
    for service in known:
        said = chain(_environment(service, objects), _log_addresses(service, digests))
        found = (names.get(host.lower().split(".", 1)[0]) for host in said)
        calls[service.name] = [callee for callee in found if callee is not None and callee != service.name]
    return CallGraph({name: tuple(dict.fromkeys(callees)) for name, callees in calls.items()}, declared=False)


def service_names(services: Iterable[Service], objects: Objects) -> dict[str, str]:
    """Return the service behind every spelling and every Kubernetes Service name, all in lower case."""
    known = tuple(services)
    names: dict[str, str] = {}
    for item in objects.items:
        if isinstance(item, dict) and item.get("kind") == "Service":
            owner = _selected(item, known, objects)
            host = _text(_part(item, "metadata").get("name"))
            if owner and host:
                names[host.lower()] = owner
    for service in known:
        for spelling in service.spellings:
            names.setdefault(spelling, service.name)
        names[service.name.lower()] = service.name
        host = (service.health_url or "").split("//", 1)[-1].split("/", 1)[0].split(":", 1)[0]
        if host:
            names.setdefault(host.lower(), service.name)
    return names


def _selected(item: KubeObject, services: tuple[Service, ...], objects: Objects) -> str | None:
    selector = _part(_part(item, "spec"), "selector")
    if not selector:
        return None
    for service in services:
        workload = workload_of_service(service, objects)
        template = _part(_part(_part(_part(workload or {}, "spec"), "template"), "metadata"), "labels")
        pods = (_part(_part(pod, "metadata"), "labels") for pod in pods_of_service(service, objects))
        if any(selector.items() <= labels.items() for labels in (template, *pods)):
            return service.name
    return None


def _environment(service: Service, objects: Objects) -> Iterable[str]:
    workload = workload_of_service(service, objects)
    spec = _part(_part(_part(workload or {}, "spec"), "template"), "spec")
    specs = [spec] if spec else [_part(pod, "spec") for pod in pods_of_service(service, objects)]
    for containers in (s.get("containers") for s in specs):
        for container in containers if isinstance(containers, list) else ():
            given = container.get("env") if isinstance(container, dict) else None
            for entry in given if isinstance(given, list) else ():
                value = entry.get("value") if isinstance(entry, dict) else None
                if isinstance(value, str):
                    yield from _HOST.findall(value[:_VALUE_CHARS])


def _log_addresses(service: Service, digests: Iterable[LogDigest]) -> Iterable[str]:
    for digest in digests:
        if digest.service == service.name:
            for group in digest.groups:
                yield from _ADDRESS.findall(group.text)
                yield from _HOST_PORT.findall(group.text)


def _part(item: Mapping[str, object], key: str) -> dict[str, object]:
    value = item.get(key)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

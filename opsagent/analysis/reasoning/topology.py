"""Who calls whom: declared, else inferred from what the containers were given and what the logs state."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from opsagent.analysis.evidence.workload_state import pods_by_service, workloads_by_service
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.selectors import covers
from opsagent.models.digest import LogDigest
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.service import CallGraph, Service

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63})*")
_VALUE_CHARS = 2000
# "<service>.<namespace>", and the same with ".svc" and the cluster's domain; no public top-level domain.
_IN_CLUSTER = re.compile(r"(?!(?:com|org|net|io|dev|app|cloud|local)$)[a-z0-9-]+(?:\.svc(?:\.[a-z0-9.-]+)?)?")
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
    cluster = cluster_of(objects)
    workloads, pods = workloads_by_service(known, cluster), pods_by_service(known, cluster)
    for service in known:
        said = chain(_environment(workloads.get(service.name), pods[service.name]), _log_addresses(service, digests))
        found = (service_at(host.lower(), names) for host in said)
        calls[service.name] = [callee for callee in found if callee is not None and callee != service.name]
    return CallGraph({name: tuple(dict.fromkeys(callees)) for name, callees in calls.items()}, declared=False)


def service_at(host: str, names: Mapping[str, str]) -> str | None:
    """Return the service behind a host in lower case; api.example.org is nobody's though a service is called api."""
    if host in names:
        return names[host]
    first, _, domain = host.partition(".")
    return names.get(first) if _IN_CLUSTER.fullmatch(domain) else None


def service_names(services: Iterable[Service], objects: Objects) -> Mapping[str, str]:
    """Return the service behind every spelling, Kubernetes Service name and cluster address, all in lower case."""
    known, cluster = tuple(services), cluster_of(objects)
    return cluster.once(("names", known), lambda: _names(known, cluster))


def _names(known: tuple[Service, ...], cluster: Cluster) -> dict[str, str]:
    names: dict[str, str] = {}
    templates = {
        name: kube.strings(item, "spec", "template", "metadata", "labels")
        for name, item in workloads_by_service(known, cluster).items()
    }
    owners = {id(pod): name for name, pods in pods_by_service(known, cluster).items() for pod in pods}
    for item in cluster.of("Service"):
        selector = kube.strings(item, "spec", "selector")
        pods = cluster.selected(selector, kube.namespace(item))
        owner = next((owners[id(pod)] for pod in pods if id(pod) in owners), None)
        owner = owner or next((name for name, labels in templates.items() if covers(selector, labels)), None)
        if owner:
            for host in (kube.name(item), kube.text(item, "spec", "clusterIP")):
                names.update({host.lower(): owner} if host and host != "None" else {})
    names.update({ip: name for name, ip in _pod_addresses(known, cluster) if ip})
    for service in known:
        for spelling in service.spellings:
            names.setdefault(spelling, service.name)
        names[service.name.lower()] = service.name
        host = (service.health_url or "").split("//", 1)[-1].split("/", 1)[0].split(":", 1)[0]
        if host:
            names.setdefault(host.lower(), service.name)
    return names


def _pod_addresses(services: tuple[Service, ...], cluster: Cluster) -> Iterator[tuple[str, str]]:
    for name, pods in pods_by_service(services, cluster).items():
        for pod in pods:
            if kube.dig(pod, "spec", "hostNetwork") is not True:  # then the address is the node's
                yield name, kube.text(pod, "status", "podIP")


def _environment(workload: KubeObject | None, pods: list[KubeObject]) -> Iterable[str]:
    for item in [workload] if workload is not None else pods[:1]:
        for container in kube.containers(item):
            for entry in kube.dicts(container.raw, "env"):
                yield from _HOST.findall(kube.text(entry, "value")[:_VALUE_CHARS])


def _log_addresses(service: Service, digests: Iterable[LogDigest]) -> Iterable[str]:
    for digest in digests:
        if digest.service == service.name:
            for group in digest.groups:
                yield from _ADDRESS.findall(group.text)
                yield from _HOST_PORT.findall(group.text)

"""A first configuration: what is there, asked of the cluster, written with a word beside each setting."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opsagent.analysis.evidence.health_urls import health_url
from opsagent.analysis.evidence.workloads import services_found
from opsagent.analysis.objects import kube
from opsagent.clients.live import LivePlatform
from opsagent.config.load import TITANIUM_NAMESPACE
from opsagent.config.settings import Settings
from opsagent.errors import CheckError, UnknownServiceError, UsageError
from opsagent.models.observed import Objects, StatsSample, Where
from opsagent.models.service import Service, resolve
from opsagent.tools.cluster import all_kinds

_FRONT_PORT = 7100
_TRIED = 3  # Services that might be a load balancer with GET /stats


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was found."""

    where: Where
    services: tuple[Service, ...] | None  # None: the known ones of that namespace
    stats_service: str | None  # "name:port" of the one that answers GET /stats; None: nobody does
    summary: tuple[str, ...]  # for the operator, in words


def check_around(settings: Settings) -> Surroundings:
    """Ask the cluster what is there.

    Raises CheckError where it cannot be asked, UsageError (naming namespaces that have pods) where the namespace has
    none.
    """
    platform = LivePlatform(settings)
    namespace = settings.kubernetes.namespace
    objects = all_kinds(platform)
    found = services_found(objects)
    if not found:
        raise UsageError(f"there is no workload in the namespace {namespace}", hint=_elsewhere(platform))
    known = namespace == TITANIUM_NAMESPACE
    stats_service, sample = _stats(settings, objects)
    listed = None if known else tuple(_described(service, objects, sample) for service in found)
    way = f"{stats_service} answers GET /stats" if stats_service else "nothing answers GET /stats"
    summary = (f"{len(found)} services in {namespace}: {', '.join(service.name for service in found)}", way)
    return Surroundings(platform.where, listed, stats_service, summary)


def config_text(around: Surroundings) -> str:
    """Return the configuration file, each setting with a word beside it."""
    lines = [
        "# Written by `opsagent init`. config.example.yaml of opsagent's source shows every setting.",
        "# A flag counts before the environment (OPSAGENT_…), the environment before this file.",
        "",
        "kubernetes:",
        f"  namespace: {_scalar(around.where.namespace)}  # where the services run (-n)",
    ]
    if around.where.context not in (None, "in-cluster"):
        lines.append(f"  context: {_scalar(around.where.context)}  # always this cluster, whatever kubectl points at")
    lines += ["", "stats:  # GET /stats of a load balancer: the platform's own view of its services"]
    if around.stats_service:
        lines += [
            "  enabled: true",
            f"  service: {_scalar(around.stats_service)}  # asked through the API server where `url` does not answer",
            "  # url: http://localhost:7100  # where it answers directly, for example behind kubectl port-forward",
        ]
    else:
        lines.append("  enabled: false  # nothing here answers it: Kubernetes alone decides who is healthy")
    lines += ["", *_services(around.services), "", *_MODEL]
    return "\n".join(lines) + "\n"


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet; UsageError where it is, or where it cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already; it was left as it is", hint="-o FILE writes another") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="-o FILE writes elsewhere") from error


def _stats(settings: Settings, objects: Objects) -> tuple[str | None, StatsSample | None]:
    """Return the Service that answers GET /stats through the API server, and its answer."""
    for candidate in list(dict.fromkeys(_fronts(settings, objects)))[:_TRIED]:
        tried = replace(settings, reach="proxy", stats=replace(settings.stats, enabled=True, service=candidate))
        try:
            sample = LivePlatform(tried).stats()[-1]
        except CheckError:
            continue  # a Service that cannot be asked is none that answers; `doctor` states why
        if sample.stats is not None:
            return candidate, sample
    return None, None


def _fronts(settings: Settings, objects: Objects) -> Iterator[str]:
    there: dict[str, list[int]] = {}
    for item in objects.items:
        if kube.kind(item) == "Service":
            there[kube.name(item)] = [kube.integer(entry, "port") for entry in kube.dicts(item, "spec", "ports")]
    name, _, port = settings.stats.service.partition(":")
    if port.isdecimal() and int(port) in there.get(name, ()):
        yield settings.stats.service
    for name, ports in sorted(there.items()):
        if _FRONT_PORT in ports:
            yield f"{name}:{_FRONT_PORT}"
    for name, ports in sorted(there.items()):
        if "load-balancer" in name and ports:
            yield f"{name}:{ports[0]}"


def _described(service: Service, objects: Objects, sample: StatsSample | None) -> Service:
    key = None
    for name in sample.stats or () if sample else ():
        try:
            key = name if resolve(name, (service,)) is service else key
        except UnknownServiceError:
            continue  # another one's
    return replace(service, stats_key=key, health_url=health_url(service, objects))


def _services(services: tuple[Service, ...] | None) -> Iterator[str]:
    if services is None:
        yield "# services: those of this namespace are known, with their dependencies and what a restart loses"
        return
    yield "services:  # found here. Worth adding by hand: depends_on: [names], and local_data: what a restart erases"
    for service in services:
        yield f"  - name: {_scalar(service.name)}"
        yield f"    deployment: {_scalar(service.deployment)}"
        if service.stats_key:
            yield f"    stats_key: {_scalar(service.stats_key)}"
        if service.health_url:
            yield f"    health_url: {_scalar(service.health_url)}"


def _elsewhere(platform: LivePlatform) -> str:
    try:
        counted = Counter(kube.namespace(pod) for pod in platform.list_everywhere("Pod"))
    except CheckError:
        return "name another: -n NAMESPACE"
    busy = ", ".join(f"{name} ({count})" for name, count in counted.most_common(8))
    return f"name another: -n NAMESPACE; pods are in {busy}" if busy else "no pod runs in this cluster"


def _scalar(value: Any) -> str:
    """Return a value as YAML on one line, whatever is in it."""
    # YAML costs 20 ms at import; only this command needs it.
    import yaml  # noqa: PLC0415

    return str(yaml.safe_dump(value, width=10_000, allow_unicode=True)).split("\n", 1)[0]


_MODEL = (
    "# model:  # a language model is called only where a name is set; the rules conclude without one",
    "#   name: llama3.1",
    "#   base_url: http://localhost:11434/v1  # any OpenAI-compatible end point",
    "#   api_key_env: MY_KEY  # the NAME of the environment variable that holds the key",
)

"""What this incident knows for the gaps of a next step: names, ports, nodes, containers, limits, selectors.

An operator may paste a line into a shell: a value that no API server would have accepted stays a gap.
"""

import re
from collections.abc import Iterator
from typing import Any

from opsagent.analysis.catalog.records import Code
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.deployments import find, of_kind
from opsagent.analysis.objects.selectors import selector_of, selects
from opsagent.analysis.planning.object_facts import facts_for
from opsagent.models.evidence import Cause
from opsagent.models.observed import KubeObject, Objects

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_PAIR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,252}=[A-Za-z0-9][A-Za-z0-9._/:-]{0,252}")
_MISSING = re.compile(r"\bThe (ConfigMap|Secret) ([a-z0-9][a-z0-9.-]{0,252}) ")
_NO_KEY = re.compile(
    r"\bThe (?P<kind>ConfigMap|Secret) (?P<name>[a-z0-9][a-z0-9.-]{0,252}) has no key (?P<key>[\w.-]{1,253}),"
)
_ADDRESS = re.compile(r"\((?P<host>[A-Za-z0-9][A-Za-z0-9.-]{0,252}):(?P<port>\d{1,5})\)")
_SERVICE = re.compile(
    r"(?P<what>[A-Za-z_][A-Za-z0-9_-]{0,80}) points to (?P<old>[a-z0-9.-]+:\d+), "
    r"but Service/(?P<name>[a-z0-9-]+) listens on (?P<port>\d+)\.$"
)
_LIKE = re.compile(
    r"(?P<what>[A-Za-z_][A-Za-z0-9_-]{0,80}) points to (?P<old>[a-z0-9.-]+:(?P<port>\d+)), "
    r"but there is no Service of that name \(there is (?P<name>[a-z0-9-]+)\)\.$"
)
_SIZE = re.compile(r"(\d{1,9})(m|Ki|Mi|Gi|k|M|G)?")


def filled(step: str, cause: Cause, info: Code, workload: KubeObject | None, objects: Objects) -> str:
    """Return a step with every gap filled in that the incident knows."""
    right = _SERVICE.search(cause.summary) or _LIKE.search(cause.summary)
    if right and "<NAME>" in step and "kubectl set env" in step:
        new = f"{right['name']}:{right['port']}"
        return f"in {right['what']}, write {new} for {right['old']}: kubectl edit {{workload}}{{ns}}"
    if (key := _NO_KEY.search(cause.summary)) and step.startswith("create it: kubectl create configmap"):
        field = "data" if key["kind"] == "ConfigMap" else "stringData"
        patch = f'{{{{"{field}":{{{{"{key["key"]}":"<value>"}}}}}}}}'  # doubled: the step is formatted once more
        return f"add it: kubectl patch {key['kind'].lower()} {key['name']}{{ns}} --type merge -p '{patch}'"
    for gap, value in _known(step, cause, info, workload, objects):
        step = step.replace(gap, value)
    return step


def _known(
    step: str, cause: Cause, info: Code, workload: KubeObject | None, objects: Objects
) -> Iterator[tuple[str, str]]:
    item = workload or {}
    pods = _pods(item, objects)
    container = _container(item, pods)
    yield from _names(step, cause, info, item)
    yield from facts_for(step, cause, item, objects)
    yield "<namespace>", _plain(kube.namespace(item), "<namespace>")
    yield "<account>", _plain(kube.text(kube.pod_spec(item), "serviceAccountName") or "default", "<account>")
    yield "<container>", _plain(kube.text(container, "name"), "<container>")
    if (at := _ADDRESS.search(cause.summary)) is not None:
        yield "<host>", at["host"]
        yield "<port>", at["port"]
    yield "<port>", _port(container) or "<port>"
    yield "<selector>", _selector(cause, objects) or "<selector>"
    node = next((kube.text(pod, "spec", "nodeName") for pod in pods if not kube.is_ready(pod)), "")
    if "spec.nodeName=" in step:
        yield "<node>", _plain(node, "<node>")
    yield from _limits(step, container)


def _names(step: str, cause: Cause, info: Code, workload: KubeObject) -> Iterator[tuple[str, str]]:
    if info.quotes == "account":
        yield "<name>", _plain(kube.text(kube.pod_spec(workload), "serviceAccountName"), "<name>")
    if info.quotes == "object" and (missing := _MISSING.search(cause.summary)):
        yield "configmap|secret generic", "configmap" if missing[1] == "ConfigMap" else "secret generic"
        yield "<name>", missing[2]
    if "create job --from" in step and kube.name(workload):
        yield "<name>", f"{_plain(kube.name(workload), '<name>')[:40]}-by-hand"
    if info.quotes == "pull-secret":
        secrets = [kube.text(entry, "name") for entry in kube.dicts(kube.pod_spec(workload), "imagePullSecrets")]
        yield "<name>", _plain(secrets[0] if len(secrets) == 1 else "", "<name>")


def _limits(step: str, container: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield twice the limit of now for a limit that has to be raised, and the container that has it."""
    raised = re.search(r"--limits=(cpu|memory|ephemeral-storage)=<more>", step)
    size = _SIZE.fullmatch(kube.text(container, "resources", "limits", raised[1])) if raised else None
    if raised and size and (name := _plain(kube.text(container, "name"), "")):
        twice = f"{2 * int(size[1])}{size[2] or ''}"
        yield f"--limits={raised[1]}=<more>", f"-c {name} --limits={raised[1]}={twice}"


def _pods(workload: KubeObject, objects: Objects) -> list[KubeObject]:
    if kube.kind(workload) == "Pod":
        return [workload]
    selector = selector_of(workload)
    return [pod for pod in of_kind(objects, "Pod") if selector and selects(selector, kube.labels(pod))]


def _container(workload: KubeObject, pods: list[KubeObject]) -> dict[str, Any]:
    """Return the only container, or the one that is not ready where the others are."""
    own = [item for item in kube.containers(workload) if item.group == "container"]
    if len(own) == 1:
        return own[0].raw
    statuses = [status for pod in pods for status in kube.container_statuses(pod) if status.group == "container"]
    names = {status.name for status in statuses if not status.ready}
    return next((item.raw for item in own if names == {item.name}), {})


def _port(container: dict[str, Any]) -> str:
    """Return the port that the probes ask, else the only one that is declared."""
    ports = {kube.text(port, "name"): kube.text(port, "containerPort") for port in kube.dicts(container, "ports")}
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        for how in ("httpGet", "tcpSocket", "grpc"):
            asked = kube.text(container, probe, how, "port")
            if number := ports.get(asked, asked if asked.isdigit() else ""):
                return number
    return next(iter(ports.values())) if len(ports) == 1 else ""


def _selector(cause: Cause, objects: Objects) -> str:
    kind, _, name = (cause.object or "").partition("/")
    service = find(objects, "Service", name) if kind == "Service" else None
    pairs = [f"{key}={value}" for key, value in kube.strings(service, "spec", "selector").items()]
    return ",".join(pairs) if pairs and all(map(_PAIR.fullmatch, pairs)) else ""


def _plain(name: str, gap: str) -> str:
    return name if _NAME.fullmatch(name) else gap

"""Recommendations: the catalogue's steps with the names of this incident filled in."""

import re
from typing import Any

from opsagent.analysis.catalog.records import Code
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.deployments import lasting_mounts, of_kind
from opsagent.analysis.planning.captured import filled
from opsagent.models.evidence import Cause
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.service import Service

# An operator may paste the line into a shell: a name that no API server would have accepted stays a placeholder.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{1,80}")
# What a rule's summary states it is about: "a host name cannot be resolved (cache)".
_ABOUT = re.compile(r"\(([^\s()]{1,253})\)\.?$")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,254}")


def advise(
    cause: Cause, info: Code, workload: KubeObject | None, patient: Service | None, objects: Objects
) -> tuple[str, ...]:
    """Return what a human should do about a cause, on which object, as commands and field paths."""
    kind, _, name = (cause.object or "").partition("/")
    ref = _ref(kind, name)
    behind = _behind(workload) if workload else _workload(kind, ref, patient)
    example = workload or next((pod for pod in of_kind(objects, "Pod") if _behind(pod) == behind), None)
    info = info.of(_variant_by_object(info, kind, example))
    steps = [
        filled(_about(_known(step, example), cause, info), cause, info, example, objects).format(
            ref=ref or behind,
            name=_name(name),
            workload=behind,
            service=_name(cause.service or (patient.name if patient else kube.labels(workload).get("app", ""))),
            ns=_flag(workload, objects),
        )
        for step in info.steps
    ]
    if kind == "Node" and _NAME.fullmatch(name):
        steps = [step.replace("<node>", name) for step in steps]
    alone = behind if behind.startswith("pod/") else ""
    if alone and any(f"{verb} {alone}" in step for step in steps for verb in ("edit", "env", "resources", "image")):
        flag = _flag(workload, objects)
        steps.append(
            f"{alone} has no controller, and most of a pod cannot be changed in place: correct its manifest, then "
            f"kubectl replace --force -f <manifest>{flag}"
        )
    if "file-lock" in info.tags and workload is not None and not lasting_mounts(workload):
        steps.append(f"if its database is a file: give {behind} a volume for it, so that no restart loses it")
    return tuple(steps)


def _ref(kind: str, name: str) -> str:
    return f"{kind.lower()}/{name}" if kind.isalpha() and _NAME.fullmatch(name) else ""


def _behind(workload: KubeObject) -> str:
    """Return what holds the specification: of a pod the controller that its owner's name shows, seen or not."""
    for kind, name in kube.owners(workload):
        deployment = name.rpartition("-")[0] if kind == "ReplicaSet" else ""
        return _ref("Deployment", deployment) if deployment else _ref(kind, name)
    return _ref(kube.kind(workload), kube.name(workload))


def _about(step: str, cause: Cause, info: Code) -> str:
    """Fill in the variable or host that the summary names."""
    named = _ABOUT.search(cause.summary)
    about = named[1] if named else ""
    if info.quotes == "variable" and _VARIABLE.fullmatch(about):
        return step.replace("<NAME>", about)
    if info.quotes == "host" and _NAME.fullmatch(about) and "." not in about:
        return step.replace("kubectl get svc{ns}", f"kubectl get svc {about}{{ns}}")
    return step


def _name(name: str) -> str:
    return name if _NAME.fullmatch(name) else "<name>"


def _workload(kind: str, ref: str, patient: Service | None) -> str:
    if ref and kind in ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"):
        return ref
    deployment = patient.deployment if patient else None
    return (_ref("Deployment", deployment) if deployment else "") or "deployment/<name>"


def _flag(workload: KubeObject | None, objects: Objects) -> str:
    spaces = {kube.namespace(workload)} if workload else {kube.namespace(pod) for pod in of_kind(objects, "Pod")}
    space = next(iter(spaces)) if len(spaces) == 1 else ""
    return f" -n {space}" if _NAME.fullmatch(space) else ""


def _known(step: str, workload: KubeObject | None) -> str:
    """Fill in what the workload itself states: its only container, that one's image, its node selector."""
    if workload is None:
        return step
    own = [container for container in kube.containers(workload) if container.group == "container"]
    image = kube.text(own[0].raw, "image") if len(own) == 1 else ""
    plain = image.partition("@")[0]
    plain = plain.rpartition(":")[0] if ":" in plain.rpartition("/")[2] else plain
    if len(own) == 1 and _NAME.fullmatch(own[0].name):
        step = step.replace("<container>", own[0].name)
    if _IMAGE.fullmatch(plain):
        step = step.replace("<image>:<tag", f"{plain}:<tag")
    wanted = [pair for pair in kube.strings(kube.pod_spec(workload), "nodeSelector").items() if _label(pair)]
    if "kubectl label node" in step and wanted:
        step = step.replace("<key>=<value>", " ".join(f"{key}={value}" for key, value in wanted))
    return step


def _variant_by_object(info: Code, kind: str, workload: KubeObject | None) -> str:
    """Return the variant that the object to change, not the evidence, decides."""
    if kind == "Ingress" and info.variant("ingress-class"):
        return "ingress-class"
    by_command = any(_asks_by_command(c.raw) for c in kube.containers(workload or {}) if c.group == "container")
    return "command" if by_command and info.family == "probe" else ""


def _asks_by_command(container: dict[str, Any]) -> bool:
    return any(isinstance(kube.dig(container, f"{kind}Probe", "exec"), dict) for kind in ("readiness", "liveness"))


def _label(pair: tuple[str, str]) -> bool:
    return all(_IMAGE.fullmatch(part) for part in pair)

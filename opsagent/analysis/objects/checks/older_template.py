"""Would the template before the last change be any better: what the change touched, and what the checks report.

A revision is to blame for a fault that its change can have brought, and going back helps where the older template
passes the checks that the newer one fails.
"""

from collections.abc import Sequence
from typing import Any

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.config_refs import reference_findings
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.checks.scheduling import smallest_change
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_PROGRAM = ("image", "command", "args", "env", "envFrom")
# What of a container, and of the pod, a change has to touch to bring in a fault of a family; the longest prefix counts.
_OF_CONTAINER: dict[str, tuple[str, ...]] = {
    "image.": ("image",),
    "probe.": ("livenessProbe", "readinessProbe", "startupProbe", "ports", "resources", *_PROGRAM),
    "scheduling.": ("resources",),
    "quota.": ("resources",),
    "volume.": ("volumeMounts", "volumeDevices"),
    "config.": ("env", "envFrom", "volumeMounts", "command", "args", "image"),
    "access.service-account-missing": (),
    "access.permission-denied": ("securityContext", "volumeMounts", "image"),
    "service.port-mismatch": ("ports",),
    "pod.oom-killed": ("resources", *_PROGRAM),
    "pod.bad-command": ("command", "args", "image"),
    "pod.port-in-use": ("ports", *_PROGRAM),
}
_OF_POD: dict[str, tuple[str, ...]] = {
    "image.": ("imagePullSecrets",),
    "scheduling.": (
        "nodeSelector",
        "affinity",
        "tolerations",
        "topologySpreadConstraints",
        "schedulerName",
        "nodeName",
    ),
    "volume.": ("volumes",),
    "config.": ("volumes",),
    "access.": ("serviceAccountName", "securityContext"),
}


def brought(before: KubeObject, newest: KubeObject, finding: Finding) -> bool:
    """Return whether the change between two templates can have brought a fault: it touches what the fault is about."""
    if before_spec(before) == before_spec(newest):
        return False
    fields = _fields(_OF_CONTAINER, finding.code)
    if fields is None:
        return True  # a program's own failure may come from anything
    pod_fields = _fields(_OF_POD, finding.code) or ()
    old, new = before_spec(before), before_spec(newest)
    if any(old.get(field) != new.get(field) for field in pod_fields):
        return True
    was = {item.name: item.raw for item in kube.containers(before)}
    now = {item.name: item.raw for item in kube.containers(newest)}
    if was.keys() != now.keys():
        return True
    return any(was[name].get(field) != now[name].get(field) for name in now for field in fields)


def before_spec(item: KubeObject) -> dict[str, Any]:
    """Return the pod spec of a template."""
    return kube.mapping(item, "spec", "template", "spec")


def why_no_better(scene: Scene, pod: KubeObject, before: KubeObject, explained: Sequence[Finding]) -> str:
    """Return why the older template would fail too, as far as objects show it; "" where it passes.

    pod: one of the broken pods, which stands for the one that the older template would make.
    """
    codes = {finding.code for finding in explained}
    made = {**pod, "spec": {**before_spec(before), "nodeName": kube.text(pod, "spec", "nodeName")}}
    made["status"] = {"phase": "Pending"}
    if any(code.startswith("config.missing-object") for code in codes):
        refs = [found for found in reference_findings(scene, made) if found.strength >= 0.5]
        if refs:
            return refs[0].summary
    if any(code.startswith("scheduling.") for code in codes):
        made["spec"].pop("nodeName")
        if (left := smallest_change(scene, made)) is not None:
            return f"no node takes its pods either ({left})"
    account = before_spec(before).get("serviceAccountName")
    if isinstance(account, str) and scene.cluster.absent("ServiceAccount", account, kube.namespace(pod)):
        return f"its service account {account} does not exist either"
    claims = (kube.text(v, "persistentVolumeClaim", "claimName") for v in kube.dicts(before_spec(before), "volumes"))
    for name in filter(None, claims):
        claim = scene.cluster.get("PersistentVolumeClaim", name, kube.namespace(pod))
        if claim is not None and kube.text(claim, "status", "phase") not in ("Bound", ""):
            return f"its claim {name} is not bound either"
    return ""


def _fields(table: dict[str, tuple[str, ...]], code: str) -> tuple[str, ...] | None:
    keys = [key for key in table if code.startswith(key)]
    return table[max(keys, key=len)] if keys else None

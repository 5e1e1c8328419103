"""Objects that are missing where a full quota explains why nobody could make them."""

from dataclasses import dataclass

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.creation import quota_row, used_up
from opsagent.analysis.objects.checks.given import addresses_of
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject


@dataclass(frozen=True, slots=True)
class _Full:
    """A quota that is used up, by the kind of thing that it limits."""

    code: str
    quota: KubeObject
    used: Observation


def gap_findings(scene: Scene) -> list[Finding]:
    """Return Services and claims that are referred to, do not exist, and could not be made for a full quota."""
    found: list[Finding] = []
    for space in {kube.namespace(quota) for quota in scene.cluster.of("ResourceQuota")}:
        full: dict[str, _Full] = {}
        for quota, key, used, hard in used_up(scene, space):
            row = quota_row(scene.catalog, key)
            full[row.then] = _Full(row.code, quota, observe(quota, f"status.used[{key}]", f"{used} of {hard}"))
        if "services" in full:
            found += _services(scene, space, full["services"])
        if "claims" in full:
            found += _claims(scene, space, full["claims"])
    return found


def _services(scene: Scene, space: str, full: _Full) -> list[Finding]:
    there = set(scene.service_names.get(space, []))
    workloads = {kube.name(item): item for item in scene.cluster.workloads(space)}
    for caller in workloads.values():
        for address in addresses_of(caller, scene.cluster):
            if address.host in there or address.host not in workloads or address.port is None:
                continue
            summary = f"The Service {address.host} is missing, and the namespace may hold no further Service."
            told = [full.used, observe(caller, address.field, address.text)]
            return [scene.finding(full.code, full.quota, 0.85, summary, told, change=kube.ref(workloads[address.host]))]
    return []


def _claims(scene: Scene, space: str, full: _Full) -> list[Finding]:
    for pod in scene.cluster.of("Pod"):
        if kube.namespace(pod) != space or kube.is_ready(pod):
            continue
        for index, volume in enumerate(kube.dicts(pod, "spec", "volumes")):
            claim = kube.text(volume, "persistentVolumeClaim", "claimName")
            if claim and scene.cluster.absent("PersistentVolumeClaim", claim, space):
                told = [
                    full.used,
                    observe(pod, f"spec.volumes[{index}].persistentVolumeClaim", f"{claim}, which is not there"),
                ]
                summary = f"The claim {claim} could not be made: the storage quota of the namespace is used up."
                return [scene.finding(full.code, pod, 0.9, summary, told)]
    return []

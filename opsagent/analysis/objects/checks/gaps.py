"""Objects that are missing where a full quota explains why nobody could make them."""

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.creation import resource_code, used_up
from opsagent.analysis.objects.checks.given import addresses_of
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject


def gap_findings(scene: Scene) -> list[Finding]:
    """Return Services and claims that are referred to, do not exist, and could not be made for a full quota."""
    found: list[Finding] = []
    for space in {kube.namespace(quota) for quota in scene.cluster.of("ResourceQuota")}:
        full = {
            resource_code(scene.catalog, key): (quota, key, f"{used} of {hard}")
            for quota, key, used, hard in used_up(scene, space)
        }
        if "quota.services" in full:
            found += _services(scene, space, *full["quota.services"])
        if "quota.storage" in full:
            found += _claims(scene, space, *full["quota.storage"])
    return found


def _services(scene: Scene, space: str, quota: KubeObject, key: str, amount: str) -> list[Finding]:
    there = set(scene.service_names.get(space, []))
    seen: list[Observation] = [observe(quota, f"status.used[{key}]", amount)]
    workloads = {kube.name(item): item for item in scene.cluster.workloads(space)}
    for caller in workloads.values():
        for address in addresses_of(caller, scene.cluster):
            if address.host in there or address.host not in workloads or address.port is None:
                continue
            summary = f"The Service {address.host} is missing, and the namespace may hold no further Service."
            told = [*seen, observe(caller, address.field, address.text)]
            return [
                scene.finding("quota.services", quota, 0.85, summary, told, change=kube.ref(workloads[address.host]))
            ]
    return []


def _claims(scene: Scene, space: str, quota: KubeObject, key: str, amount: str) -> list[Finding]:
    for pod in scene.cluster.of("Pod"):
        if kube.namespace(pod) != space or kube.is_ready(pod):
            continue
        for index, volume in enumerate(kube.dicts(pod, "spec", "volumes")):
            claim = kube.text(volume, "persistentVolumeClaim", "claimName")
            if claim and scene.cluster.absent("PersistentVolumeClaim", claim, space):
                told = [
                    observe(quota, f"status.used[{key}]", amount),
                    observe(pod, f"spec.volumes[{index}].persistentVolumeClaim", f"{claim}, which is not there"),
                ]
                summary = f"The claim {claim} could not be made: the storage quota of the namespace is used up."
                return [scene.finding("quota.storage", pod, 0.9, summary, told)]
    return []

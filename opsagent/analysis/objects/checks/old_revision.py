"""A pod of an old revision that blocks a rollout: its template is corrected already, the pod is not."""

from dataclasses import replace

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject
from opsagent.models.revision import revision_number

_REVISION = "controller-revision-hash"
_LEAVING = 0.4


def of_old_revision(scene: Scene, pod: KubeObject, finding: Finding) -> Finding:
    """Return the finding as a stuck rollout where the pod's fault is no longer in its controller's template.

    With podManagementPolicy OrderedReady a StatefulSet waits for this very pod and never replaces it:
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback.
    """
    if not scene.catalog.about(finding.code).of_template or finding.strength < 0.5:
        return finding
    owner = scene.cluster.owner(pod)
    if owner is not None and kube.kind(owner) == "ReplicaSet":
        return _of_deployment(scene, owner, pod, finding)
    if owner is None or kube.kind(owner) != "StatefulSet" or not _is_old(owner, pod):
        return finding
    ordered = kube.text(owner, "spec", "podManagementPolicy", default="OrderedReady") == "OrderedReady"
    changed = _changed(owner, pod)
    if not ordered or not changed:
        return finding
    seen = [
        observe(pod, f"metadata.labels[{_REVISION}]", f"{kube.labels(pod).get(_REVISION)}: an old revision"),
        observe(owner, "status.updateRevision", kube.text(owner, "status", "updateRevision")),
        observe(owner, "spec.template", f"corrected since: {changed}"),
    ]
    summary = "The template is corrected already, and a pod of the old revision blocks the rollout: delete that pod."
    return replace(
        finding,
        code="rollout.stuck",
        variant="old-revision",
        object=kube.ref(pod),
        strength=max(finding.strength, 0.9),
        summary=summary,
        observations=(*seen, *finding.observations),
    )


def _of_deployment(scene: Scene, replica_set: KubeObject, pod: KubeObject, finding: Finding) -> Finding:
    """Return a fault of an old pod as a hint where the Deployment's template no longer has it: it is on its way out."""
    top = scene.cluster.top(replica_set)
    if kube.kind(top) != "Deployment" or not 0 < revision_number(replica_set) < revision_number(top):
        return finding
    return replace(finding, strength=min(finding.strength, _LEAVING)) if _changed(top, pod) else finding


def _is_old(owner: KubeObject, pod: KubeObject) -> bool:
    mine, newest = kube.labels(pod).get(_REVISION, ""), kube.text(owner, "status", "updateRevision")
    return bool(mine and newest) and mine != newest


def _changed(owner: KubeObject, pod: KubeObject) -> str:
    """Return what of the pod's containers the template has otherwise by now; empty where nothing is."""
    wanted = {c.name: c.raw for c in kube.containers({"kind": "Pod", "spec": kube.pod_spec(owner)})}
    for container in kube.containers(pod):
        template = wanted.get(container.name, {})
        for key in ("image", "command", "args", "env", "resources", "livenessProbe", "readinessProbe", "startupProbe"):
            if template and template.get(key) != container.raw.get(key) and (key in template or key == "image"):
                return f"{key} {container.raw.get(key)} -> {template.get(key)}"[:200]
    return ""

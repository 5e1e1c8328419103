"""Would the template before the last change be any better: what the change touched, and what the checks report.

A revision is to blame for a fault that its change can have brought, and going back helps where the older template
passes the checks that the newer one fails.
"""

from collections.abc import Sequence
from typing import Any

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.config_refs import reference_findings
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.checks.scheduling import smallest_change
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_CONTAINERS = "containers."


def brought(catalog: Catalog, before: KubeObject, newest: KubeObject, finding: Finding) -> bool:
    """Return whether the change between two templates can have brought a fault: it touches what the fault is about."""
    if before_spec(before) == before_spec(newest):
        return False
    brought_by = catalog.about(finding.code).brought_by
    if not brought_by:
        return True  # a program's own failure may come from anything
    fields = [field.removeprefix(_CONTAINERS) for field in brought_by if field.startswith(_CONTAINERS)]
    pod_fields = [field for field in brought_by if not field.startswith(_CONTAINERS)]
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
    made = {**pod, "spec": {**before_spec(before), "nodeName": kube.text(pod, "spec", "nodeName")}}
    made["status"] = {"phase": "Pending"}
    about = [scene.catalog.about(finding.code) for finding in explained]
    if any(row.quotes == "object" for row in about):
        refs = [found for found in reference_findings(scene, made) if found.strength >= 0.5]
        if refs:
            return refs[0].summary
    if any(row.family == "scheduling" for row in about):
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

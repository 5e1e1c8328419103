"""Who keeps an object as it is declared elsewhere, and the commit that a lasting change is.

Argo CD: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/; Flux:
https://fluxcd.io/flux/components/kustomize/kustomizations/; Helm: the annotations that `helm install` sets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from opsagent.analysis.evidence.revisions import differences
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.deployments import of_kind
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.plan import Action
from opsagent.models.revision import previous_revision

_MANAGED_BY = "app.kubernetes.io/managed-by"
_MARKS = (
    ("Argo CD", "argocd.argoproj.io/"),
    ("Flux", "kustomize.toolkit.fluxcd.io/"),
    ("Flux", "helm.toolkit.fluxcd.io/"),
)
_MANAGERS = {"argocd": "Argo CD", "kustomize-controller": "Flux", "helm-controller": "Flux", "flux": "Flux"}
_TRACKING = "argocd.argoproj.io/tracking-id"
_PLAIN = re.compile(r"[\w.@:/+~-]{1,300}")


@dataclass(frozen=True, slots=True)
class Keeper:
    """The tool that keeps an object, and where it has it from, as far as that is known."""

    tool: str  # "Argo CD", "Flux", "Helm"
    app: str = ""
    repo: str = ""
    path: str = ""

    @property
    def reverts(self) -> bool:
        """Return whether it reverts a change by itself; Helm does with the next upgrade."""
        return self.tool != "Helm"

    @property
    def place(self) -> str:
        """Return where its declaration is: "app shop, https://git.example.com/shop, path deploy/prod"."""
        named = "release" if self.tool == "Helm" else "app"
        parts = [f"{named} {self.app}" if self.app else "", self.repo, f"path {self.path}" if self.path else ""]
        return ", ".join(part for part in parts if part)


def keeper_of(workload: KubeObject, objects: Objects) -> Keeper | None:
    """Return the tool that owns an object; None where none is known to."""
    tool = _tool(workload)
    if tool == "Argo CD":
        return _argo(workload, objects)
    if tool == "Flux":
        return _flux(workload, objects)
    notes = kube.annotations(workload)
    if kube.labels(workload).get(_MANAGED_BY) == "Helm" or "meta.helm.sh/release-name" in notes:
        return Keeper("Helm", _safe(notes.get("meta.helm.sh/release-name", "")))
    return None


def commit_step(keeper: Keeper, workload: KubeObject, diff: Sequence[str] = ()) -> str:
    """Return the next step for an object that is kept elsewhere: the change to commit, with its diff where known."""
    place = f" ({keeper.place})" if keeper.place else ""
    what = f": {'; '.join(diff)}" if diff else ""
    if not keeper.reverts:
        return f"Helm owns {kube.ref(workload)}{place}: correct the chart or its values, then helm upgrade{what}"
    owns = f"{keeper.tool} owns {kube.ref(workload)}{place}"
    return f"{owns} and reverts what is changed here: commit the change there{what}"


def diff_of(action: Action, workload: KubeObject, objects: Objects, replicas: int | None) -> tuple[str, ...]:
    """Return what a change would be in the declaration: the fields, from → to; () where it is none of one."""
    if action == "scale_deployment" and replicas is not None:
        return (f"spec.replicas {kube.integer(workload, 'spec', 'replicas', default=1)} → {replicas}",)
    before = previous_revision(workload, of_kind(objects, "ReplicaSet")) if action == "rollback_deployment" else None
    return tuple(differences(workload, before.replica_set)) if before is not None else ()


def _tool(workload: KubeObject) -> str | None:
    marks = [*kube.labels(workload), *kube.annotations(workload)]
    for tool, prefix in _MARKS:
        if any(mark.startswith(prefix) for mark in marks):
            return tool
    managers = [kube.text(entry, "manager") for entry in kube.dicts(workload, "metadata", "managedFields")]
    for name in (kube.labels(workload).get(_MANAGED_BY, ""), *managers):
        for mark, tool in _MANAGERS.items():
            if name.lower().startswith(mark):
                return tool
    return None


def _argo(workload: KubeObject, objects: Objects) -> Keeper:
    labels, notes = kube.labels(workload), kube.annotations(workload)
    app = notes.get(_TRACKING, "").partition(":")[0] or labels.get("argocd.argoproj.io/instance", "")
    app = app or labels.get("app.kubernetes.io/instance", "")
    item = next((one for one in of_kind(objects, "Application") if kube.name(one) == app), None)
    sources = [kube.mapping(item, "spec", "source"), *kube.dicts(item, "spec", "sources")]
    source = next((one for one in sources if one), {})
    return Keeper("Argo CD", _safe(app), _safe(kube.text(source, "repoURL")), _safe(kube.text(source, "path")))


def _flux(workload: KubeObject, objects: Objects) -> Keeper:
    labels = kube.labels(workload)
    app = labels.get("kustomize.toolkit.fluxcd.io/name", "") or labels.get("helm.toolkit.fluxcd.io/name", "")
    kinds = ("Kustomization", "HelmRelease")
    item = next((one for kind in kinds for one in of_kind(objects, kind) if kube.name(one) == app), None)
    wanted = kube.text(item, "spec", "sourceRef", "name")
    source = next((one for one in of_kind(objects, "GitRepository") if wanted and kube.name(one) == wanted), None)
    return Keeper("Flux", _safe(app), _safe(kube.text(source, "spec", "url")), _safe(kube.text(item, "spec", "path")))


def _safe(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else ""

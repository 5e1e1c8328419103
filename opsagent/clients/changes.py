"""The three changes that an approval may make, each as kubectl makes it: what is sent, and how it is known again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from opsagent.clients.kinds import kind
from opsagent.clients.revisions import undo_patch
from opsagent.errors import ActionError, PlanChangedError
from opsagent.models.json_values import mapping_at
from opsagent.models.observed import KubeObject
from opsagent.models.plan import Action, Approval, Desired, Plan, Target
from opsagent.models.revision import revision_at, template_hash

_RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
_ROLLED_BACK = "opsagent.io/rollback"  # incident and time: on the Deployment's metadata alone, so that no pod is new
_NOTHING = "; nothing was done"


@dataclass(frozen=True, slots=True)
class Intended:
    """What is to be changed on which object: taken from an approval, or from a plan that is only tried out."""

    action: Action
    target: Target
    to: Desired
    at: str  # RFC 3339: a restart's time
    mark: str  # by which a rollback is known again

    @classmethod
    def approved(cls, approval: Approval) -> "Intended":
        """Take everything from the approval, so that nothing else can be done."""
        mark = f"{approval.incident_id} {approval.restarted_at}"
        return cls(approval.action, approval.target, approval.to, approval.restarted_at, mark)

    @classmethod
    def planned(cls, plan: Plan, at: str) -> "Intended":
        """Take everything from a plan; ActionError where it changes nothing."""
        if plan.target is None or plan.to is None:
            raise ActionError(f"the plan changes nothing: {plan.reason}")
        return cls(plan.action, plan.target, plan.to, at, f"dry-run {at}")


@dataclass(frozen=True, slots=True)
class Patch:
    """One PATCH request: the path, its body, and whether the Deployment has to be read again afterwards."""

    path: str
    what: str
    body: Any
    patch_type: str
    subresource: str | None = None


class DeploymentChange(Protocol):
    """One change to one Deployment; nothing is written here."""

    action: Action

    def already(self, deployment: KubeObject) -> bool:
        """Return whether the Deployment is as the change leaves it."""

    def patch(self, deployment: KubeObject) -> Patch:
        """Return what makes the change, on condition that the Deployment is as it was read."""


class Restart:
    """What `kubectl rollout restart` does; the time is the approval's, so that repeating it changes nothing."""

    def __init__(self, intended: Intended) -> None:
        self._intended, self.action = intended, intended.action

    def already(self, deployment: KubeObject) -> bool:
        """Return whether the template carries this restart's time."""
        template = mapping_at(deployment, "spec", "template", "metadata", "annotations")
        return bool(template.get(_RESTARTED_AT) == self._intended.at)

    def patch(self, deployment: KubeObject) -> Patch:
        """Return the template's annotation."""
        note = {_RESTARTED_AT: self._intended.at}
        body = _precondition(deployment) | {"spec": {"template": {"metadata": {"annotations": note}}}}
        return _patch(self._intended.target, body, "strategic-merge-patch+json")


class Scale:
    """What `kubectl scale` does: only the scale subresource is written."""

    action: Action = "scale_deployment"

    def __init__(self, intended: Intended, bounds: tuple[int, int]) -> None:
        self._intended = intended
        wanted = intended.to.replicas
        if wanted is None or isinstance(wanted, bool) or not bounds[0] <= wanted <= bounds[1]:
            raise ActionError(
                f"scaling {intended.target.name} to {wanted} is outside {bounds[0]} to {bounds[1]}{_NOTHING}",
                hint="actions.min_replicas and actions.max_replicas are the bounds",
            )
        self._replicas = wanted

    def already(self, deployment: KubeObject) -> bool:
        """Return whether the number asked for is set."""
        return bool(mapping_at(deployment, "spec").get("replicas") == self._replicas)

    def patch(self, deployment: KubeObject) -> Patch:
        """Return the number of replicas."""
        body = _precondition(deployment) | {"spec": {"replicas": self._replicas}}
        return _patch(self._intended.target, body, "merge-patch+json", "scale")


class Rollback:
    """What `kubectl rollout undo --to-revision` does: the approved revision's template, and no other."""

    action: Action = "rollback_deployment"

    def __init__(self, intended: Intended, replica_sets: Callable[[], Sequence[KubeObject]]) -> None:
        self._intended, self._replica_sets = intended, replica_sets

    def already(self, deployment: KubeObject) -> bool:
        """Return whether the metadata carries this rollback's mark, or the template is the approved revision's."""
        if mapping_at(deployment, "metadata", "annotations").get(_ROLLED_BACK) == self._intended.mark:
            return True
        return template_hash(deployment) == self._intended.to.template_hash

    def patch(self, deployment: KubeObject) -> Patch:
        """Return the approved revision's template, and the mark of this approval.

        Raises PlanChangedError where that revision is gone or holds another template: it is never replaced by the
        nearest one.
        """
        name, wanted = self._intended.target.name, self._intended.to
        found = revision_at(deployment, self._replica_sets(), int(wanted.revision or 0))
        if found is None:
            raise PlanChangedError(
                f"revision {wanted.revision} of Deployment {name} no longer exists{_NOTHING}",
                hint=f"kubectl rollout history deployment/{name}",
            )
        if found.template_hash != wanted.template_hash:
            raise PlanChangedError(f"revision {wanted.revision} of Deployment {name} has another template{_NOTHING}")
        body = undo_patch(deployment, found.replica_set, {_ROLLED_BACK: self._intended.mark})
        return _patch(self._intended.target, body, "json-patch+json")


def _precondition(deployment: KubeObject) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": mapping_at(deployment, "metadata").get("resourceVersion")}}


def _patch(target: Target, body: Any, patch_type: str, subresource: str | None = None) -> Patch:
    changed = kind(target.kind)
    path = changed.path(target.namespace, target.name, subresource)
    what = f"patch {changed.plural}{f'/{subresource}' if subresource else ''} {target.name}"
    return Patch(path, what, body, patch_type, subresource)

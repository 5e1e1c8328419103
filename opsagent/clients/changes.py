"""The three changes that an approval may make, each as kubectl makes it."""

from typing import Any, Protocol

from opsagent.clients.cluster import Cluster
from opsagent.clients.kinds import kind
from opsagent.clients.kube_errors import AnswerLostError
from opsagent.clients.revisions import previous_revision, same_template, undo_patch
from opsagent.errors import ActionError, LookError
from opsagent.models.look import KubeObject
from opsagent.models.plan import Action, Approval

_RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
_ROLLED_BACK = "opsagent.io/rollback"  # incident and time: on the Deployment's metadata alone, so that no pod is new


class Change(Protocol):
    """One change to one Deployment."""

    action: Action

    def already(self, deployment: KubeObject) -> bool:
        """Return whether the Deployment is as the change leaves it; nothing is written."""

    def send(self, deployment: KubeObject) -> KubeObject:
        """Send the change once, on condition that the Deployment is as it was read, and return it afterwards."""


class Restart:
    """What `kubectl rollout restart` does; the time is the approval's, so that repeating it changes nothing."""

    action: Action = "restart_deployment"

    def __init__(self, cluster: Cluster, approval: Approval) -> None:
        self._cluster, self._approval = cluster, approval

    def already(self, deployment: KubeObject) -> bool:
        """Return whether the template carries this restart's time."""
        template = _at(deployment, "spec", "template", "metadata", "annotations")
        return bool(template.get(_RESTARTED_AT) == self._approval.restarted_at)

    def send(self, deployment: KubeObject) -> KubeObject:
        """PATCH the template's annotation."""
        note = {_RESTARTED_AT: self._approval.restarted_at}
        body = _precondition(deployment) | {"spec": {"template": {"metadata": {"annotations": note}}}}
        return _patch(self._cluster, self._approval, body, "strategic-merge-patch+json")


class Scale:
    """What `kubectl scale` does: only the scale subresource is written."""

    action: Action = "scale_deployment"

    def __init__(self, cluster: Cluster, approval: Approval, bounds: tuple[int, int]) -> None:
        self._cluster, self._approval = cluster, approval
        wanted = approval.replicas
        if wanted is None or isinstance(wanted, bool) or not bounds[0] <= wanted <= bounds[1]:
            raise ActionError(
                f"scaling {approval.target.name} to {wanted} is outside {bounds[0]} to {bounds[1]}; nothing was done",
                hint="actions.min_replicas and actions.max_replicas are the bounds",
            )
        self._replicas = wanted

    def already(self, deployment: KubeObject) -> bool:
        """Return whether the number asked for is set."""
        return bool(_at(deployment, "spec").get("replicas") == self._replicas)

    def send(self, deployment: KubeObject) -> KubeObject:
        """PATCH the scale subresource and read the Deployment again."""
        body = _precondition(deployment) | {"spec": {"replicas": self._replicas}}
        _patch(self._cluster, self._approval, body, "merge-patch+json", "scale")
        target = self._approval.target
        try:
            return self._cluster.get("Deployment", target.namespace, target.name)
        except LookError as error:
            raise AnswerLostError(f"scaled, but {error.message}", source=error.source) from error


class Rollback:
    """What `kubectl rollout undo` does: the template of the revision before the approved one."""

    action: Action = "rollback_deployment"

    def __init__(self, cluster: Cluster, approval: Approval) -> None:
        self._cluster, self._approval = cluster, approval
        self._mark = f"{approval.incident_id} {approval.restarted_at}"
        self._previous: KubeObject = {}  # read by `already`, which comes before each `send`

    def already(self, deployment: KubeObject) -> bool:
        """Return whether the metadata carries this rollback's mark, or the template is the earlier revision's."""
        if _at(deployment, "metadata", "annotations").get(_ROLLED_BACK) == self._mark:
            return True
        sets = self._cluster.list("ReplicaSet", self._approval.target.namespace)
        self._previous = previous_revision(deployment, sets, self._approval.target.revision)
        return same_template(deployment, self._previous)

    def send(self, deployment: KubeObject) -> KubeObject:
        """Replace the template by the earlier revision's, and leave the mark of this approval."""
        body = undo_patch(deployment, self._previous, {_ROLLED_BACK: self._mark})
        return _patch(self._cluster, self._approval, body, "json-patch+json")


def _precondition(deployment: KubeObject) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": _at(deployment, "metadata").get("resourceVersion")}}


def _patch(
    cluster: Cluster, approval: Approval, body: Any, patch_type: str, subresource: str | None = None
) -> KubeObject:
    target = approval.target
    path = kind("Deployment").path(target.namespace, target.name, subresource)
    what = f"patch deployments{f'/{subresource}' if subresource else ''} {target.name}"
    return cluster.patch(path, what, body, patch_type=patch_type)


def _at(value: object, *keys: str) -> dict[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}

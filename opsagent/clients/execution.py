"""Carry out one approved change once: read, compare, send with a precondition, and know the outcome."""

import time
from collections.abc import Callable

from opsagent.clients.changes import DeploymentChange, Patch
from opsagent.clients.cluster import ClusterClient
from opsagent.clients.kube_errors import AnswerLostError, TooManyRequestsError
from opsagent.errors import (
    ActionError,
    CheckError,
    ConflictError,
    NotFoundError,
    PlanChangedError,
    TransientCheckError,
    UnreachableError,
)
from opsagent.models.json_values import mapping_at
from opsagent.models.observed import KubeObject
from opsagent.models.plan import ACTIONS, Approval, PlatformIdentity, Target
from opsagent.models.revision import desired, spec_hash

_TRIES = 3  # against conflicts that leave the approved object as it was
_SETTLE_S = 3.0  # how long a lost answer's effect is searched for
_SETTLE_INTERVAL_S = 0.3
_NOTHING = "; nothing was done"
Identify = Callable[[], PlatformIdentity]


def carry_out(
    cluster: ClusterClient, approval: Approval, change: DeploymentChange, here: Identify, namespace: str
) -> KubeObject:
    """Make the change and return the Deployment after it; a repeated call changes nothing more.

    here, namespace: where the change would go now. Raises PlanChangedError where the object is no longer what was
    approved, ActionError where the change was refused or its outcome is not known: the message states which.
    """
    _same_place(cluster, approval, change, here, namespace)
    for _ in range(_TRIES):
        deployment = _read(cluster, approval)
        if change.already(deployment):
            return deployment
        _same_object(deployment, approval)
        patch = _prepared(change, deployment)
        try:
            return _sent(cluster, patch, approval.target)
        except ConflictError:
            continue  # something else wrote it: read again, and compare again
        except UnreachableError as error:
            raise ActionError(f"{error.message}{_NOTHING}", hint=error.hint) from error
        except TooManyRequestsError as error:
            raise ActionError(f"{error.message}{_NOTHING}", hint="approve again in a minute") from error
        except TransientCheckError as error:
            return _settle(cluster, approval, change, error)
        except CheckError as error:
            raise ActionError(f"{error.message}{_NOTHING}", hint=error.hint) from error
    raise ActionError(
        f"{approval.target} was changed by somebody else {_TRIES} times in a row{_NOTHING}",
        hint=f"a controller may be fighting over it: kubectl get {approval.target.kind.lower()} -w",
    )


def try_out(cluster: ClusterClient, change: DeploymentChange, target: Target) -> None:
    """Send the change with dryRun=All: the API server judges it and keeps nothing; no approval is needed.

    Raises CheckError where it was refused or could not be tried, ActionError where there is nothing to send.
    """
    patch = change.patch(cluster.get(target.kind, target.namespace, target.name))
    cluster.dry_run(patch.path, patch.what, patch.body, patch_type=patch.patch_type)


def shows(
    cluster: ClusterClient, approval: Approval, change: DeploymentChange, here: Identify, namespace: str
) -> bool | None:
    """Return whether the change of an approval is in the cluster; nothing is written.

    True: it was made. False: the Deployment is still exactly what was approved, so it was not made. None: it cannot
    be determined, for the Deployment was replaced, or changed by somebody since. CheckError where it cannot be read.
    """
    _same_place(cluster, approval, change, here, namespace)
    target = approval.target
    try:
        deployment = cluster.get(target.kind, target.namespace, target.name)
    except NotFoundError:
        return None
    meta = deployment.get("metadata")
    if not isinstance(meta, dict) or meta.get("uid") != target.uid:
        return None
    if change.already(deployment):
        return True
    if meta.get("generation") == target.generation:
        return False
    # A restart or rollback that was made and undone leaves another revision; a scaling leaves no trace of itself.
    return False if ACTIONS[approval.action].verb != "scale" and what_differs(deployment, approval) is None else None


def what_differs(deployment: KubeObject, approval: Approval) -> str | None:
    """Return in what a Deployment is no longer what was approved, field by field; None where it is.

    A generation that moved through annotations or the status alone is not a difference.
    """
    now, then = desired(deployment), approval.from_
    fields = (
        ("replicas", then.replicas, now.replicas),
        ("revision", then.revision, now.revision),
    )
    found = [f"{name} {before} is now {after}" for name, before, after in fields if before != after]
    if then.template_hash != now.template_hash:
        found.append("its pod template is another one")
    if not found and spec_hash(deployment) != approval.target.spec_hash:
        found.append("its spec is another one")
    if not found:
        return None
    generation = mapping_at(deployment, "metadata").get("generation")
    return f"{', '.join(found)} (generation {approval.target.generation} is now {generation})"


def _sent(cluster: ClusterClient, patch: Patch, target: Target) -> KubeObject:
    after = cluster.patch(patch.path, patch.what, patch.body, patch_type=patch.patch_type)
    if patch.subresource is None:
        return after
    try:
        return cluster.get(target.kind, target.namespace, target.name)
    except CheckError as error:
        raise AnswerLostError(f"changed, but {error.message}", source=error.source) from error


def _prepared(change: DeploymentChange, deployment: KubeObject) -> Patch:
    try:
        return change.patch(deployment)
    except CheckError as error:
        raise ActionError(f"{error.message}{_NOTHING}", hint=error.hint) from error


def _same_place(
    cluster: ClusterClient, approval: Approval, change: DeploymentChange, here: Identify, namespace: str
) -> None:
    if approval.action != change.action:
        raise ActionError(f"the approval is for {approval.action}, not for {change.action}{_NOTHING}")
    for what, approved, now in (
        ("API server", approval.platform.server, cluster.server),
        ("namespace", approval.target.namespace, namespace),
    ):
        if approved != now:
            raise PlanChangedError(f"approved for the {what} {approved}, but this is {now}{_NOTHING}")
    there, is_now = approval.platform, here()
    if there.namespace_uid is None and there.ca_hash != is_now.ca_hash:
        raise PlanChangedError(
            f"approved for an API server with the CA {there.ca_hash}, but this one has {is_now.ca_hash}{_NOTHING}"
        )
    if not there.same(is_now):
        known = is_now.namespace_uid or f"not known ({is_now.why})"
        raise PlanChangedError(
            f"approved for the namespace {namespace} with UID {there.namespace_uid}, its UID now is {known}{_NOTHING}"
        )


def _read(cluster: ClusterClient, approval: Approval) -> KubeObject:
    target = approval.target
    try:
        return _with_uid(cluster.get(target.kind, target.namespace, target.name), approval)
    except NotFoundError as error:
        raise PlanChangedError(f"{target} no longer exists{_NOTHING}") from error
    except CheckError as error:
        raise ActionError(f"{error.message}{_NOTHING}", hint=error.hint) from error


def _with_uid(deployment: KubeObject, approval: Approval) -> KubeObject:
    uid = mapping_at(deployment, "metadata").get("uid")
    if uid != approval.target.uid:
        raise PlanChangedError(f"{approval.target} was replaced: uid {approval.target.uid} is now {uid}{_NOTHING}")
    return deployment


def _same_object(deployment: KubeObject, approval: Approval) -> None:
    target = approval.target
    difference = what_differs(deployment, approval)
    if difference is not None:
        raise PlanChangedError(
            f"{target} was changed since: {difference}{_NOTHING}",
            hint="a fresh diagnosis shows what it is now",
        )
    spec = deployment.get("spec")
    if ACTIONS[approval.action].verb != "scale" and isinstance(spec, dict) and spec.get("paused"):
        raise ActionError(f"{target} is paused{_NOTHING}", hint=f"kubectl rollout resume deployment/{target.name}")


def _settle(cluster: ClusterClient, approval: Approval, change: DeploymentChange, lost: CheckError) -> KubeObject:
    """Read back whether a change without an answer was made."""
    target = approval.target
    deadline = time.monotonic() + _SETTLE_S
    while True:
        unknown = ""
        try:
            deployment = cluster.get(target.kind, target.namespace, target.name)
            # The write may have reached the object before this one.
            if mapping_at(deployment, "metadata").get("uid") != target.uid:
                unknown = f"{target} was replaced since"
            elif change.already(deployment):
                return deployment
        except CheckError as error:
            unknown = f"it could not be read back either: {error.message}"
        if time.monotonic() >= deadline:
            break
        time.sleep(_SETTLE_INTERVAL_S)
    where = f"{target.kind.lower()}/{target.name} -n {target.namespace}"
    hint = f"check before anything is repeated: kubectl rollout status {where}"
    if unknown:
        raise ActionError(f"the outcome is not known: {lost.message}; {unknown}", hint=hint) from lost
    raise ActionError(
        f"{lost.message}; read back for {_SETTLE_S:g} s, {target} does not show the change", hint=hint
    ) from lost

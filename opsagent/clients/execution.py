"""Carry out one approved change once: read, compare, send with a precondition, and know the outcome."""

import time

from opsagent.clients.changes import Change
from opsagent.clients.cluster import Cluster
from opsagent.clients.kube_errors import BusyError
from opsagent.errors import (
    ActionError,
    ConflictError,
    LookError,
    NotFoundError,
    PlanChangedError,
    TransientLookError,
    UnreachableError,
)
from opsagent.models.look import KubeObject
from opsagent.models.plan import Approval

_TRIES = 3  # against conflicts that leave the approved object as it was
_SETTLE_S = 3.0  # how long a lost answer's effect is looked for
_SETTLE_INTERVAL_S = 0.3
_NOTHING = "; nothing was done"


def carry_out(cluster: Cluster, approval: Approval, change: Change, namespace: str) -> KubeObject:
    """Make the change and return the Deployment after it; a repeated call changes nothing more.

    Raises PlanChangedError where the object is no longer what was approved, ActionError where the change was refused
    or its outcome is not known: the message says which.
    """
    _same_place(cluster, approval, change, namespace)
    for _ in range(_TRIES):
        deployment, already = _read(cluster, approval, change)
        if already:
            return deployment
        _same_object(deployment, approval)
        try:
            return change.send(deployment)
        except ConflictError:
            continue  # something else wrote it: read again, and compare again
        except UnreachableError as error:
            raise ActionError(f"{error.message}{_NOTHING}", hint=error.hint) from error
        except BusyError as error:
            raise ActionError(f"{error.message}{_NOTHING}", hint="approve again in a minute") from error
        except TransientLookError as error:
            return _settle(cluster, approval, change, error)
        except LookError as error:
            raise ActionError(f"{error.message}{_NOTHING}", hint=error.hint) from error
    raise ActionError(
        f"Deployment {approval.target.name} was changed by somebody else {_TRIES} times in a row{_NOTHING}",
        hint="a controller may be fighting over it: kubectl get deployment -w",
    )


def shows(cluster: Cluster, approval: Approval, change: Change, namespace: str) -> bool | None:
    """Return whether the change of an approval stands in the cluster; nothing is written.

    True: it was made. False: the Deployment is still exactly what was approved, so it was not made. None: it cannot
    be told, for the Deployment was replaced, or changed by somebody since. LookError where it cannot be read.
    """
    _same_place(cluster, approval, change, namespace)
    target = approval.target
    try:
        deployment = cluster.get("Deployment", target.namespace, target.name)
    except NotFoundError:
        return None
    meta = deployment.get("metadata")
    if not isinstance(meta, dict) or meta.get("uid") != target.uid:
        return None
    if change.already(deployment):
        return True
    return False if meta.get("generation") == target.generation else None


def _same_place(cluster: Cluster, approval: Approval, change: Change, namespace: str) -> None:
    if approval.action != change.action:
        raise ActionError(f"the approval is for {approval.action}, not for {change.action}{_NOTHING}")
    for what, approved, here in (
        ("API server", approval.server, cluster.server),
        ("namespace", approval.target.namespace, namespace),
    ):
        if approved != here:
            raise PlanChangedError(f"approved for the {what} {approved}, but this is {here}{_NOTHING}")


def _read(cluster: Cluster, approval: Approval, change: Change) -> tuple[KubeObject, bool]:
    target = approval.target
    try:
        deployment = _with_uid(cluster.get("Deployment", target.namespace, target.name), approval)
        return deployment, change.already(deployment)
    except NotFoundError as error:
        raise PlanChangedError(f"Deployment {target.name} no longer exists{_NOTHING}") from error
    except LookError as error:
        raise ActionError(f"{error.message}{_NOTHING}", hint=error.hint) from error


def _with_uid(deployment: KubeObject, approval: Approval) -> KubeObject:
    meta = deployment.get("metadata")
    uid = meta.get("uid") if isinstance(meta, dict) else None
    if uid != approval.target.uid:
        name = approval.target.name
        raise PlanChangedError(f"Deployment {name} was replaced: uid {approval.target.uid} is now {uid}{_NOTHING}")
    return deployment


def _same_object(deployment: KubeObject, approval: Approval) -> None:
    target = approval.target
    generation = deployment["metadata"].get("generation")
    if generation != target.generation:
        raise PlanChangedError(
            f"Deployment {target.name} was changed since: generation {target.generation} is now {generation}{_NOTHING}",
            hint="a fresh diagnosis shows what it is now",
        )
    spec = deployment.get("spec")
    if approval.action != "scale_deployment" and isinstance(spec, dict) and spec.get("paused"):
        raise ActionError(
            f"Deployment {target.name} is paused{_NOTHING}", hint=f"kubectl rollout resume deployment/{target.name}"
        )


def _settle(cluster: Cluster, approval: Approval, change: Change, lost: LookError) -> KubeObject:
    """Read back whether a change without an answer was made."""
    name = approval.target.name
    deadline = time.monotonic() + _SETTLE_S
    while True:
        unread: LookError | None = None
        try:
            deployment = cluster.get("Deployment", approval.target.namespace, name)
            if change.already(_with_uid(deployment, approval)):
                return deployment
        except LookError as error:
            unread = error
        if time.monotonic() >= deadline:
            break
        time.sleep(_SETTLE_INTERVAL_S)
    hint = f"look before anything is repeated: kubectl rollout status deployment/{name} -n {approval.target.namespace}"
    if unread is not None:
        raise ActionError(
            f"the outcome is not known: {lost.message}; it could not be read back either: {unread.message}", hint=hint
        ) from lost
    raise ActionError(
        f"{lost.message}; read back for {_SETTLE_S:g} s, Deployment {name} does not show the change", hint=hint
    ) from lost

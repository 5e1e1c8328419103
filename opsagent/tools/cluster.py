"""A wide check of the cluster: all kinds side by side."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, runtime_checkable

from opsagent.analysis.evidence.sources import WORKLOAD_KINDS
from opsagent.errors import (
    CheckError,
    ForbiddenError,
    NoClusterError,
    NotAnAnswerError,
    NotFoundError,
    NotServedError,
    TransientCheckError,
    UnauthorizedError,
    UnreachableError,
)
from opsagent.models.coverage import Outcome, outcome_of
from opsagent.models.observed import KubeObject, Objects, Skipped
from opsagent.models.platform import Platform, Provable
from opsagent.tools.side_by_side import side_by_side

# Secrets are never requested; their absence is read from container states and events.
WIDE_KINDS = (
    "Pod",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "Endpoints",
    "EndpointSlice",
    "Event",
    "Node",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "VolumeAttachment",
    "ResourceQuota",
    "LimitRange",
    "HorizontalPodAutoscaler",
    "NetworkPolicy",
    "Ingress",
    "IngressClass",
    "PodDisruptionBudget",
    "ServiceAccount",
    "ConfigMap",
    "PodMetrics",
    "NodeMetrics",
)


@runtime_checkable
class Collected(Protocol):
    """A platform that holds all its objects at once, of any kind and namespace: a bundle."""

    def objects(self) -> Objects:
        """Return every object, and the kinds that were checked."""


def all_kinds(
    platform: Platform,
    clean: Callable[[KubeObject], KubeObject] | None = None,
    *,
    refused: dict[str, Skipped] | None = None,
) -> Objects:
    """List every kind that a diagnosis joins, side by side; a bundle gives all that it holds.

    A kind that is forbidden or not served is in `skipped`, never in `looked`. `clean` is applied to each object
    (redaction). refused: kinds that this identity may not list, from checks before; they are not asked for, and those
    of this check are added. Raises the first error where nothing at all could be read.
    """
    if isinstance(platform, Collected):
        whole = platform.objects()
        if whole.looked or whole.skipped:
            return replace(whole, items=tuple(clean(item) for item in whole.items)) if clean else whole

    def look(kind: str) -> tuple[KubeObject, ...] | CheckError:
        try:
            found = platform.list(kind)
        except CheckError as error:
            return error.as_answer()
        return tuple(clean(item) for item in found) if clean else found

    known = refused if refused is not None else {}
    wanted = [kind for kind in WIDE_KINDS if kind not in known]
    if not wanted:  # every list was refused before
        refusal = known[WIDE_KINDS[0]]
        raise ForbiddenError(refusal.why, source=refusal.source)
    first = look(wanted[0])
    if isinstance(first, CheckError):
        _refuse_to_go_on(platform, first)
    answers = (first, *side_by_side(look, wanted[1:]))
    items: list[KubeObject] = []
    looked: set[str] = set()
    skipped: list[Skipped] = list(known.values())
    for kind, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, CheckError):
            skipped.append(Skipped(answer.source, _why(kind, answer), _outcome(kind, answer)))
            if isinstance(answer, ForbiddenError):
                known[kind] = skipped[-1]
        else:
            looked.add(kind)
            items += answer
    if not looked:
        raise first if isinstance(first, CheckError) else CheckError("nothing could be read", source="cluster")
    return Objects(tuple(items), frozenset(looked), tuple(skipped))


def _refuse_to_go_on(platform: Platform, first: CheckError) -> None:
    """Raise the one fault where the other kinds would only wait for the same answer."""
    if isinstance(first, NoClusterError | UnauthorizedError | UnreachableError):
        raise first
    if isinstance(first, TransientCheckError | NotAnAnswerError) and isinstance(platform, Provable):
        try:
            platform.prove()
        except CheckError as error:
            raise error from first


def _outcome(kind: str, error: CheckError) -> Outcome:
    """Return what an error stands for; an API group that a cluster does not serve is nothing that could be read."""
    if isinstance(error, NotFoundError) and kind not in WORKLOAD_KINDS:
        return Outcome.NOT_ASKED
    return outcome_of(error)


def _why(kind: str, error: CheckError) -> str:
    if isinstance(error, NotServedError):
        return error.message
    if isinstance(error, NotFoundError):
        return "not served by this cluster" if kind.endswith("Metrics") else f"this cluster serves no {kind}"
    return error.message

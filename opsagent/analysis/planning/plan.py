"""From the first cause to an exact change, or to none with what a human should do instead."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.catalog.records import EFFECT_KINDS, Code
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.deployments import (
    autoscaler_of,
    earlier_replicas,
    of_kind,
    single_writer,
    target_of,
    workload_of,
)
from opsagent.analysis.planning.advice import advise
from opsagent.analysis.planning.effects import new_pods_wait, same_end_again, with_lost_data
from opsagent.analysis.planning.gitops import commit_step, keeper_of
from opsagent.models.evidence import UNKNOWN, Cause
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.plan import Action, Desired, Plan, Target
from opsagent.models.revision import desired, previous_revision
from opsagent.models.service import CallGraph, Service

_EDITS = re.compile(r"\bkubectl (?:set|edit|patch|scale|rollout undo|replace)\b")  # what a keeper of the object reverts
SURE_ENOUGH = 0.5  # below this, nobody is asked to approve a change


@dataclass(frozen=True, slots=True)
class ReplicaBounds:
    """Between which numbers of replicas a plan may choose."""

    least: int
    most: int

    def fit(self, replicas: int) -> int:
        """Return the nearest number within the bounds, never zero."""
        return max(1, self.least, min(replicas, self.most))


@dataclass(frozen=True, slots=True)
class _Case:
    """What a choice is made from."""

    info: Code
    workload: KubeObject
    service: Service | None  # the patient, where the workload is its own
    objects: Objects
    bounds: ReplicaBounds
    since_revision: bool  # the newest revision is broken and the one before came up
    variant: str = ""


@dataclass(frozen=True, slots=True)
class _Choice:
    action: Action
    reason: str
    replicas: int | None = None
    back_to: Desired | None = None  # rollback only


def plan(
    causes: Sequence[Cause],
    *,
    patient: Service | None,
    objects: Objects,
    graph: CallGraph,
    live: bool,
    min_replicas: int,
    max_replicas: int,
    catalog: Catalog | None = None,
) -> Plan:
    """Return the change that the first cause calls for, on the Deployment as it was read.

    The action is `none` where no action helps, the Deployment was not seen, or the cause is not sure enough.
    """
    if not causes:
        return Plan("none", None, None, reason="no cause was found")
    cause = causes[0]
    known = catalog or builtin()
    info = (known.get(cause.code) or known[UNKNOWN]).of(cause.variant)
    workload = workload_of(cause.object, cause.service, patient, objects)
    service = patient if patient is not None and cause.service in (None, patient.name) else None
    advice = _advice(cause, info, workload, patient, objects)
    since_revision = _broke_with_revision(causes, workload, known=known, named=info.effect("rollback").verdict == "no")
    doubt = _doubt(cause, info, workload, patient, graph, proposed=since_revision or bool(info.proposes))
    bounds = ReplicaBounds(min_replicas, max_replicas)
    choice = (
        _Choice("none", doubt)
        if doubt or workload is None
        else _choose(_Case(info, workload, service, objects, bounds, since_revision, cause.variant))
    )
    target = target_of(workload, live=live) if workload is not None and choice.action != "none" else None
    if target is None:
        missing = choice.action != "none"
        reason = "the Deployment was read without UID, generation or version" if missing else choice.reason
        return Plan("none", None, None, reason=reason, recommendations=advice)
    before = desired(workload or {})
    to = after(choice.action, before, replicas=choice.replicas, back_to=choice.back_to)
    return Plan(
        choice.action,
        target,
        choice.replicas,
        reason=choice.reason,
        recommendations=advice[1:],
        change=change_text(choice.action, target, to),
        from_=before,
        to=to,
    )


def _advice(
    cause: Cause, info: Code, workload: KubeObject | None, patient: Service | None, objects: Objects
) -> tuple[str, ...]:
    """Return the remedy and the next steps, each with the data that it costs; where the object is kept, the commit."""
    owner = patient if patient is not None and cause.service in (None, patient.name) else None
    steps = (info.remedy, *advise(cause, info, workload, patient, objects))
    shown = tuple(with_lost_data(step, workload, owner, cause.code) for step in steps)
    keeper = keeper_of(workload, objects) if workload else None
    edited = any(_EDITS.search(step) for step in steps)
    return (*shown, commit_step(keeper, workload)) if keeper and workload and edited else shown


def after(action: Action, before: Desired, *, replicas: int | None = None, back_to: Desired | None = None) -> Desired:
    """Return what a Deployment asks for after a change, as far as the change decides it.

    replicas: of a scaling. back_to: of a rollback. A restart leaves the template's hash open: its time is the
    approval's.
    """
    if action == "scale_deployment":
        return replace(before, replicas=replicas)
    if action == "rollback_deployment" and back_to is not None:
        return replace(back_to, replicas=before.replicas)
    return Desired(before.replicas, None, None)


def change_text(action: Action, target: Target, to: Desired) -> str:
    """Return the change in words, from → to."""
    if action == "scale_deployment":
        return f"scale {target} from {target.replicas} to {_replicas(to.replicas or 0)}"
    if action == "rollback_deployment":
        return f"roll {target} back to revision {to.revision} ({_replicas(target.replicas)})"
    size = "one pod a node" if target.kind == "DaemonSet" else _replicas(target.replicas)
    return f"restart {target} ({size})"


def revision_before(deployment: KubeObject, replica_sets: Iterable[KubeObject]) -> Desired | None:
    """Return what a rollback of the Deployment would go back to; None where no earlier revision was seen."""
    previous = previous_revision(deployment, replica_sets)
    return None if previous is None else Desired(None, str(previous.number), previous.template_hash)


def _broke_with_revision(causes: Sequence[Cause], workload: KubeObject | None, *, known: Catalog, named: bool) -> bool:
    """Return whether a cause states that this very workload is broken since its newest revision.

    named: the code itself is helped by no rollback, so the change has to be the one that brought the fault.
    """
    return any(
        known.is_a(cause.code, "since-change") and cause.object == kube.ref(workload) and (not named or cause.variant)
        for cause in causes
    )


def _doubt(
    cause: Cause,
    info: Code,
    workload: KubeObject | None,
    patient: Service | None,
    graph: CallGraph,
    *,
    proposed: bool,
) -> str:
    """Return why no change is proposed at all, "" where one may be."""
    ref = kube.ref(workload)
    doubts = (
        (cause.code in (UNKNOWN, "") or cause.code != info.code)
        and "without a known cause, a change would only erase its traces",
        cause.confidence < SURE_ENOUGH
        and f"the cause is not sure enough for a change ({cause.confidence:.2f} < {SURE_ENOUGH})",
        not proposed and _no_help(info),
        workload is None and "the Deployment behind it was not seen, so there is nothing that can be changed safely",
        kube.kind(workload) != "Deployment" and f"{ref} is not a Deployment; only Deployments are changed",
        kube.deleting(workload) and f"{ref} is being deleted",
        _elsewhere(cause, patient, graph)
        and f"{cause.service} is not among the services that {patient.name if patient else '?'} calls",
    )
    return next((doubt for doubt in doubts if doubt), "")


def _elsewhere(cause: Cause, patient: Service | None, graph: CallGraph) -> bool:
    """Return whether the declared calls state that the cause is outside this incident."""
    if patient is None or cause.service in (None, patient.name) or not graph.declared or not graph.calls:
        return False
    return cause.service not in graph.below(patient.name)


def _choose(case: _Case) -> _Choice:
    info = case.info
    if case.since_revision and (info.proposes not in ("restart", "scale") or "scaled-down" in info.tags):
        return _rollback(case)
    if "scaled-down" in info.tags or ("dependency" in info.tags and kube.wanted_replicas(case.workload) == 0):
        return _scale_up_again(case)
    if info.proposes == "scale":
        return _scale_out(case)
    return _restart(case)


def _rollback(case: _Case) -> _Choice:
    back_to = revision_before(case.workload, of_kind(case.objects, "ReplicaSet"))
    if back_to is None:
        return _Choice("none", "no earlier revision of the Deployment was seen to go back to")
    if _paused(case.workload):
        return _Choice("none", "its rollouts are paused: nothing can be rolled back (kubectl rollout resume)")
    why = case.info.effect("rollback").why
    why = f"it is broken since its last revision, and revision {back_to.revision} came up: {why}"
    return _Choice("rollback_deployment", why, back_to=back_to)


def _scale_up_again(case: _Case) -> _Choice:
    if kube.wanted_replicas(case.workload) > 0:
        return _Choice("none", "the Deployment asks for replicas again; check again")
    alone = single_writer(case.workload, case.service, case.objects)
    replicas = case.bounds.fit(1 if alone else earlier_replicas(case.workload, case.objects))
    why = f"not more than one: {alone}" if alone else "pods come back as soon as the count is above zero"
    return _Choice("scale_deployment", why, replicas)


def _scale_out(case: _Case) -> _Choice:
    current = kube.wanted_replicas(case.workload)
    alone = single_writer(case.workload, case.service, case.objects)
    scaler = autoscaler_of(case.workload, case.objects)
    wanted = case.bounds.fit(current + max(1, current // 2))
    if alone:
        return _Choice("none", f"more pods would do harm: {alone}")
    if scaler is not None:
        return _Choice("none", f"{kube.ref(scaler)} sets the count: raise its spec.maxReplicas instead")
    if current == 0 or wanted <= current:
        return _Choice("none", f"it has {_replicas(current)} and the configured bound is {case.bounds.most}")
    return _Choice("scale_deployment", case.info.effect("scale").why, wanted)


def _restart(case: _Case) -> _Choice:
    if _paused(case.workload):
        return _Choice("none", "its rollouts are paused: a restart would not begin (kubectl rollout resume)")
    # A variant that proposes a restart needs a new pod: the kubelet's restarts of the container prove nothing.
    vain = "" if case.variant else same_end_again(case.workload, case.objects)
    why = f"a restart may help: {case.info.effect('restart').why}"
    if "dependency" in case.info.tags:
        vain = vain or new_pods_wait(case.workload, case.objects)
        why = f"a restart may help: {kube.name(case.workload)} is what is down, and its pods start but do not recover"
    return _Choice("none", vain) if vain else _Choice("restart_deployment", why)


def _no_help(info: Code) -> str:
    restart = info.effect("restart")
    if all(info.effect(kind).verdict == "no" for kind in EFFECT_KINDS):
        return f"no restart, scaling or rollback fixes this: {restart.why}"
    if restart.verdict == "no":
        return f"a restart does not fix this: {restart.why}"
    return f"a restart is not proposed here, it helps only sometimes: {restart.why}"


def _paused(workload: KubeObject) -> bool:
    return kube.dig(workload, "spec", "paused") is True


def _replicas(count: int) -> str:
    return f"{count} replica" if count == 1 else f"{count} replicas"

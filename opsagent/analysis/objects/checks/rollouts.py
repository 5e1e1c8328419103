"""Workloads that do not have the pods they should: scaled to zero, stuck, or on a bad revision."""

import re

from opsagent.analysis.evidence.revisions import differences, removed_variables
from opsagent.analysis.evidence.rollout import rollout_status
from opsagent.analysis.evidence.spare import is_spare
from opsagent.analysis.evidence.workload_state import is_blip
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.older_template import brought, why_no_better
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject
from opsagent.models.revision import program_hash, revision_number

_IN_PROGRESS = frozenset({"NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetUpdated", "DeploymentResumed"})
# Codes that a new revision alone explains: the program itself does not come up, whatever the reason.
_BAD = "The newest revision does not come up; the one before it did."


def rollout_findings(scene: Scene, workload: KubeObject, explained: list[Finding]) -> list[Finding]:  # noqa: PLR0911 - each return is one rule
    """Return what is wrong with a workload's replicas; `explained` are its pods' findings that carry a cause."""
    if kube.deleting(workload) or kube.kind(workload) not in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        return []
    if kube.kind(workload) != "DaemonSet" and kube.dig(workload, "spec", "replicas") == 0:
        return _zero(scene, workload)
    if not kube.mapping(workload, "status"):
        return []
    if kube.kind(workload) == "Deployment":
        return _deployment(scene, workload, explained)
    status = rollout_status(workload)
    if (
        status.complete
        or explained
        or scene.starting(kube.created(workload))
        or _moving(workload)
        or _starting(scene, workload)
    ):
        return []
    seen = [observe(workload, "status", status.text)]
    if not _counted(workload):
        return []
    return [scene.unexplained(workload, _unsaid(scene), "Not all replicas are ready, and nothing states why.", seen)]


def _zero(scene: Scene, workload: KubeObject) -> list[Finding]:
    if kube.kind(workload) not in ("Deployment", "StatefulSet"):
        return []  # an old ReplicaSet is at zero as it should be
    labels = kube.labels(kube.mapping(workload, "spec", "template"))
    services = scene.services_selecting(kube.namespace(workload), labels)
    others = [
        pod
        for service in services
        for pod in scene.cluster.selected(kube.strings(service, "spec", "selector"), kube.namespace(service))
        if not kube.deleting(pod) and scene.cluster.top(pod) is not workload
    ]
    seen = [observe(workload, "spec.replicas", "0")]
    seen += [
        observe(service, "spec.selector", "points to this workload alone") for service in services[:1] if not others
    ]
    strength = 0.4 if others or is_spare(scene.cluster, workload) else 0.9 if services else 0.7
    name = re.compile(rf"(?<![\w-]){re.escape(kube.name(workload))}(?![\w-])")
    if not others and any(name.search(line) for line in scene.told.unserved):
        strength = 0.9  # requests come for it, and nobody answers them
    summary = f"The {kube.kind(workload)} is scaled to zero: nothing serves."
    return [scene.finding("rollout.zero-replicas", workload, strength, summary, seen)]


def _deployment(scene: Scene, workload: KubeObject, explained: list[Finding]) -> list[Finding]:
    status = rollout_status(workload)
    progressing = kube.condition(workload, "Progressing")
    reason = kube.text(progressing, "reason")
    seen = [observe(workload, "status", status.text)]
    if reason:
        text = ": ".join(part for part in (reason, kube.text(progressing, "message")) if part)
        at = kube.moment(progressing, "lastUpdateTime") or kube.moment(progressing, "lastTransitionTime")
        seen.append(observe(workload, "status.conditions[Progressing]", text, at))
    bad = _bad_revision(scene, workload, explained, seen)
    if status.failed:
        summary = "The rollout is past its deadline: the new revision does not become available."
        strength = 0.4 if explained else 0.85
        return [*bad, scene.finding("rollout.stuck", workload, strength, summary, seen)]
    if bad or explained or status.complete:
        return bad
    if reason in _IN_PROGRESS or scene.starting(kube.created(workload)) or kube.dig(workload, "spec", "paused") is True:
        return []
    if not _counted(workload) or _just_lost(scene, workload) or _starting(scene, workload):
        return []
    return [scene.unexplained(workload, _unsaid(scene), f"Not all replicas are available ({status.text}).", seen)]


def _two_newest(sets: list[KubeObject]) -> tuple[list[KubeObject], KubeObject] | None:
    """Return the ReplicaSets that run what the newest one runs, and the one before the change that made it.

    Revisions that differ by nothing that a program can notice, as those that a restart makes, are one.
    """
    same = [item for item in sets if program_hash(item) == program_hash(sets[-1])]
    others = [item for item in sets if item not in same and revision_number(item) < revision_number(sets[-1])]
    if not others:
        return None
    since = [item for item in same if revision_number(item) > revision_number(others[-1])]
    return since, others[-1]


def _bad_revision(
    scene: Scene, workload: KubeObject, explained: list[Finding], seen: list[Observation]
) -> list[Finding]:
    """The newest revision's pods are broken, while those of the one before serve, or served."""
    sets = sorted(scene.cluster.owned(workload, "ReplicaSet"), key=revision_number)
    apart = _two_newest(sets) if len(sets) > 1 else None
    if apart is None or revision_number(workload) not in (0, revision_number(sets[-1])):
        return []
    newest, before = apart[0][-1], apart[1]
    broken = [pod for item in apart[0] for pod in scene.cluster.owned(item, "Pod") if not kube.is_ready(pod)]
    good = [pod for pod in scene.cluster.owned(before, "Pod") if kube.is_ready(pod) and not kube.deleting(pod)]
    serving = bool(good) or kube.integer(before, "status", "readyReplicas") > 0
    began = kube.created(apart[0][0])
    if not broken or (not serving and (began is None or not scene.recent(began, 6 * 3600))):
        return []
    # Where nothing states why they end, as in a table: all of them do, again and again, beside pods that serve.
    again = not explained and good and all(map(_ends_again, broken))
    if not again and not any(brought(scene.catalog, before, newest, finding) for finding in explained):
        return []
    if why_no_better(scene, broken[0], before, explained):
        return []
    what = ", ".join(differences(before, newest))
    numbers = revision_number(newest), revision_number(before)
    text = f"revision {numbers[0]} has {len(broken)} pod(s) that are not ready; revision {numbers[1]} "
    text += ("still serves" if serving else "came before it") + (f"; changed: {what}" if what else "")
    found = [*seen, observe(newest, "status.readyReplicas", text, began)]
    return _blamed(scene, workload, explained, found, (before, newest), serving=serving, what=what)


def _ends_again(pod: KubeObject) -> bool:
    """Whether a container of a pod ends each time that it is started."""
    return any(
        status.restarts > 1 and kube.text(status.waiting, "reason") == "CrashLoopBackOff"
        for status in kube.container_statuses(pod)
    )


def _blamed(
    scene: Scene,
    workload: KubeObject,
    explained: list[Finding],
    seen: list[Observation],
    revisions: tuple[KubeObject, KubeObject],
    *,
    serving: bool,
    what: str,
) -> list[Finding]:
    generic = all(scene.catalog.is_a(finding.code, "generic") for finding in explained)
    strength = (0.68 if serving else 0.56) if generic else 0.4
    gone = removed_variables(*revisions)
    bad = f"{_BAD} It changed: {what}." if what else _BAD
    if gone and generic:  # a program that lacks a variable it had ends at start
        names = ", ".join(gone[:3])
        told = observe(revisions[1], "spec.template.spec.containers.env", f"{names} no longer set")
        summary = f"The newest revision no longer sets {names}, and its pods do not come up."
        lacking = scene.finding("config.missing-env", workload, 0.7, summary, [*seen, told])
        return [lacking, scene.finding("rollout.bad-revision", workload, 0.6, bad, [*seen, told])]
    variant = "" if generic else "named"
    return [scene.finding("rollout.bad-revision", workload, strength, bad, seen, variant=variant)]


def _unsaid(scene: Scene) -> float:
    """Missing replicas follow from a node that is not ready, where there is one."""
    return 0.3 if scene.sick_nodes else 0.5


def _starting(scene: Scene, workload: KubeObject) -> bool:
    """Whether all that is missing are pods that were started, or stopped being ready, a moment ago."""
    pods = scene.cluster.pods_of(workload)
    unready = [pod for pod in pods if not kube.is_ready(pod) and not is_blip(pod, pods, scene.now)]
    if not unready and len(pods) >= kube.wanted_replicas(workload) > 0:
        return any(not kube.is_ready(pod) for pod in pods)
    begun = [
        max((s.started_at for s in kube.container_statuses(pod) if s.started_at), default=None) or kube.created(pod)
        for pod in unready
    ]
    return bool(begun) and all(scene.starting(at) for at in begun)


def _just_lost(scene: Scene, workload: KubeObject) -> bool:
    """Whether it became unavailable only now: pods are being replaced."""
    available = kube.condition(workload, "Available")
    if kube.text(available, "status") != "False":
        return False
    age = scene.age(kube.moment(available, "lastTransitionTime"))
    return age is not None and age < 30


def _moving(workload: KubeObject) -> bool:
    if kube.kind(workload) == "DaemonSet":
        wanted = kube.integer(workload, "status", "desiredNumberScheduled")
        return kube.integer(workload, "status", "updatedNumberScheduled", default=wanted) < wanted
    newest, current = (kube.text(workload, "status", key) for key in ("updateRevision", "currentRevision"))
    return bool(newest and current and newest != current)


def _counted(workload: KubeObject) -> bool:
    """Whether the status shows how many there are: a status of other fields alone shows nothing."""
    status = kube.mapping(workload, "status")
    keys = ("readyReplicas", "availableReplicas", "unavailableReplicas", "replicas", "numberReady")
    return any(key in status for key in keys) and (
        kube.kind(workload) == "DaemonSet"
        or kube.wanted_replicas(workload) > kube.integer(status, "availableReplicas", default=-1)
    )

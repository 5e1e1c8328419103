"""Objects as kubectl names them on its command line, and the pods behind them."""

from collections.abc import Iterable
from difflib import get_close_matches

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.selectors import covers, selector_of, selects
from opsagent.clients.handed_over.kinds import kind_of
from opsagent.errors import NotFoundError, UsageError
from opsagent.models.observed import KubeObject
from opsagent.models.platform import Platform

SELECTING = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
WITH_PODS = ("Pod", "Service", *SELECTING, "CronJob")


def split_name(text: str) -> tuple[str | None, str]:
    """Return ("Deployment", "web") of "deploy/web", (None, "web") of "web".

    Raises UsageError for a kind that has no pods.
    """
    before, slash, name = text.partition("/")
    if not slash:
        return None, text
    known = kind_of(before)
    if known not in WITH_PODS or not name:
        spelled = ", ".join(f"{kind.lower()}/NAME" for kind in WITH_PODS)
        raise UsageError(f"{text!r} names nothing that has pods", hint=f"use a service, a pod, or {spelled}")
    return known, name


def find(platform: Platform, kind: str, name: str) -> KubeObject:
    """Return one object out of its kind's list, which every role may read; NotFoundError with the nearest names."""
    items = platform.list(kind)
    for item in items:
        if kube.name(item) == name:
            return item
    raise NotFoundError(
        f"there is no {kind} {name} in {platform.where.namespace}",
        source=kind.lower(),
        hint=nearest(name, [kube.name(item) for item in items]) or _listed_by(kind),
    )


def _listed_by(kind: str) -> str:
    return "opsagent pods lists them" if kind == "Pod" else f"kubectl get {kind.lower()} lists them"


def nearest(name: str, names: list[str]) -> str | None:
    """Return "nearest: a, b"; None where nothing is near."""
    near = get_close_matches(name, names, n=3, cutoff=0.4)
    return f"nearest: {', '.join(near)}" if near else None


def pods_behind(platform: Platform, found: KubeObject, pods: Iterable[KubeObject]) -> tuple[KubeObject, ...]:
    """Return those of `pods` that a Service or a workload selects, as the API server reads its selector."""
    kind = kube.kind(found)
    if kind == "Pod":
        return tuple(pod for pod in pods if kube.name(pod) == kube.name(found))
    if kind == "Service":
        return tuple(pod for pod in pods if covers(kube.strings(found, "spec", "selector"), kube.labels(pod)))
    if kind == "CronJob":
        owned = ("CronJob", kube.name(found))
        jobs = {("Job", kube.name(job)) for job in platform.list("Job") if owned in kube.owners(job)}
        return tuple(pod for pod in pods if jobs.intersection(kube.owners(pod)))
    selector = selector_of(found)
    return tuple(pod for pod in pods if selector and selects(selector, kube.labels(pod)))

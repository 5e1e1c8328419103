"""What any object states is wrong in its own conditions: certificates, API services, namespaces, custom resources."""

import re

from opsagent.analysis.logs.matching.engine import matcher_of
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.creation import judge
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

# Kinds that have checks of their own: their conditions are read there, with what they mean.
_JUDGED_ELSEWHERE = frozenset({
    "Pod", "Node", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "HorizontalPodAutoscaler",
    "PodDisruptionBudget", "PersistentVolumeClaim", "PersistentVolume", "Event", "Endpoints", "EndpointSlice",
    "ConfigMap", "Secret", "ServiceAccount", "Lease", "PodMetrics", "NodeMetrics",
})  # fmt: skip
# https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md:
# True is good for these ...
_GOOD = (
    "Ready", "Available", "Healthy", "Established", "Programmed", "Accepted", "ResolvedRefs", "Synced", "Reconciled",
)  # fmt: skip
# ... and bad for those.
_BAD = ("Degraded", "Failed", "Stalled", "Error", "DependenciesNotReady")
_FAILED = ("Failed", "Error", "Degraded", "Unhealthy", "CrashLoopBackOff")  # a phase or a state of an operator's kind
_STARTING_S = 180.0
_CHANGING_S = 120.0  # of an object that has long been there
_ESTABLISHED_S = 3600.0
_NOT_ISSUED = 0.8
_OF_OTHERS = 0.95  # of a phrase's strength: a controller repeats what others report to it
_QUOTA = re.compile(r"exceeded quota: ([a-z0-9][a-z0-9.-]*)")


def condition_findings(scene: Scene) -> list[Finding]:
    """Return objects of any kind that state in their own conditions that they do not work, for longer than a start."""
    found = [f for item in scene.cluster.every() if kube.kind(item) not in _JUDGED_ELSEWHERE for f in _of(scene, item)]
    return found + [f for item in scene.cluster.of("Service") for f in _load_balancer(scene, item)]


def _of(scene: Scene, item: KubeObject) -> list[Finding]:
    if kube.kind(item) == "Namespace":
        return _namespace(scene, item)
    if kube.deleting(item):
        return []
    stated = [entry for entry in _conditions(item) if _is_bad(entry)]
    age = scene.age(kube.created(item))
    patience_s = _CHANGING_S if age is not None and age > _ESTABLISHED_S else _STARTING_S
    lasting = [entry for entry in stated if _lasts(scene, entry, patience_s)]
    if not lasting:
        return []
    first = min(lasting, key=lambda entry: _order(kube.text(entry, "type")))
    seen = [_observed(item, first)]
    seen += [observe_event(e) for e in scene.cluster.events_of(item) if e.warning and scene.recent(e.last, 3600)][-1:]
    if kube.kind(item) == "Certificate":
        issued = _certificate(scene, item, first, seen)
        return [issued if issued.strength > _NOT_ISSUED else _understood(scene, item, seen) or issued]
    if understood := _refusal(scene, item, seen) or _understood(scene, item, seen):
        return [understood]
    kind, message = kube.kind(item), kube.text(first, "message") or kube.text(first, "reason")
    summary = f"{kind} {kube.name(item)} states {kube.text(first, 'type')}={kube.text(first, 'status')}: {message}"
    return [scene.unexplained(item, 0.52, summary[:300], seen, change=kube.ref(item))]


def _conditions(item: KubeObject) -> list[dict[str, object]]:
    """Return an object's conditions: its own, those of its listeners and parents, and a phase that is a failure.

    Gateways and routes state them one level deeper: https://gateway-api.sigs.k8s.io/concepts/conformance/; operators'
    resources often have a phase or a state alone.
    """
    found = kube.dicts(item, "status", "conditions")
    for inner in ("listeners", "parents", "ancestors"):
        for part in kube.dicts(item, "status", inner):
            found = [*found, *kube.dicts(part, "conditions")]
    for key in ("phase", "state"):
        value = kube.text(item, "status", key)
        if not found and value in _FAILED:
            message = kube.text(item, "status", "message") or kube.text(item, "status", "reason")
            found = [{"type": value, "status": "True", "reason": key, "message": message}]
    return found


def _is_bad(entry: dict[str, object]) -> bool:
    kind, status = kube.text(entry, "type"), kube.text(entry, "status")
    return (status == "False" and kind in _GOOD) or (status == "True" and kind in (*_BAD, *_FAILED))


def _lasts(scene: Scene, entry: dict[str, object], patience_s: float) -> bool:
    age = scene.age(kube.moment(entry, "lastTransitionTime"))
    return age is None or age >= patience_s


def _order(kind: str) -> int:
    names = (*_BAD, *_GOOD)
    return names.index(kind) if kind in names else len(names)


def _observed(item: KubeObject, entry: dict[str, object]) -> Observation:
    kind = kube.text(entry, "type")
    parts = [f"{kind}={kube.text(entry, 'status')}", kube.text(entry, "reason"), kube.text(entry, "message")]
    text = ", ".join(part for part in parts if part)
    return observe(item, f"status.conditions[{kind}]", text, kube.moment(entry, "lastTransitionTime"))


def _refusal(scene: Scene, item: KubeObject, seen: list[Observation]) -> Finding | None:
    """What the API server refused to whoever applies a release is the cause, in its own words."""
    for text in (observation.text for observation in seen):
        judged = judge(scene.catalog, text) if "forbidden" in text.lower() or "denied" in text.lower() else None
        if judged is not None:
            change = next((f"ResourceQuota/{name}" for name in _QUOTA.findall(text)), kube.ref(item))
            return scene.finding(judged.code, item, judged.strength, judged.summary, seen, change=change)
    return None


def _understood(scene: Scene, item: KubeObject, seen: list[Observation]) -> Finding | None:
    """What keeps a controller from its work it reports in the words of whoever refused or failed it."""
    for observation in seen:
        for meaning, _ in matcher_of(scene.catalog).fitting(observation.text, "condition"):
            if not meaning.verdict.weak:
                verdict = meaning.verdict
                summary = verdict.summary.replace(" ({what})", "").replace(" {what}", "")
                text = f"{kube.kind(item)} {kube.name(item)} does not come to be: {summary}."
                strength = round(verdict.strength * _OF_OTHERS, 3)
                return scene.finding(verdict.code, item, strength, text, seen, variant=verdict.variant or "")
    return None


def _certificate(scene: Scene, item: KubeObject, entry: dict[str, object], seen: list[Observation]) -> Finding:
    """cert-manager renews a certificate long before it ends; one that is not Ready was not issued or has ended."""
    ends = kube.moment(item, "status", "notAfter")
    over = ends is not None and ends <= scene.now
    if over:
        seen = [*seen, observe(item, "status.notAfter", kube.text(item, "status", "notAfter"))]
    name = kube.name(item)
    said = f" ({reason})" if (reason := kube.text(entry, "reason")) else ""
    summary = f"The certificate {name} has expired." if over else f"The certificate {name} was not issued{said}."
    strength = 0.88 if over or "expired" in kube.text(entry, "message").lower() else _NOT_ISSUED
    return scene.finding("network.tls-certificate", item, strength, summary, seen, change=kube.ref(item))


def _namespace(scene: Scene, item: KubeObject) -> list[Finding]:
    """A namespace that is being deleted takes no new object; what holds it is in its conditions."""
    phase = kube.text(item, "status", "phase")
    since = kube.moment(item, "metadata", "deletionTimestamp")
    if phase != "Terminating" and not kube.deleting(item):
        return []
    held = [e for e in kube.dicts(item, "status", "conditions") if kube.text(e, "status") == "True"]
    age = scene.age(since)
    if not held and age is not None and age < _STARTING_S:
        return []
    seen = [observe(item, "status.phase", "Terminating", since), *(_observed(item, entry) for entry in held[:3])]
    summary = f"The namespace {kube.name(item)} is being deleted"
    summary += ": finalizers or objects hold it, and nothing new can be created in it." if held else "."
    return [scene.finding("namespace.terminating", item, 0.88, summary, seen, change=kube.ref(item))]


def _load_balancer(scene: Scene, service: KubeObject) -> list[Finding]:
    if kube.text(service, "spec", "type") != "LoadBalancer" or kube.dicts(service, "status", "loadBalancer", "ingress"):
        return []
    age = scene.age(kube.created(service))
    told = newest(
        scene.cluster.events_of(service), "SyncLoadBalancerFailed", "AllocationFailed", "UnAvailableLoadBalancer"
    )
    told = [event for event in told if scene.recent(event.last, 3600)]
    if not told or (age is not None and age < _STARTING_S):
        return []
    seen = [observe(service, "status.loadBalancer.ingress", "none"), *(observe_event(event) for event in told[:2])]
    summary = f"The Service {kube.name(service)} gets no external address: {told[0].message}"
    return [scene.unexplained(service, 0.55, summary[:300], seen, change=kube.ref(service))]

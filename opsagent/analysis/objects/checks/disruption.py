"""PodDisruptionBudgets that can never be met: they hold every drain and every eviction."""

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, observe, observe_event
from opsagent.analysis.objects.event import KubeEvent
from opsagent.analysis.objects.selectors import selects
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_REFUSED = ("disruption budget", "cannot evict pod")
_HELD_FOR_S = 600.0
_DRAINS_S = 120.0  # evictions are asked for within seconds of the cordon


def disruption_findings(scene: Scene) -> list[Finding]:
    """Return budgets that allow no disruption while somebody waits for one: a cordoned node, a refused eviction."""
    return [finding for budget in scene.cluster.of("PodDisruptionBudget") if (finding := _budget(scene, budget))]


def _budget(scene: Scene, budget: KubeObject) -> Finding | None:
    allowed = kube.optional_integer(budget, "status", "disruptionsAllowed")
    if allowed is None or allowed > 0:
        return None
    healthy = kube.optional_integer(budget, "status", "currentHealthy")
    wanted = kube.optional_integer(budget, "status", "desiredHealthy")
    if healthy is not None and wanted is not None and healthy < wanted:
        return None  # pods are missing: why they are is the question, the budget does what it is there for
    # A budget that its own figures never allow holds a drain from the first moment; another may only do so for now.
    expected = kube.optional_integer(budget, "status", "expectedPods")
    never = expected is not None and wanted is not None and wanted >= expected > 0
    waiting = _waiting(scene, budget, _DRAINS_S if never else _HELD_FOR_S)
    refused = _refused(scene, budget)
    if not waiting and not refused:
        return None
    rule = _rule(budget)
    seen = [observe(budget, "status.disruptionsAllowed", f"0 ({rule}; {healthy} of {wanted} healthy)")]
    seen += [observe(node, "spec.unschedulable", "true: it is being drained") for node, _ in waiting[:1]]
    seen += [observe_event(event) for event in refused[:2]]
    pod = waiting[0][1] if waiting else None
    summary = f"The disruption budget ({rule}) can never allow an eviction: the drain waits for ever."
    return scene.finding("disruption.blocked", pod or budget, 0.88, summary, seen, change=kube.ref(budget))


def _rule(budget: KubeObject) -> str:
    for key in ("minAvailable", "maxUnavailable"):
        value = kube.dig(budget, "spec", key)
        if value is not None:
            return f"{key} {value}"
    return "no figure given"


def _pods(scene: Scene, budget: KubeObject) -> list[KubeObject]:
    selector = kube.mapping(budget, "spec", "selector")
    space = kube.namespace(budget)
    return [
        pod for pod in scene.cluster.of("Pod") if kube.namespace(pod) == space and selects(selector, kube.labels(pod))
    ]


def _waiting(scene: Scene, budget: KubeObject, patience_s: float) -> list[tuple[KubeObject, KubeObject]]:
    """Return (node, pod) where a pod of the budget still runs on a node that was cordoned a while ago."""
    closed = {
        kube.name(node): node for node in scene.cluster.of("Node") if kube.dig(node, "spec", "unschedulable") is True
    }
    out = []
    for pod in _pods(scene, budget):
        node = closed.get(kube.text(pod, "spec", "nodeName"))
        if node is not None and _held(scene, node, patience_s):
            out.append((node, pod))
    return out


def _held(scene: Scene, node: KubeObject, patience_s: float) -> bool:
    """Whether the drain lasts: everything else that could leave has left, or the cordon is not brand new."""
    taints = [
        t for t in kube.dicts(node, "spec", "taints") if kube.text(t, "key") == "node.kubernetes.io/unschedulable"
    ]
    since = next((at for t in taints if (at := kube.moment(t, "timeAdded"))), None)
    age = scene.age(since)
    return age is None or age >= patience_s


def _refused(scene: Scene, budget: KubeObject) -> list[KubeEvent]:
    about = {kube.name(pod) for pod in _pods(scene, budget)} | {kube.name(budget)}
    events = [e for pod in _pods(scene, budget) for e in scene.cluster.events_of(pod)]
    events += scene.cluster.events_of(budget)
    return [e for e in events if e.name in about and e.said(*_REFUSED) and scene.recent(e.last, 3600)]

"""Calls that nobody answers, as logs report them, held against the network policies of both ends.

Of a Service that is called no more is needed than its name: its endpoints, or the pods that bear it.
"""

from collections.abc import Iterator

from opsagent.analysis.evidence.log_facts import SilentCall
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.policies import admits, applies, opens, rules_text, service_of, shut
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_SHUT, _FROM_UNKNOWN = 0.85, 0.8  # the caller's own namespace is not known


def silent_call_findings(scene: Scene) -> list[Finding]:
    """Return the network policies that let a call through at neither end, which a log reports as unanswered."""
    policies = scene.cluster.of("NetworkPolicy")
    if not policies:
        return []
    return list({f.object: f for call in scene.told.silent for f in _of_call(scene, call, policies)}.values())


def _of_call(scene: Scene, call: SilentCall, policies: list[KubeObject]) -> Iterator[Finding]:
    caller = next((pod for pod in scene.cluster.of("Pod") if call.pod and kube.name(pod) == call.pod), None)
    name, space = service_of(call.host, kube.namespace(caller) if caller else "")
    if scene.cluster.get("Service", name, space):
        return  # judged with its Service
    target = _behind(scene, name, space)
    if target is None:
        return
    for direction, pod, other in (("Ingress", target, caller), ("Egress", caller, target)):
        if pod is None:
            continue
        mine = [one for one in policies if kube.namespace(one) == kube.namespace(pod) and applies(one, pod, direction)]
        side, peers = (direction.lower(), "from" if direction == "Ingress" else "to")
        rules = [rule for policy in mine for rule in kube.dicts(policy, "spec", side)]
        if caller is None and any("namespaceSelector" not in peer for r in rules for peer in kube.dicts(r, peers)):
            continue  # whoever calls may be one of those
        stranger = other or {"kind": "Pod", "metadata": {"name": "", "namespace": ""}}
        if not mine or any(admits(scene, r, peers, stranger, pod) and _open(r, call.port, target) for r in rules):
            continue
        narrow = min(mine, key=lambda policy: len(kube.dicts(policy, "spec", side)))
        who = kube.ref(caller) if caller else "a caller"
        seen = [observe(policy, f"spec.{side}", rules_text(policy, side)) for policy in mine[:2]]
        text = f"The network policy {kube.name(narrow)} does not let {who} reach {name}, and the call gets no answer."
        yield shut(scene, (pod, narrow), _SHUT if caller else _FROM_UNKNOWN, text, [*seen, call.seen])
        return


def _open(rule: dict[str, object], port: int | None, target: KubeObject) -> bool:
    return port is None or opens(rule, {port}, target)


def _behind(scene: Scene, service: str, space: str) -> KubeObject | None:
    """Return a pod behind a Service that was not read: one of its endpoints, else the one that bears its name."""
    pods = [pod for pod in scene.cluster.of("Pod") if kube.namespace(pod) == space]
    behind = scene.cluster.get("Endpoints", service, space)
    addresses = [one for subset in kube.dicts(behind, "subsets") for one in kube.dicts(subset, "addresses")]
    names = {kube.text(one, "targetRef", "name") for one in addresses}
    named = [pod for pod in pods if kube.name(pod) in names]
    alike = [pod for pod in pods if kube.name(pod).startswith(f"{service}-")]
    return next(iter(named or alike), None)

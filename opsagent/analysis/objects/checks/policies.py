"""Network policies that keep traffic from pods which others are instructed to call."""

from collections import defaultdict
from typing import Any

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.given import addresses_of
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.analysis.objects.selectors import selector_text, selects
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_SPACE_NAME = "kubernetes.io/metadata.name"  # a label that every namespace has
_SUFFERED = 0.9  # the log of who is shut in states it, too


def policy_findings(scene: Scene) -> list[Finding]:
    """Return which policies shut off a Service's pods, or forbid a workload what its environment shows it to call."""
    by_space: dict[str, list[KubeObject]] = defaultdict(list)
    for policy in scene.cluster.of("NetworkPolicy"):
        by_space[kube.namespace(policy)].append(policy)
    found: list[Finding] = []
    if not by_space:
        return found
    callers = _callers(scene)
    for service in scene.cluster.of("Service"):
        policies = by_space.get(kube.namespace(service), [])
        pods = (
            scene.cluster.selected(kube.strings(service, "spec", "selector"), kube.namespace(service))
            if policies
            else []
        )
        if pods:
            calling = callers.get((kube.namespace(service), kube.name(service)), [])
            found += _ingress(scene, service, pods[0], policies, calling)
    for item in scene.cluster.workloads():
        pods = scene.cluster.pods_of(item)
        if by_space.get(kube.namespace(item)) and pods:
            found += _egress(scene, item, pods[0], by_space[kube.namespace(item)])
    return found


def _ingress(
    scene: Scene, service: KubeObject, pod: KubeObject, policies: list[KubeObject], callers: list[KubeObject]
) -> list[Finding]:
    mine = [policy for policy in policies if applies(policy, pod, "Ingress")]
    if not mine:
        return []
    rules = [rule for policy in mine for rule in kube.dicts(policy, "spec", "ingress")]
    seen = [observe(policy, "spec.ingress", rules_text(policy, "ingress")) for policy in mine[:2]]
    if not rules:
        summary = f"The network policy {kube.name(mine[0])} lets nobody reach the pods behind {kube.ref(service)}."
        strength = 0.8 if callers else 0.42  # closed on purpose, as far as is known
        return [shut(scene, (pod, mine[0]), strength, summary, seen)]
    for caller in callers:
        source = next(iter(scene.cluster.pods_of(caller)), caller)
        if not any(admits(scene, rule, "from", source, pod) for rule in rules):
            narrow = max(mine, key=lambda policy: bool(kube.dicts(policy, "spec", "ingress")))
            summary = (
                f"The network policy {kube.name(narrow)} does not let {kube.ref(caller)} reach {kube.ref(service)}."
            )
            labels = selector_text(kube.labels(source))
            seen.append(observe(source, "metadata.labels", labels))
            strength = 0.9 if any(_in_vain(scene, one) for one in scene.cluster.pods_of(caller)) else 0.8
            return [shut(scene, (pod, narrow), strength, summary, seen)]
    wanted = {number for port in kube.dicts(service, "spec", "ports") for number in _pod_ports(port, pod)}
    if wanted and not any(opens(rule, wanted, pod) for rule in rules):
        summary = (
            f"The network policy {kube.name(mine[0])} opens other ports than the one {kube.ref(service)} points to."
        )
        return [shut(scene, (pod, mine[0]), 0.78, summary, seen)]
    return []


def _egress(scene: Scene, workload: KubeObject, pod: KubeObject, policies: list[KubeObject]) -> list[Finding]:
    mine = [policy for policy in policies if applies(policy, pod, "Egress")]
    if not mine:
        return []
    rules = [rule for policy in mine for rule in kube.dicts(policy, "spec", "egress")]
    vain = [service for one in scene.cluster.pods_of(workload) for service in _in_vain(scene, one)]
    targets = [*vain, *_targets(scene, workload)]
    seen = [observe(policy, "spec.egress", rules_text(policy, "egress")) for policy in mine[:2]]
    if not rules:
        summary = f"The network policy {kube.name(mine[0])} lets {kube.ref(workload)} reach nothing, not even DNS."
        names = {kube.name(one) for one in scene.cluster.pods_of(workload)}
        suffers = bool(names & (scene.told.unresolving | scene.told.in_vain.keys()))
        strength = _SUFFERED if suffers else 0.75 if targets else 0.55
        return [shut(scene, (workload, mine[0]), strength, summary, seen)]
    for service in targets:
        pods = scene.cluster.selected(kube.strings(service, "spec", "selector"), kube.namespace(service))
        if pods and not any(_lets_out(scene, rule, service, pods[0], pod) for rule in rules):
            summary = (
                f"The network policy {kube.name(mine[0])} does not let {kube.ref(workload)} reach {kube.ref(service)}."
            )
            strength = _SUFFERED if service in vain else 0.8
            return [shut(scene, (workload, mine[0]), strength, summary, seen)]
    if targets and not any(opens(rule, {53}, pod) for rule in rules):
        summary = f"The network policy {kube.name(mine[0])} keeps {kube.ref(workload)} from DNS (port 53)."
        return [shut(scene, (workload, mine[0]), 0.6, summary, seen)]
    return []


def shut(
    scene: Scene, whom: tuple[KubeObject, KubeObject], strength: float, summary: str, seen: list[Observation]
) -> Finding:
    """Return a finding about who is shut in or off, and the policy that does it."""
    subject, policy = whom
    return scene.finding("network.policy", subject, strength, summary, seen, change=kube.ref(policy))


def _lets_out(scene: Scene, rule: dict[str, Any], service: KubeObject, target: KubeObject, pod: KubeObject) -> bool:
    """Return whether a rule lets a pod reach a target at a port of its Service: a rule is of both, peers and ports."""
    wanted = {number for port in kube.dicts(service, "spec", "ports") for number in _pod_ports(port, target)}
    return admits(scene, rule, "to", target, pod) and (not wanted or opens(rule, wanted, target))


def applies(policy: KubeObject, pod: KubeObject, direction: str) -> bool:
    """Return whether a policy is about a pod's traffic in a direction, "Ingress" or "Egress"."""
    types = kube.words(policy, "spec", "policyTypes")
    if not types:  # the API server's default
        types = ["Ingress", "Egress"] if kube.dicts(policy, "spec", "egress") else ["Ingress"]
    selector = kube.dig(policy, "spec", "podSelector", default=None)
    return direction in types and isinstance(selector, dict) and selects(selector, kube.labels(pod))


def admits(scene: Scene, rule: dict[str, Any], side: str, other: KubeObject, pod: KubeObject) -> bool:
    """Return whether a rule names the other side, under "from" or "to", as a peer of a pod."""
    peers = kube.dicts(rule, side)
    return not peers or any(_peer(scene, peer, other, pod) for peer in peers)


def _peer(scene: Scene, peer: dict[str, Any], other: KubeObject, pod: KubeObject) -> bool:
    if "ipBlock" in peer:
        return True  # which addresses it covers is not known here
    spaces = peer.get("namespaceSelector")
    if isinstance(spaces, dict):
        space = scene.cluster.get("Namespace", kube.namespace(other))
        known = kube.labels(space) if space else {}
        known = known | {_SPACE_NAME: kube.namespace(other)}
        named = kube.strings(spaces, "matchLabels").get(_SPACE_NAME, kube.namespace(other))
        if named != kube.namespace(other) or (space is not None and not selects(spaces, known)):
            return False
    elif kube.namespace(other) != kube.namespace(pod):
        return False
    pods = peer.get("podSelector")
    labels = kube.labels(other) if kube.kind(other) == "Pod" else kube.labels(kube.mapping(other, "spec", "template"))
    return not isinstance(pods, dict) or selects(pods, labels)


def opens(rule: dict[str, Any], wanted: set[int], pod: KubeObject) -> bool:
    """Return whether a rule opens one of the ports that are wanted of a pod."""
    ports = kube.dicts(rule, "ports")
    if not ports:
        return True
    for port in ports:
        first = port.get("port")
        if isinstance(first, str):
            first = next((number for name, number in _named(pod) if name == first), None)
        if first is None or not isinstance(first, int):
            return True  # no port means all of them; an unknown name cannot be judged
        last = kube.integer(port, "endPort", default=first)
        if any(first <= number <= last for number in wanted):
            return True
    return False


def _named(pod: KubeObject) -> list[tuple[str, int]]:
    return [
        (kube.text(port, "name"), kube.integer(port, "containerPort"))
        for container in kube.containers(pod)
        for port in kube.dicts(container.raw, "ports")
    ]


def _pod_ports(port: dict[str, Any], pod: KubeObject) -> list[int]:
    target = port.get("targetPort", port.get("port"))
    if isinstance(target, str):
        return [number for name, number in _named(pod) if name == target]
    return [target] if isinstance(target, int) else []


def _targets(scene: Scene, workload: KubeObject) -> list[KubeObject]:
    found = [
        scene.cluster.get("Service", a.host.split(".")[0], kube.namespace(workload))
        for a in addresses_of(workload, scene.cluster)
    ]
    return [service for service in found if service is not None]


def _callers(scene: Scene) -> dict[tuple[str, str], list[KubeObject]]:
    grouped: dict[tuple[str, str], list[KubeObject]] = defaultdict(list)
    for workload in scene.cluster.workloads():
        for service in _targets(scene, workload):
            grouped[kube.namespace(service), kube.name(service)].append(workload)
    for pod in scene.cluster.of("Pod"):
        for service in _in_vain(scene, pod):
            grouped[kube.namespace(service), kube.name(service)].insert(0, scene.cluster.top(pod))
    return grouped


def _in_vain(scene: Scene, pod: KubeObject) -> list[KubeObject]:
    """Return the Services that do not answer a pod's calls, by its log."""
    hosts = scene.told.in_vain.get(kube.name(pod), frozenset())
    space = kube.namespace(pod)
    named = [scene.cluster.get("Service", *service_of(host, space)) for host in hosts]
    by_address = [
        item for item in scene.cluster.of("Service") if hosts and kube.text(item, "spec", "clusterIP") in hosts
    ]
    return [service for service in (*named, *by_address) if service is not None]


def service_of(host: str, space: str) -> tuple[str, str]:
    """Read "pg", "pg.shop" or "pg-0.pg.shop.svc.cluster.local" as a Service's name and namespace."""
    parts = host.removesuffix(".cluster.local").removesuffix(".svc").split(".")
    return (parts[-2], parts[-1]) if len(parts) > 1 else (parts[0], space)


def rules_text(policy: KubeObject, side: str) -> str:
    """Return whom a policy lets through on a side, "ingress" or "egress", in a few words."""
    rules = kube.dicts(policy, "spec", side)
    pods = selector_text(kube.dig(policy, "spec", "podSelector")) or "all pods"
    if not rules:
        return f"{pods}: nothing is allowed"
    peers = [peer for rule in rules for peer in kube.dicts(rule, "from" if side == "ingress" else "to")]
    texts = [selector_text(peer.get("podSelector")) or "any pod" for peer in peers[:3]]
    return f"{pods}: {len(rules)} rule(s), {' or '.join(texts) or 'any peer'}"

"""Why a pod has no node, or is not admitted: what the scheduler and the quotas say in events and pasted text."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.matching.rules.rule import Rule, rule

# The scheduler speaks of nodes, and counts them; a program's own plans and pools do not.
_NODES = r"(?:nodes? (?:are|is) available|FailedScheduling|\b\d+ (?=insufficient|too many)|insufficient [^(]{1,60}\(\d+\)|predicate|OutOf(?:cpu|memory|pods)|didn't have enough)"
_TOLERATED = r"\btolerat(?:es|ing|ions?)\b"
_OF_NODES = r"\bnode(?:s|\(s\))? "

SCHEDULING: tuple[Rule, ...] = (
    rule(
        "scheduling.extended-resource",
        0.85,
        0,
        "insufficient",
        rf"^(?=.*{_NODES}).*insufficient (?:[a-z0-9.-]+\.[a-z]+/[\w.-]+|hugepages\S*|ephemeral-storage)",
        "no node has the extended resource that the pod asks for",
    ),
    rule(
        "scheduling.cpu",
        0.85,
        0,
        "insufficient cpu|outofcpu|resource: cpu",
        rf"^(?=.*{_NODES}).*insufficient cpu\b|\bOutOfcpu\b|have enough resource: cpu",
        "no node has as much CPU left as the pod requests",
    ),
    rule(
        "scheduling.memory",
        0.85,
        0,
        "insufficient memory|outofmemory|resource: memory",
        rf"^(?=.*{_NODES}).*insufficient memory\b(?! available)|\bOutOfmemory(?= )|have enough resource: memory",
        "no node has as much memory left as the pod requests",
        unless=r"overcommit|(?:mapped|allocat|jvm|native)",
    ),
    rule(
        "scheduling.too-many-pods",
        0.85,
        0,
        "too many pods|outofpods|resource: pods",
        rf"^(?=.*{_NODES}).*too many pods\b|\bOutOfpods\b|have enough resource: pods",
        "the nodes hold as many pods as they may",
    ),
    rule(
        "scheduling.pod-anti-affinity",
        0.85,
        0,
        "affinity",
        rf"{_OF_NODES}(?:didn't|did not|do not|don't) (?:match|satisfy)[^,.]{{0,30}}pods? anti-?affinity|existing pods anti-?affinity",
        "a pod anti-affinity rule leaves no node for the pod",
    ),
    rule(
        "scheduling.node-selector",
        0.85,
        0,
        "selector|affinity",
        rf"{_OF_NODES}(?:didn't|did not|doesn't) match (?:pod's )?node (?:affinity/)?selector|MatchNodeSelector|NodeAffinity failed",
        "no node carries the labels that the pod's node selector or affinity asks for",
    ),
    rule(
        "scheduling.node-affinity",
        0.85,
        0,
        "affinity",
        rf"{_OF_NODES}(?:didn't|did not|doesn't) match (?:pod's )?node affinity",
        "no node satisfies the pod's node affinity",
    ),
    rule(
        "volume.selector",
        0.7,
        1,
        "volume node affinity",
        rf"{_OF_NODES}had (?:a )?volume node affinity conflict",
        "the pod's volume lives where the pod may not run",
    ),
    rule(
        "node.pressure",
        0.75,
        0,
        "pressure",
        r"taint[^,]{0,40}node\.kubernetes\.io/(?:disk|memory|pid)-pressure|NodeHas(?:Disk|Memory|PID)Pressure|(?:Disk|Memory|PID)Pressure\s+True",
        "a node is short of disk, memory or process ids",
        unless=_TOLERATED,
    ),
    rule(
        "node.not-ready",
        0.75,
        0,
        "not-ready|unreachable|nodenotready|not ready",
        r"taint[^,]{0,40}node\.kubernetes\.io/(?:not-ready|unreachable)|\bNodeNotReady\b|node \S+ (?:status is now: NodeNotReady|is not ready(?! (?:for|to)\b))|Kubelet stopped posting node status|Ready\s+(?:False|Unknown)\s.*(?:Kubelet|NodeStatusUnknown)",
        "a node is not ready",
        unless=_TOLERATED,
    ),
    rule(
        "scheduling.cordoned",
        0.8,
        0,
        "unschedulable",
        r"node\(?s?\)? were unschedulable|taint[^,]{0,40}node\.kubernetes\.io/unschedulable|SchedulingDisabled",
        "the nodes are cordoned",
        unless=_TOLERATED,
    ),
    rule(
        "scheduling.taint",
        0.8,
        0,
        "taint",
        r"node(?:s|\(s\))? had (?:untolerated )?taints?\b|had untolerated taint|pod didn't tolerate|PodToleratesNodeTaints",
        "the pod does not tolerate the taint of the nodes",
    ),
    rule(
        "volume.storage-class",
        0.85,
        0,
        "storageclass|storage class|provision",
        r"storageclass\S* \"?[^\"]*\"? not found|no (?:storage ?class is set|default StorageClass)|no volume plugin matched|waiting for a volume to be created[^.]*external provisioner",
        "the claim asks for a storage class that cannot serve it",
        unless=r"\b(?:bucket|object(?!=)|s3)\b",
    ),
    rule(
        "volume.storage-class",
        0.55,
        2,
        "unbound",
        r"unbound immediate PersistentVolumeClaims",
        "the pod waits for a claim that is not bound",
    ),
    rule(
        "volume.capacity",
        0.75,
        1,
        "volume|pv|free storage",
        r"requested PV too small|did not have enough free storage|(?:request|claim|size)\w*\b.{0,60}exceeds? the capacity of|insufficient (?:capacity|free space) .{0,30}volume",
        "no volume is as large as the claim asks for",
    ),
    rule(
        "volume.access-mode",
        0.8,
        1,
        "access|multi_node|multi-node|capabilit|readwrite",
        r"incompatible access ?modes?|access ?modes? \S+ (?:is |are )?(?:not supported|unsupported|invalid)|(?:unsupported|invalid) access ?modes?|MULTI_NODE_\w+(?: access ?mode)? (?:is |are )?(?:not supported|unsupported)|Only AccessModes?\[|volume capabilit\w+ (?:\S+ ){1,4}(?:not supported|unsupported)|only supports? (?:the )?(?:access ?modes? )?(?:ReadWriteOnce|SINGLE_NODE)|does not support (?:access mode )?(?:ReadWriteMany|multi-?node)|multi-node (?:single|multi)-writer.{0,40}not supported",
        "the volume cannot be used in the access mode that the claim asks for",
        unless=r"\b(?:file|handle|stream|document)\b",
    ),
)

QUOTA: tuple[Rule, ...] = (
    rule("quota.limit-range", 0.9, 0, "usage per|per container|per pod|must specify|limit to request", r"(?:maximum|minimum) (?:cpu|memory|storage|\S+) usage per (?:container|pod|\S*claim)|max limit to request ratio|must specify (?:limits|requests)\.(?:cpu|memory)|failed quota: \S+ must specify",
         "the namespace's LimitRange does not admit the pod's requests or limits"),
    *(
        rule(f"quota.{kind}", 0.9, 0, "requested:|quota", rf"requested:\s*[^:]{{0,60}}\b(?:{words})=[^:]{{0,120}}used:|\b(?:{words}).{{0,20}}quota (?:is )?(?:exceeded|full|reached)(?! (?:for|soon))", f"the namespace's quota of {kind} is used up")
        for kind, words in (
            ("services", r"services\S*|count/services"), ("storage", r"requests\.storage|persistentvolumeclaims|\S+storageclass\S+|requests\.ephemeral-storage"),
            ("memory", r"(?:requests\.|limits\.)?memory"), ("cpu", r"(?:requests\.|limits\.)?cpu"), ("pods", r"(?:count/)?pods"),
        )
    ),
)  # fmt: skip

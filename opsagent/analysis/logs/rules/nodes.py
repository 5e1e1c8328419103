"""What says that a node or a part of the cluster itself does not work: kubelet, run-time, proxy, scheduler, Services."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.rules.rule import Rule, rule

NODE: tuple[Rule, ...] = (
    rule(
        "node.runtime-down",
        0.8,
        0,
        "runtime|pleg|containerd|docker",
        r"PLEG is not healthy|container runtime is (?:down|not running)|container runtime status check may not have completed|containerd\.sock: connect: (?:connection refused|no such file)|Cannot connect to the Docker daemon|dockerd? .{0,30}not responding|rpc error.{0,60}(?:containerd|crio)\.sock",
        "the node's container run-time does not answer",
    ),
    rule(
        "node.kubelet-down",
        0.8,
        0,
        "kubelet|10250|10248",
        r"kubelet (?:health\w* \S* ?(?:fail|refus|unhealthy)|(?:is not|isn't) (?:running|healthy|ready|responding|answering|posting)|stopped|failed)|:1025?[0-9]{2}.{0,40}connection refused.*kubelet|failed to run kubelet|localhost:10248/healthz|:10250.{0,60}connect: connection refused|auxiliary tools: kubelet health",
        "the node's kubelet does not answer",
        unless=r"is healthy|kubelet health check passed",
    ),
    rule(
        "node.not-ready",
        0.75,
        1,
        "cni|network plugin|networkplugin|networknotready|network not ready",
        r"cni plugin not initialized|network plugin is not ready|NetworkPluginNotReady|runtime network not ready|NetworkNotReady",
        "the node's pod network is not set up",
    ),
    rule(
        "node.kube-proxy-down",
        0.75,
        0,
        "kube-proxy|iptables",
        r"kube-proxy.{0,80}(?:panic|crash|not running|failed to)|Failed to execute iptables-restore|failed to ensure that nat chain",
        "kube-proxy does not keep the node's Service rules up to date",
    ),
    rule(
        "node.scheduler-down",
        0.75,
        0,
        "scheduler",
        r"kube-scheduler\S*:? (?:pod )?(?:is |was )?(?:not running|crash\w*|unhealthy|down)\b|kube-scheduler.{0,80}(?:connection refused|panic:)|scheduler +Unhealthy",
        "the scheduler does not work",
    ),
    rule(
        "rollout.stuck",
        0.7,
        4,
        "progressdeadline|exceeded its progress|timed out progressing",
        r"ProgressDeadlineExceeded|(?:deployment|replica ?set|rollout)\b.{0,120}(?:exceeded its progress deadline|has timed out progressing)",
        "the rollout has passed its deadline",
    ),
    rule(
        "service.no-endpoints",
        0.8,
        2,
        "endpoint|upstream|backend",
        r"no endpoints available for service|does not have any active endpoints?|no (?:available|ready|healthy) endpoints|no healthy upstream|service \S+ has no (?:active |ready )?endpoints|no available server(?! (?:in|for)\b)|backend \S+ has no server available",
        "a Service has no ready pod behind it",
        blames=True,
    ),
)

"""What says that a node or a part of the cluster itself does not work: kubelet, run-time, proxy, scheduler, Services."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.matching.rules.rule import Rule, rule

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
        "node.scheduler-down",
        0.85,
        0,
        "kube-scheduler",
        r"\bkube-scheduler-\S+ +0/\d+ +(?:CrashLoopBackOff|Error|CreateContainer\w*Error|RunContainerError|Completed)\b",
        "the scheduler does not run",
    ),
    rule(
        "node.kube-proxy-down",
        0.85,
        0,
        "kube-proxy",
        r"\bkube-proxy-\S+ +0/\d+ +(?:CrashLoopBackOff|Error|CreateContainer\w*Error|RunContainerError)\b",
        "kube-proxy does not run",
    ),
    *(
        rule(
            f"node.{code}",
            0.85,
            0,
            f"{roots}",
            rf"\b(?:{names})(?:-agent|-server)?(?:\.service)?(?:\[\d+\])?: (?:.*[Rr]estart counter is at (?:[3-9]|\d{{2,}})\b|Start request repeated too quickly|.*\"command failed\" err=|.*failed to run Kubelet|.*Unit entered failed state)",
            summary,
        )
        for code, roots, names, summary in (
            ("kubelet-down", "kubelet|k3s|rke2", "kubelet|k3s|rke2", "the node's kubelet does not stay up"),
            (
                "runtime-down",
                "containerd|crio|docker",
                "containerd|crio|docker",
                "the node's container run-time does not stay up",
            ),
            ("kube-proxy-down", "kube-proxy", "kube-proxy", "kube-proxy does not stay up"),
            ("scheduler-down", "kube-scheduler", "kube-scheduler", "the scheduler does not stay up"),
        )
    ),
    rule(
        "rollout.bad-revision",
        0.8,
        1,
        "roll|canary|release|analysis",
        r"\bRolloutAborted\b|rollout (?:was |is )?aborted|(?:canary|blue/?green|bluegreen|progressive delivery)\b.{0,60}\b(?:failed|aborted|rolled back|rolling back|halted|is below)|rolling back \S+(?: \S+)? (?:failed checks|progress deadline|to (?:the )?(?:previous|stable|last))|failed checks threshold reached|has been (?:rolled back|uninstalled) due to atomic|automatic(?:ally)? roll(?:ed|ing)?[ -]?back|rollback_started|deployment circuit breaker.{0,60}roll|(?:deployment|release|revision|rollout|upgrade|update|version)\b.{0,80}(?:failed|unhealthy|degraded|did not become).{0,60}\b(?:rolling|rolled) back|metric \S+ assessed Failed|analysis (?:run )?\S* ?(?:failed|phase (?:error/)?failed)",
        "the new revision failed its checks and was taken back",
        unless=r"transaction|savepoint|\bsql\b|database|migration|commit",
    ),
    rule(
        "service.port-mismatch",
        0.85,
        1,
        "port",
        r"service port (?:\S+ )?(?:is )?(?:not found|unknown|missing)|service \S+ (?:does not have|has no|does not expose|lacks) (?:a )?(?:service )?port\b|(?:cannot|could not|unable to|failed to) (?:find|resolve) (?:the )?(?:service |target )?port \S+ (?:on|in|of|for) (?:the )?service|port \S+ (?:is |was )?(?:not found|not defined|not exposed|does not exist) (?:on|in|by|for) (?:the )?service|no (?:matching )?(?:service )?port \S+ (?:found )?(?:on|in|for|of) (?:the )?service|referenced port not found|unresolved service reference.{0,60}port",
        "the port that is asked for is none of the Service's",
    ),
    rule(
        "rollout.stuck",
        0.7,
        4,
        "progressdeadline|for the condition|upgrade failed|exceeded its progress|timed out progressing",
        r"ProgressDeadlineExceeded|(?:^| )error: timed out waiting for the condition(?: on (?:deployment|statefulset|daemonset)\S*)?\s*$|UPGRADE FAILED: (?:.{0,40}timed out waiting|context deadline|.{0,40}not ready)|(?:deployment|replica ?set|rollout)\b.{0,120}(?:exceeded its progress deadline|has timed out progressing)",
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

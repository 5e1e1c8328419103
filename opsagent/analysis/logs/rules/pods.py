"""What the kubelet and the kernel say of a pod: its image, what it refers to, its end, its probes."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.rules.rule import Rule, rule

# An image of containers has a name with a tag, or somebody pulls it; a gallery's has a number.
_PULL = r"(?:\bpull(?:ing|ed)?\b|manifest|(?:image|container|docker|oci) registry|registry\S*/v2/|/v2/\S*manifests|ErrImagePull|ImagePullBackOff|\bimage:? \\?[\"']?[a-z0-9][\w./-]*(?::\d+/[\w./-]+)?(?::[\w.-]+|@sha256)|\bimage \\?[\"'])"
_PROBE = r"probe\b[^:]{0,60}\b(?:failed|errored)\b.*"
# The kubelet speaks HTTP to TLS, TLS to HTTP, HTTP/1 to HTTP/2, or gRPC to what knows no health service.
_PROTOCOL = r"(?:malformed HTTP|HTTP request to an HTTPS server|HTTP response to HTTPS|tls: first record|wrong version|transport connection broken|record header|unknown service grpc\.health|does not implement the grpc health|http2: (?:frame too large|server)|error reading server preface)"

IMAGE: tuple[Rule, ...] = (
    rule("network.tls-certificate", 0.8, 0, "x509", rf"{_PULL}.*x509:", "the registry's certificate is not trusted"),
    rule(
        "image.auth",
        0.85,
        0,
        "pull|image",
        rf"{_PULL}.*(?:unauthorized|authentication required|no basic auth credentials|401 Unauthorized|403 Forbidden|incorrect username or password|invalid (?:token|credentials))|Unable to retrieve some image pull secrets",
        "the registry refuses the credentials with which the image is pulled",
        unless=r"may require|does not exist|visitor|thumbnail|avatar|gallery",
    ),
    rule(
        "image.not-found",
        0.85,
        0,
        "pull|image|manifest",
        rf"{_PULL}.*(?:manifest (?:unknown|for \S+ not found)|: not found\b|not found: |does not exist|no such manifest|name unknown|tag \S+ not found|requested access to the resource is denied)|InvalidImageName|couldn't parse image (?:name|reference)|invalid reference format",
        "there is no such image or tag",
        unless=r"not found in (?:the )?(?:local|cache|store)|not (?:found )?locally|thumbnail|avatar|gallery",
    ),
    rule(
        "image.registry-unreachable",
        0.85,
        0,
        "pull|image|registry",
        rf"{_PULL}.*(?:no such host|i/o timeout|connection refused|handshake timeout|server misbehaving|network is unreachable|context deadline exceeded|Client\.Timeout|connection reset|503 Service|Temporary failure)",
        "the image registry cannot be reached",
        unless=r"webhook|upload|thumbnail",
    ),
    rule(
        "image.registry-unreachable",
        0.7,
        0,
        "toomanyrequests|pull rate",
        r"toomanyrequests|reached your pull rate limit",
        "the image registry refuses further pulls for now",
    ),
    rule(
        "image.not-found",
        0.55,
        2,
        "imagepull|pulling image|errimage",
        r"\bErrImagePull\b|\bImagePullBackOff\b|back-?off pulling image|Failed to pull image",
        "the image cannot be pulled",
    ),
)

POD: tuple[Rule, ...] = (
    rule(
        "access.service-account-missing",
        0.9,
        0,
        "service",
        r"serviceaccounts? \"?[^\"]+\"? not found(?! in (?:the |its )?(?:cache|store|index))|error looking up service account",
        "the pod's service account does not exist",
    ),
    rule(
        "config.missing-object",
        0.9,
        0,
        "configmap|secret",
        r"(?:configmaps?|secrets?)\s+\\?[\"'][^\"']+[\"'] not found|couldn't find key \S+ in (?:ConfigMap|Secret)|references non-existent (?:config|secret) key|(?:configmap|secret) \S+ (?:does not exist|not registered)",
        "a ConfigMap, a Secret or a key in one that the pod refers to does not exist",
    ),
    rule(
        "config.missing-object",
        0.6,
        1,
        "configerror",
        r"\bCreateContainerConfigError\b",
        "the container's configuration refers to something that does not exist",
    ),
    rule(
        "pod.evicted",
        0.85,
        1,
        "evict|low on resource|ephemeral",
        r"\bEvicted\b|node was low on resource|pod (?:was )?evicted|exceeds? the (?:total )?limit of (?:ephemeral|containers)|usage exceeds the total limit|ephemeral local storage usage exceeds",
        "the pod was evicted from its node",
        unless=r"evicted (?:\d+ )?(?:keys?|entries|items|from cache)|cache|idle conn|session",
    ),
    rule(
        "pod.oom-killed",
        0.92,
        0,
        "oom|out of memory: kill|memory cgroup",
        r"\bOOMKilled\b|\bOOMKilling\b|Out of memory: Kill(?:ed)? process|oom-kill:|Memory cgroup out of memory|invoked oom-killer|oom_reaper|SystemOOM|reason: ?\"?OOM",
        "the kernel killed a process because memory ran out",
        unless=r"OOMKilled\b[\w \"']{0,20}[:=]\s*(?:false|0\b)|\b(?:0|no|not|never|zero) (?:\w+ )?(?:was |were )?OOMKilled|oom_score_adj",
    ),
    rule(
        "pod.oom-killed",
        0.75,
        0,
        "perhaps out of memory|signal: killed|137",
        r"SIGKILL\)?!? Perhaps out of memory|(?:signal: killed|exit(?:ed)?(?: with)?(?: (?:code|status))?:? ?137).{0,40}(?:oom|memory)",
        "a process was killed, probably for its memory",
    ),
    rule(
        "pod.oom-killed",
        0.55,
        2,
        "killed",
        r"^(?:\S+: )?(?:line \d+: +\d+ )?Killed(?:\s{2,}.*|\s+python.*|\s+node.*|\s+java.*)?$|exited? (?:with )?(?:code|status):? ?137\b|\(signal: 9\)|was terminated by signal 9|Killed process",
        "a process was killed from outside",
    ),
    rule(
        "pod.bad-command",
        0.85,
        0,
        "",
        r"exec format error|executable file not found|exec: \\?\"[^\"]+\\?\": (?:stat|permission|no such|is a directory)|OCI runtime (?:exec|create) failed|bad interpreter|exec user process caused|starting container process caused|ContainerCannotRun|failed to create (?:containerd|shim) task",
        "the container's command cannot be run",
    ),
    rule(
        "probe.liveness-protocol",
        0.75,
        1,
        "liveness probe",
        rf"liveness {_PROBE}{_PROTOCOL}",
        "the liveness probe speaks another protocol than the program",
    ),
    rule(
        "probe.readiness-protocol",
        0.75,
        1,
        "readiness probe",
        rf"readiness {_PROBE}{_PROTOCOL}",
        "the readiness probe speaks another protocol than the program",
    ),
    rule(
        "probe.liveness-timing",
        0.6,
        3,
        "liveness probe|startup probe",
        rf"(?:liveness|startup) {_PROBE}(?:context deadline exceeded|timed? ?out|timeout)",
        "the liveness probe gives up before the program answers",
    ),
    rule(
        "probe.readiness-timing",
        0.6,
        3,
        "readiness probe",
        rf"readiness {_PROBE}(?:context deadline exceeded|timed? ?out|timeout)",
        "the readiness probe gives up before the program answers",
    ),
    rule(
        "probe.liveness-port",
        0.55,
        3,
        "liveness probe|startup probe",
        rf"(?:liveness|startup) {_PROBE}connection refused",
        "nothing listens where the liveness probe looks",
    ),
    rule(
        "probe.readiness-port",
        0.55,
        3,
        "readiness probe",
        rf"readiness {_PROBE}connection refused",
        "nothing listens where the readiness probe looks",
    ),
    rule(
        "probe.failing",
        0.7,
        3,
        "probe",
        r"(?:liveness|readiness|startup) probe (?:failed|errored)|failed (?:liveness|readiness|startup) probe",
        "the program fails its probe",
    ),
)

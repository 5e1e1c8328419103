"""The records of one incident, as the views get them: blog-service waits for a lock on its database."""

from datetime import UTC, datetime, timedelta

from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.evidence import Cause, Change, Evidence, Observation, Symptom, Trend
from opsagent.models.ignore import Ignored
from opsagent.models.incident import Analysis, Report, Step
from opsagent.models.observed import HealthAnswer, Skipped, Where
from opsagent.models.panel import Panel
from opsagent.models.plan import ActionRecord, Answer, Plan, Risk, Target, Verification
from opsagent.models.status import (
    ContainerDescription,
    Gauge,
    HealthReport,
    LogExcerpt,
    LogMatch,
    PodDescription,
    PodList,
    PodSummary,
    ServiceFigures,
    ServiceLogs,
    ServiceStatus,
    SystemStats,
    TrafficMetrics,
)

AT = datetime(2026, 11, 22, 12, 25, 45, tzinfo=UTC)
POD = "local-blog-service-deployment-6b5d9f8c77-zk4mh"
DEPLOYMENT = "local-blog-service-deployment"
BALANCER_LOG = "logs/local-load-balancer-deployment-6c9f7d5b8-h4tzq/load-balancer-container.log:L12"


def later(seconds: float) -> datetime:
    """Return the time so many seconds after the first check."""
    return AT + timedelta(seconds=seconds)


WHERE = Where("titanium-local", "https://10.0.0.5:6443", "kind-titanium")
EVIDENCE = (
    Evidence("E1", "stats", "stats:blog_service", '{"service_status": "offline"}', AT),
    Evidence("E2", "objects", f"Pod/{POD}:status.conditions[1]", "Ready=False since 12:25:36", AT),
    Evidence(
        "E3",
        "logs",
        f"logs/{POD}/blog-service-container.log:L88",
        "Traceback (most recent call last):\n  ...\nsqlite3.OperationalError: database is locked",
        later(-8),
    ),
    Evidence(
        "E5",
        "logs",
        BALANCER_LOG,
        'stats of blog-service: Get "http://local-blog-service:8005/stats": context deadline exceeded '
        "(Client.Timeout exceeded while awaiting headers)",
        later(-6),
    ),
    Evidence("E7", "history", "samples:12:25:25..12:25:45", "61 → 49 req/s, 5 → 1531 ms since 12:25:37", AT),
)
CAUSES = (
    Cause(
        "db.locked",
        f"Deployment/{DEPLOYMENT}",
        "blog-service",
        0.86,
        "blog-service waits for a lock on its SQLite file and answers nobody; it is hung, not dead.",
        ("E3", "E5", "E7"),
    ),
    Cause("pod.hung", f"Deployment/{DEPLOYMENT}", "blog-service", 0.31, "It runs and does not answer.", ("E1", "E2")),
)
TREND = Trend(10, later(-20), 61.0, 49.4, 5.4, 1531.2, 2.01, "requests 61 → 49 /s, response 5 → 1531 ms within 20 s")
TARGET = Target(DEPLOYMENT, "titanium-local", "8f14e45f-ceea-467f-a8d3-1c0b5b5f2c11", 4, "81234", 1, "3")
PLAN = Plan(
    "restart_deployment",
    TARGET,
    None,
    "A restart drops the connection that waits and starts with a fresh database file.",
    (
        Risk("outage", "one replica: about 20 s without the service"),
        Risk("data-loss", "its database is in the container: ALL POSTS WILL BE LOST"),
    ),
    (
        "wait: such locks often end by themselves",
        "for good: WAL mode and a busy time-out in the service's connection string; a volume for /app/blog.db",
    ),
    f"restart Deployment {DEPLOYMENT} (1 replica)",
)
CHANGES = (
    Change(
        later(-3600),
        "Deployment/local-api-gateway-deployment",
        "image api-gateway:1.4 → 1.5",
        Observation("objects", "ReplicaSet/x", "revision 7"),
    ),
)
SKIPPED = (Skipped("nodes", "forbidden: this identity may not list nodes"),)
PANEL = Panel(
    incident_id="b7k2",
    service="blog-service",
    where=WHERE,
    causes=CAUSES,
    evidence=EVIDENCE,
    changes=CHANGES,
    trend=TREND,
    plan=PLAN,
    not_checked=SKIPPED,
    fingerprint="f00d",
    expires_at=later(1800),
)
STEPS = (
    Step("detect", AT, 4.1, "blog-service offline in 2 of 2 checks; pod Running, not Ready for 9 s"),
    Step("collect_logs", AT, 0.4, "3 pods, 1,204 lines → 14 groups"),
    Step("analyze", AT, 0.2, "sqlite3.OperationalError: database is locked"),
    Step("check_metrics", AT, 2.0, "requests 61 → 49 /s, response 5 → 1531 ms within 20 s"),
    Step("root_cause", AT, 0.1, "db.locked (0.86)"),
)
ANSWER = Answer("approve", "f00d", "operator@host", "pts/3", later(35), "panel")
VERIFICATION = Verification(
    recovered=True,
    rollout="1/1 in 14 s",
    figure="blog-service online for 10 s",
    before={"status": "offline", "response_ms": 1531.2},
    after={"status": "online", "response_ms": 6.1},
    took_s=27.0,
    text="rollout 1/1 in 14 s · blog-service online for 10 s · 1531 → 6 ms",
)
DIGEST = LogDigest(
    where=f"logs/{POD}/blog-service-container.log",
    pod=POD,
    container="blog-service-container",
    previous=False,
    service="blog-service",
    lines=1204,
    size=98_304,
    groups=(
        LogGroup("traceback", "sqlite3.OperationalError: database is locked", 2, 88, 131, later(-8), later(-3)),
        LogGroup("noise", "INFO: GET /health HTTP/1.1 200", 410, 1, 80),
    ),
    tail=("last line",),
    first_at=later(-900),
    last_at=AT,
)
REPORT = Report(
    incident_id="b7k2",
    service="blog-service",
    where=WHERE,
    status="recovered",
    started_at=AT,
    ended_at=later(69),
    symptoms=(Symptom("blog-service", "offline", "offline in 2 of 2 checks", Observation("stats", "stats", "x")),),
    causes=CAUSES,
    evidence=EVIDENCE,
    plan=PLAN,
    answers=(ANSWER,),
    actions=(
        ActionRecord(
            "b7k2", "restart_deployment", f"Deployment/{DEPLOYMENT}", None, later(36), "operator@host", "panel", "done"
        ),
    ),
    verification=VERIFICATION,
    trend=TREND,
    changes=CHANGES,
    digests=(DIGEST,),
    not_checked=SKIPPED,
    analysis=Analysis(),
    steps=STEPS,
    closing="recovered in 1 min 9 s",
    ignored=(Ignored("quota.pods", "ResourceQuota/team", "the quota is full", later(9000), "OPS-7"),),
    looked=("stats", "pods", "logs"),
)
TRAFFIC = TrafficMetrics(10.0, 49.4, 1531.2, True, 75.3, 1524, 446.7)
STATS = SystemStats(
    at=AT,
    took_s=2.008,
    reach="direct",
    url="http://localhost:7100",
    services=(
        ServiceStatus("load-balancer", "healthy"),
        ServiceStatus("api-gateway", "online"),
        ServiceStatus("auth-service", "online"),
        ServiceStatus("user-service", "online", "database healthy · cache healthy"),
        ServiceStatus("blog-service", "offline", since=later(-8)),
    ),
    traffic=TRAFFIC,
)
_FIGURES = ServiceFigures(
    later(-15),
    Gauge(49.4, 61.0, (61.0, 60.0, None, 50.0)),
    Gauge(0.247, 0.0, (0.0, 0.0, 0.1, 0.25)),
    Gauge(1531.0, 5.4, (5.4, 5.4, 5.4, 1531.0)),
    "p95",
    Gauge(0.93, 0.1, (0.1, 0.93)),
)
MEASURED = SystemStats(
    at=AT,
    took_s=0.3,
    reach=None,
    url="https://10.0.0.5:6443",
    services=(
        ServiceStatus("api-gateway", "healthy", ready="2/2", restarts=0, changed_at=later(-90_000), figures=_FIGURES),
        ServiceStatus("blog-service", "degraded", "pod is not Ready", ready="1/2", restarts=3, changed_at=later(-600)),
        ServiceStatus(
            "user-service", "healthy", ready="2/2", restarts=0, figures=ServiceFigures(later(-900), Gauge(None, 4.0))
        ),
    ),
    traffic=None,
    not_checked=(Skipped("metrics", "latency_p95 (istio): timed out"),),
)
HEALTH = HealthReport(
    (
        HealthAnswer("load-balancer", 0.004, 200, body="", reach="direct"),
        HealthAnswer("auth-service", 0.003, 200, body='{"status":"ok","service":"auth"}', reach="proxy"),
        HealthAnswer("redis", 0.002, tcp="open", reach="proxy"),
        HealthAnswer("blog-service", 2.001, error="no answer within 2 s", reach="proxy"),
    )
)
PODS = PodList(
    WHERE,
    (
        PodSummary(
            POD,
            "titanium-local",
            "blog-service",
            "0/1",
            "Running",
            3,
            later(-300),
            later(-90_000),
            "kind-control-plane",
            ("blog-service-container",),
        ),
        PodSummary(
            "local-redis-deployment-59c7b6f84d-l2v5s",
            "titanium-local",
            "redis",
            "1/1",
            "Running",
            0,
            None,
            later(-90_000),
            "kind-control-plane",
            ("redis-container",),
        ),
    ),
)
CONTAINER = ContainerDescription(
    name="blog-service-container",
    kind="container",
    image="titanium/blog-service:0.9",
    state="running since 11:40:02",
    last_state="terminated: Error (exit code 1) at 11:39:50",
    exit_code=1,
    ready=False,
    restarts=3,
    probes=("liveness http-get :8005/health delay=15s timeout=1s period=20s #failure=3",),
    requests={"cpu": "100m", "memory": "128Mi"},
    limits={"cpu": "200m", "memory": "256Mi"},
    ports=("8005/TCP",),
    environment=("AUTH_URL=http://local-auth-service:8002", "JWT_SECRET from Secret titanium-secret key jwt"),
)
POD_DESCRIPTION = PodDescription(
    name=POD,
    namespace="titanium-local",
    service="blog-service",
    node="kind-control-plane",
    owner=f"ReplicaSet/local-blog-service-deployment-6b5d9f8c77 → Deployment/{DEPLOYMENT}",
    phase="Running",
    reason=None,
    message=None,
    ip="10.244.0.12",
    created=later(-90_000),
    deleting=None,
    labels={"app": "blog-service", "pod-template-hash": "6b5d9f8c77"},
    conditions=("Ready=False since 12:25:36: ContainersNotReady", "PodScheduled=True"),
    containers=(CONTAINER,),
    volumes=("kube-api-access: projected",),
    tolerations=("node.kubernetes.io/not-ready:NoExecute for 300s",),
    events=("12:25:36 Warning Unhealthy ×3: Readiness probe failed: context deadline exceeded",),
    not_checked=SKIPPED,
)
LOGS = ServiceLogs(
    "blog-service",
    (
        LogExcerpt(
            f"logs/{POD}/blog-service-container.log",
            POD,
            "blog-service-container",
            previous=False,
            lines=("2026-11-22T12:25:34Z INFO: 10.0.0.7 - GET /api/posts 500", "database is locked"),
        ),
        LogExcerpt(
            f"logs/{POD}/istio-proxy.previous.log", POD, "istio-proxy", previous=True, lines=("upstream reset",)
        ),
    ),
    SKIPPED,
)
MATCHES = (LogMatch(f"logs/{POD}/blog-service-container.log", 88, "sqlite3.OperationalError: database is locked"),)

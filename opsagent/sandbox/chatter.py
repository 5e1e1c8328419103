"""What each service keeps writing: probes, polling, traffic, and complaints about its neighbours."""

from collections.abc import Callable, Iterable, Iterator

from . import lines
from .cluster import Ailment, PodRun, ServiceAnswer
from .facts import BY_APP, Workload
from .journal import Beat

Lines = Callable[[int, float], Iterable[str]]

TRAFFIC_PER_S = 12
STATS_EVERY_S = 2.0
FAILING_PER_S = 2
LOCK_EVERY_S = 20.0
WAIT_S = 5.0  # SQLite gives up on a lock after this long
_BURST = 140  # requests that waited behind the lock and are served together: more than the last 100 lines
_KUBELET = "10.244.1.1"


def beats(run: PodRun, answers: dict[str, ServiceAnswer], traffic_since: float) -> list[Beat]:
    """Return what the main container of a pod writes while things are as they are."""
    workload = BY_APP[run.app]
    if run.ailment in (Ailment.HUNG, Ailment.MUTE):
        # Once the pod has left the Service nobody asks it any more, and it writes nothing.
        asked = run.app == "blog-service" and answers[run.app] is ServiceAnswer.HUNG
        return [Beat(LOCK_EVERY_S if run.ailment is Ailment.HUNG else WAIT_S, _locked)] if asked else []
    if run.ailment is Ailment.DEAF:
        return [Beat(workload.readiness[1], lambda turn, _at: [_probe(workload, turn)])]
    if run.app == "load-balancer":
        return _load_balancer(answers)
    if run.app == "api-gateway":
        return _gateway(answers)
    if workload.language != "python":
        return _nginx(workload) if workload.language == "nginx" else []
    found = [
        Beat(workload.readiness[1], lambda turn, _at: [_probe(workload, turn)]),
        Beat(workload.liveness[1], lambda turn, _at: [_probe(workload, turn + 7)]),
        Beat(STATS_EVERY_S, _polled),
    ]
    if run.ailment is Ailment.FAILING:
        found.append(Beat(1 / FAILING_PER_S, _failing, since=traffic_since))
    elif run.app == "blog-service":
        found.append(Beat(1 / TRAFFIC_PER_S, _reading, since=traffic_since))
    elif run.app == "auth-service":
        found.append(Beat(3.0, _login(answers), since=traffic_since))
    elif not answers["redis"].up:
        found.append(Beat(STATS_EVERY_S, _no_cache, since=traffic_since))
    return found


def _probe(workload: Workload, turn: int) -> str:
    return lines.access(f"{_KUBELET}:{40_000 + turn * 37 % 20_000}", f"GET {workload.health_path}", "200 OK")


def _polled(_turn: int, _at: float) -> Iterator[str]:
    yield lines.access(f"{lines.PEER}:44802", "GET /stats", "200 OK")


def _reading(turn: int, _at: float) -> Iterator[str]:
    if turn % 29 == 11:
        yield lines.access(f"{lines.PEER}:0", "POST /api/posts", "200 OK")
    else:
        path = "/api/posts/1" if turn % 9 == 4 else "/api/posts"
        yield lines.access(f"{lines.PEER}:0", f"GET {path}", "200 OK")


def _failing(turn: int, _at: float) -> Iterator[str]:
    path = "/api/posts/1" if turn % 9 == 4 else "/api/posts"
    yield from lines.failed(f"GET {path}")


def _locked(turn: int, _at: float) -> Iterator[str]:
    yield from lines.locked()
    for place in range(_BURST):
        if place % 40 == 20:
            yield lines.access(f"{lines.PEER}:44802", "GET /stats", "200 OK")
        path = "/api/posts/1" if (place + turn) % 9 == 4 else "/api/posts"
        yield lines.access(f"{lines.PEER}:0", f"GET {path}", "200 OK")


def _login(answers: dict[str, ServiceAnswer]) -> Lines:
    def write(turn: int, _at: float) -> Iterator[str]:
        peer = f"{lines.PEER}:{39_900 + turn * 10 % 20_000}"
        if turn % 4 != 3:
            yield "INFO:auth_service:Token verified successfully for user_id: 1"
            yield lines.access(peer, "GET /verify", "200 OK")
        elif answers["user-service"].up:
            yield "INFO:auth_service:Login successful for 'alice'. JWT token created."
            yield lines.access(f"{lines.PEER}:0", "POST /login", "200 OK")
        else:
            where = "local-user-service:8001 ssl:default [Connect call failed ('10.96.14.23', 8001)]"
            hung = answers["user-service"] is ServiceAnswer.HUNG
            why = "Timeout on reading data from socket" if hung else f"Cannot connect to host {where}"
            yield f"ERROR:auth_service:Error connecting to user-service: {why}"
            yield "WARNING:auth_service:Login failed for 'alice': Invalid credentials or service error."
            yield lines.access(f"{lines.PEER}:0", "POST /login", "401 Unauthorized")

    return write


def _no_cache(_turn: int, _at: float) -> Iterator[str]:
    yield (
        "ERROR:cache_service:Redis PING error: Error 111 connecting to local-redis-service:6379. Connection refused."
    )


def _load_balancer(answers: dict[str, ServiceAnswer]) -> list[Beat]:
    asked = ("api-gateway", "auth-service", "user-service", "blog-service")
    failing = [app for app in asked if not answers[app].up]
    return [Beat(STATS_EVERY_S, _stats_failed(BY_APP[app], answers[app])) for app in failing]


def _stats_failed(workload: Workload, answer: ServiceAnswer) -> Lines:
    why = lines.HUNG if answer is ServiceAnswer.HUNG else lines.refused(f"{workload.cluster_ip}:{workload.port}")
    return lambda _turn, at: [lines.stats_failed(at, f"{workload.service}:{workload.port}", why)]


def _gateway(answers: dict[str, ServiceAnswer]) -> list[Beat]:
    found = []
    for app, each in (("auth-service", 1), ("user-service", 1), ("blog-service", 12)):
        workload = BY_APP[app]
        if answers[app] is ServiceAnswer.HUNG:
            found.append(Beat(1.0, _complain(lines.GATEWAY_HUNG, each)))
        elif answers[app] is ServiceAnswer.REFUSED:
            why = lines.refused(f"{workload.cluster_ip}:{workload.port}")
            found.append(Beat(1.0, _complain(f"http: proxy error: {why}", each)))
    return found


def _nginx(workload: Workload) -> list[Beat]:
    def write(_turn: int, at: float) -> Iterator[str]:
        yield f'{_KUBELET} - - [{lines.nginx_time(at)}] "GET / HTTP/1.1" 200 612 "-" "kube-probe/1.32" "-"'

    return [Beat(workload.readiness[1], write)]


def _complain(text: str, times: int) -> Lines:
    return lambda _turn, at: [lines.go(at, text)] * times

"""Healthy logs that are full of alarming words, of a dozen stacks; and the same whose failure does not end."""
# ruff: noqa: E501, ISC004 — log lines are as long as they are

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_Form = Callable[[datetime, str, str], str]


@dataclass(frozen=True, slots=True)
class Stack:
    """What a program of one stack logs: how a line is written, its good work, and five kinds of harmless noise."""

    name: str
    form: _Form
    good: tuple[str, ...]
    fails: tuple[tuple[str, str], ...]  # level and message of a failure that ends by itself
    recovers: tuple[str, ...]  # what is logged when it did; may be nothing
    retried: tuple[tuple[str, str], ...]  # a failed try and what came of it
    clients: tuple[tuple[str, str], ...]  # what clients and strangers do wrong
    routine: tuple[tuple[str, str], ...]  # warnings that are there every day
    stops: tuple[str, ...]  # the last lines of a program that is stopped in good order


def _ms(at: datetime) -> str:
    return f"{at.microsecond // 1000:03d}"


def _spring(at: datetime, level: str, text: str) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{_ms(at)}Z {level:>5} 1 --- [nio-8080-exec-4] c.e.quay.Service : {text}"


def _zap(at: datetime, level: str, text: str) -> str:
    record = {"level": level.lower(), "ts": f"{at:%Y-%m-%dT%H:%M:%S}.{_ms(at)}Z", "caller": f"q/a.go:{at.second + 9}"}
    return json.dumps(record | {"msg": text}, separators=(",", ":"))


def _python(at: datetime, level: str, text: str) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S},{_ms(at)} {level} quay.worker: {text}"


def _pino(at: datetime, level: str, text: str) -> str:
    number = {"INFO": 30, "WARN": 40, "WARNING": 40, "ERROR": 50}[level]
    return json.dumps({"level": number, "time": round(at.timestamp() * 1000), "pid": 7, "hostname": "q-1", "msg": text})


def _nginx(at: datetime, level: str, text: str) -> str:
    if level == "INFO":
        return f'198.51.100.{at.second} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "{text}" 200 {at.second * 31} "-" "x/1"'
    return f"{at:%Y/%m/%d %H:%M:%S} [{level.lower()}] 29#29: *{at.second + 40} {text}"


def _postgres(at: datetime, level: str, text: str) -> str:
    level = {"INFO": "LOG", "WARN": "WARNING"}.get(level, level)
    return f"{at:%Y-%m-%d %H:%M:%S}.{_ms(at)} UTC [{at.second + 100}] {level}:  {text}"


def _redis(at: datetime, level: str, text: str) -> str:
    return f"1:M {at:%d %b %Y %H:%M:%S}.{_ms(at)} {'*' if level == 'INFO' else '#'} {text}"


def _kafka(at: datetime, level: str, text: str) -> str:
    return f"[{at:%Y-%m-%d %H:%M:%S},{_ms(at)}] {level} {text} (kafka.server.Part)"


def _klog(at: datetime, level: str, text: str) -> str:
    return f"{level[0]}{at:%m%d %H:%M:%S}.{at.microsecond:06d}       1 controller.go:{at.second + 90}] {text}"


def _serilog(at: datetime, level: str, text: str) -> str:
    short = {"INFO": "INF", "WARN": "WRN", "ERROR": "ERR"}[level]
    return f"[{at:%Y-%m-%d %H:%M:%S} {short}] {text}"


def _logfmt(at: datetime, level: str, text: str) -> str:
    return (
        f"ts={at:%Y-%m-%dT%H:%M:%S}.{_ms(at)}Z caller=a.go:{at.second + 9} level={level.lower()} msg={json.dumps(text)}"
    )


def _journal(at: datetime, _level: str, text: str) -> str:
    return f"{at:%b %d %H:%M:%S} node-7 {text}"


_WARN, _ERROR = "WARN", "ERROR"
STACKS: tuple[Stack, ...] = (
    Stack(
        "spring", _spring,
        ("booked berth {n}", "priced tariff {n} in {s} ms", "sent notice {n}"),
        ((_ERROR, "call of rates failed: java.net.ConnectException: Connection refused"),),
        ("connection to rates restored",),
        ((_WARN, "rates: Read timed out, will retry in 2 s (attempt 1 of 5)"), ("INFO", "rates answered on attempt 2")),
        ((_WARN, "Resolved [org.springframework.web.HttpRequestMethodNotSupportedException: Request method 'PUT' is not "
                 "supported]"), (_WARN, "booking {n} rejected with 400: validation failed: draught must be a number")),
        ((_WARN, "spring.jpa.open-in-view is enabled by default. Queries may be performed during view rendering"),
         (_WARN, "deprecated property quay.legacy.timeout is used")),
        ("Commencing graceful shutdown. Waiting for active requests to complete", "Graceful shutdown complete",
         "HikariPool-1 - Shutdown initiated...", "HikariPool-1 - Shutdown completed."),
    ),
    Stack(
        "zap", _zap,
        ("stored manifest {n}", "GET /v1/berths/{n} 200 in {s} ms", "sent {s} records"),
        ((_ERROR, "publish failed: dial tcp 10.61.4.9:4222: connect: connection refused"),),
        ("reconnected to 10.61.4.9:4222",),
        ((_WARN, "publish failed: i/o timeout, retrying in 1s"), ("INFO", "publish succeeded after 2 attempts")),
        ((_WARN, "request stopped: context canceled: client closed connection"),
         (_WARN, "POST /v1/berths 400: invalid character 'x' searching for beginning of value")),
        ((_WARN, "feature flag cache is cold, using defaults"), (_WARN, "no tls configured for metrics, serving plain")),
        ("received SIGTERM, shutting down", "http server stopped", "exiting gracefully"),
    ),
    Stack(
        "python", _python,
        ("task {n} succeeded in 0.{s}s", "imported {s} rows", "rendered report {n}"),
        ((_ERROR, "redis.exceptions.ConnectionError: Error 111 connecting to cache-1:6379. Connection refused."),),
        ("connected to redis://cache-1:6379",),
        ((_WARN + "ING", "429 Too Many Requests from mail api, trying again in 3s"), ("INFO", "mail sent (attempt 2)")),
        ((_WARN + "ING", "login failed for user 'jo': wrong password"),
         (_WARN + "ING", "upload rejected: file of client is not a valid image")),
        ((_WARN + "ING", "DeprecationWarning: datetime.utcnow() is deprecated"),
         (_WARN + "ING", "worker memory is 412 MB, soft limit 900 MB")),
        ("worker: Warm shutdown (MainProcess)", "consumer stopped", "bye"),
    ),
    Stack(
        "pino", _pino,
        ("request completed GET /berths/{n} 200", "queued mail {n}", "session {n} renewed"),
        ((_ERROR, "connect ECONNREFUSED 10.61.4.8:5432"),),
        ("database connection re-established",),
        ((_WARN, "ETIMEDOUT 10.61.4.8:443, will retry"), ("INFO", "retry succeeded after 1 attempt")),
        ((_WARN, "BadRequestError: request aborted"), (_WARN, "POST /login 401: wrong password of client 7")),
        ((_WARN, "(node:7) MaxListenersExceededWarning: Possible EventEmitter memory leak detected. 11 error listeners "
                 "added to [TLSSocket]"), (_WARN, "using default locale, none was set")),
        ("SIGTERM received, closing server", "server closed", "all connections drained"),
    ),
    Stack(
        "nginx", _nginx,
        ("GET /berths/{n} HTTP/1.1", "GET /img/{n}.webp HTTP/1.1", "POST /book HTTP/1.1"),
        ((_ERROR, 'connect() failed (111: Connection refused) while connecting to upstream, client: 198.51.100.9, '
                  'server: _, request: "GET /berths/7 HTTP/1.1", upstream: "http://10.61.3.3:8080/berths/7"'),),
        (),
        ((_WARN, "upstream server temporarily disabled while connecting to upstream"),),
        ((_ERROR, 'open() "/srv/www/wp-login.php" failed (2: No such file or directory), client: 203.0.113.5, server: _, '
                  'request: "GET /wp-login.php HTTP/1.1"'),
         ("INFO", "GET /.aws/credentials HTTP/1.1"),),
        ((_WARN, "a client request body is buffered to a temporary file /var/cache/nginx/client_temp/0000000{s}"),),
        ("GET /berths/9 HTTP/1.1",),
    ),
    Stack(
        "postgres", _postgres,
        ("checkpoint complete: wrote {s} buffers (0.4%)", 'automatic vacuum of table "quay.public.berth": index scans: 0',
         "connection authorized: user=quay database=quay"),
        (("FATAL", "the database system is starting up"),),
        ("database system is ready to accept connections",),
        ((_ERROR, "could not serialize access due to concurrent update"),),
        (("LOG", "could not receive data from client: Connection reset by peer"),
         (_ERROR, 'duplicate key value violates unique constraint "berth_pkey"'),
         (_ERROR, "canceling statement due to user request")),
        ((_WARN, "there is no transaction in progress"), ("LOG", "checkpoints are occurring on time")),
        ("received fast shutdown request", "shutting down", "database system is shut down"),
    ),
    Stack(
        "redis", _redis,
        ("{s} changes in 60 seconds. Saving...", "Background saving started by pid {n}", "DB saved on disk"),
        ((_ERROR, "Connection with master lost."), (_ERROR, "Error condition on socket for SYNC: Connection refused")),
        ("MASTER <-> REPLICA sync: Finished with success",),
        ((_WARN, "Error condition on socket for SYNC: Connection refused"),
         ("INFO", "MASTER <-> REPLICA sync: Finished with success")),
        ((_WARN, "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. "
                 "This is likely due to an attacker attempting to use Cross Protocol Scripting"),),
        ((_WARN, "WARNING Memory overcommit must be enabled!"),),
        ("User requested shutdown...", "Saving the final RDB snapshot before exiting.", "DB saved on disk",
         "Redis is now ready to exit, bye bye..."),
    ),
    Stack(
        "kafka", _kafka,
        ("[UnifiedLog partition=tide-{s}, dir=/data] Rolled new log segment at offset {n}",
         "[GroupCoordinator 1]: Stabilized group tides generation {s}", "Deleting segment files"),
        ((_WARN, "[Producer clientId=p] Got error produce response on topic-partition tide-3, retrying (2147483646 "
                 "attempts left). Error: NOT_LEADER_OR_FOLLOWER"),),
        (),
        ((_WARN, "[Consumer clientId=c] Error while fetching metadata: {{tide=LEADER_NOT_AVAILABLE}}"),
         ("INFO", "[Consumer clientId=c] Successfully joined group with generation 4")),
        ((_WARN, "Client session timed out, client closed the connection"),),
        ((_WARN, "The configuration log.cleaner.threads is deprecated"),),
        ("[KafkaServer id=1] shutting down", "[KafkaServer id=1] shut down completed"),
    ),
    Stack(
        "klog", _klog,
        ('"Reconciled" berth="quay/b-{n}"', '"Synced" queue="berths" items={s}', '"Updated status" berth="quay/b-{n}"'),
        ((_ERROR, 'error retrieving resource lock quay/op: Get "https://10.96.0.1:443/apis": dial tcp 10.96.0.1:443: '
                  'connect: connection refused'),),
        ('successfully acquired lease quay/op',),
        ((_ERROR, '"Reconciler error" err="Operation cannot be fulfilled on berths.example.org: the object has been '
                  'modified; please apply your changes to the latest version and try again"'),),
        ((_WARN, "http: TLS handshake error from 198.51.100.7:40122: EOF"),),
        ((_WARN, "v1beta1 Berth is deprecated in v1.29+, unavailable in v1.32+"),),
        ('"Stopping and waiting for non leader election runnables"', '"Wait completed, proceeding to shutdown the manager"'),
    ),
    Stack(
        "serilog", _serilog,
        ("HTTP GET /api/berths/{n} responded 200 in {s}.2 ms", "Stored reading {n}", "Batch of {s} done"),
        ((_ERROR, "System.Net.Http.HttpRequestException: Connection refused (rates:80)"),),
        ("Connection to rates:80 restored",),
        ((_WARN, "Retrying after 2s due to HttpRequestException, attempt 1"), ("INFO", "Call succeeded after 2 attempts")),
        ((_WARN, "Validation failed for request of client: name is required"),
         ("INFO", 'Parsed inbound message {{"level":"ERROR","text":"gate fault 17","vessel":"V-{n}"}}')),
        ((_WARN, "Overriding HTTP_PORTS '8080'. Binding to values defined by URLS instead"),),
        ("Application is shutting down...", "Application stopped"),
    ),
    Stack(
        "logfmt", _logfmt,
        ("flushing stream", "uploading tables", "query done status=200"),
        ((_ERROR, "error contacting scheduler: rpc error: code = Unavailable desc = connection error"),),
        ("connection to scheduler established",),
        ((_WARN, "append failed, will be retried: context deadline exceeded"), ("INFO", "append succeeded on retry 1")),
        ((_WARN, "query of user rejected: parse error at line 1, col 9"),),
        ((_WARN, "instance not found in ring, adding with no tokens"),),
        ("=== received SIGINT/SIGTERM === exiting", "lifecycler loop exited gracefully", "module stopped"),
    ),
    Stack(
        "journal", _journal,
        ("systemd[1]: Started session-{s}.scope - Session {s} of User ops.", "CRON[{n}]: (root) CMD (run-parts hourly)",
         "sshd[{n}]: Accepted publickey for ops from 10.9.0.4 port 51234 ssh2"),
        ((_ERROR, "kernel: nfs: server 10.9.0.4 not responding, still trying"),),
        ("kernel: nfs: server 10.9.0.4 OK",),
        ((_WARN, "dhcpcd[90]: eth0: no answer from 10.9.0.1, trying again in 4 s"),
         ("INFO", "dhcpcd[90]: eth0: lease renewed on attempt 2")),
        ((_WARN, "sshd[{n}]: Connection closed by authenticating user root 203.0.113.9 port 40022 [preauth]"),),
        ((_WARN, "systemd[1]: /lib/systemd/system/x.service:9: Unit uses MemoryLimit=; please use MemoryMax= instead"),),
        ("systemd[1]: Stopping quay.service - Quay...", "systemd[1]: Stopped quay.service - Quay."),
    ),
)  # fmt: skip

KINDS: tuple[str, ...] = ("recovered", "retried", "clients", "routine", "stopped")


class _Log:
    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._chance = random.Random(seed)
        self._at = datetime(2031, 5, 4, 6, 0, tzinfo=UTC) + timedelta(seconds=self._chance.randint(0, 80_000))
        self._lines: list[str] = []

    def add(self, records: Sequence[tuple[str, str]], *, pause: float = 1.5) -> None:
        """Write records, each after about so many seconds."""
        for level, text in records:
            self._at += timedelta(seconds=self._chance.uniform(0.4, 1.6) * pause)
            filled = text.format(n=self._chance.randint(1000, 9999), s=self._chance.randint(2, 59))
            self._lines.append(self._stack.form(self._at, level, filled))

    def work(self, lines: int, noise: Sequence[tuple[str, str]] = ()) -> None:
        """Write good work, with noise now and then."""
        for n in range(lines):
            self.add([("INFO", self._chance.choice(self._stack.good))], pause=5)
            if noise and n % 9 == 4:
                self.add([self._chance.choice(noise)])

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def healthy(stack: Stack, kind: str, seed: int) -> str:
    """Return a log that alarms nobody who knows the program; `kind` is one of KINDS."""
    log = _Log(stack, seed)
    log.work(40, stack.clients if kind == "clients" else stack.routine if kind == "routine" else ())
    if kind == "recovered":
        log.add(stack.fails * 2)
        log.add([("INFO", text) for text in stack.recovers])
    elif kind == "retried":
        log.add(stack.retried)
    log.work(60, stack.clients if kind == "clients" else stack.routine if kind == "routine" else ())
    if kind == "stopped":
        log.add([("INFO", text) for text in stack.stops])
    return log.text()


def still_failing(stack: Stack, seed: int) -> str:
    """Return a log whose failure came twice, went, and is there again at the end."""
    log = _Log(stack, seed)
    log.work(40)
    log.add(stack.fails * 2)
    log.add([("INFO", text) for text in stack.recovers])
    log.work(12)
    log.add(stack.fails * 4, pause=4)
    return log.text()

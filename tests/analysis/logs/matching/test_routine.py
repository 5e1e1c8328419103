"""What sounds like a failure, under any level, and accuses nobody."""
# ruff: noqa: E501 — log lines are as long as they are

import pytest

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.analysis.logs.matching.routine import is_routine
from opsagent.models.observed import LogRef
from tests.analysis.logs.said import said

NGINX = "2026/02/01 10:00:00 [error] 7#7: *9 "
ASKED = ', client: 198.51.100.7, server: _, request: "GET /x HTTP/1.1", host: "a.example"'


@pytest.mark.parametrize(
    "line",
    [
        (
            'E0201 10:00:00.000001 1 queue.go:9] "requeue" err="Operation cannot be fulfilled on widgets.example.org: '
            'the object has been modified; please apply your changes to the latest version and try again"'
        ),
        f'{NGINX}open() "/srv/www/xmlrpc.php" failed (2: No such file or directory){ASKED}',
        (
            f"2026/02/01 10:00:00 [crit] 7#7: *3 SSL_do_handshake() failed (SSL: error:0A000065:SSL routines::bad length) "
            f"while SSL handshaking{ASKED}"
        ),
        "2026/02/01 10:00:00 http: TLS handshake error from 198.51.100.7:4444: EOF",
        'ActionController::RoutingError (No route matches [GET] "/wp-content/x.php"):',
        "ERROR java.lang.IllegalArgumentException: Invalid character found in method name. HTTP method names must be tokens",
        "ERROR django.security.DisallowedHost: Invalid HTTP_HOST header: 'x.example'.",
        "WARN o.s.w.s.m.s.DefaultHandlerExceptionResolver: Resolved [Request method 'PUT' is not supported]",
        "ERROR:  canceling statement due to user request",
        "    store_test.py:7: deadlock detected (expected)",
        'name="QueueOverflow" state=inactive expr="increase(oom_kills_total[5m]) > 0"',
        "  - alert: PodOOMKilled",
        "F, [2026-02-01T10:00:00.1 #7] FATAL -- : [8c1f]   ",
        'kube_pod_container_status_last_terminated_reason{reason="OOMKilled",pod="a"} 0',
        '{"level":"warn","msg":"search stopped","err":"context canceled","reason":"client closed connection"}',
        "LOG:  could not receive data from client: Connection reset by peer",
        "ERROR o.a.c.c.C.[.[.[/]: org.apache.catalina.connector.ClientAbortException: java.io.IOException: Broken pipe",
        "WARN BadRequestError: request aborted",
        "Feb 01 10:00:00 n1 sshd[91]: error: kex_exchange_identification: Connection closed by remote host",
        "2026-02-01T10:00:00Z 41 [Warning] [MY-010055] [Server] IP address '10.0.0.4' could not be resolved: Name or service not known",
        "2026-02-01 10:00:00.1 UTC [88] FATAL:  terminating connection due to administrator command",
    ],
)
def test_routine_accuses_nobody(line: str) -> None:
    """A conflict that is tried again, a stranger's junk, an alert's definition: no finding, even at the log's end."""
    assert is_routine(line)
    assert not log_findings([digest(LogRef("app.log"), [f"INFO started\n{line}\n".encode()])])


@pytest.mark.parametrize(
    "line",
    [
        'nginx: [emerg] open() "/etc/nginx/conf.d/site.conf" failed (2: No such file or directory)',
        "2026/02/01 10:00:00 http: TLS handshake error from 10.0.0.7:4444: remote error: tls: bad certificate",
        'level=warn msg="evaluating rule failed" expr="up == 0" err="query timed out"',
        'kube_pod_container_status_last_terminated_reason{reason="OOMKilled",pod="a"} 1',
        "F, [2026-02-01T10:00:00.1 #7] FATAL -- : [8c1f] out of sockets",
        "ERROR expected 3 columns, found 2",
        'alertname="DiskFull" state=firing expr="x > 1"',
    ],
)
def test_what_only_checks_routine_still_counts(line: str) -> None:
    """The program's own file, its own certificate, a rule that fires or fails."""
    assert not is_routine(line)


@pytest.mark.parametrize(
    ("line", "well"),
    [
        ('2031-02-03 10:00:00.1 UTC [88] FATAL:  role "root" does not exist', True),
        ('2031-02-03 10:00:00.1 UTC [88] FATAL:  database "root" does not exist', True),
        ('2031-02-03 10:00:00.1 UTC [88] FATAL:  role "stock" does not exist', False),
        ('ERROR pg.connect: FATAL:  role "root" does not exist', False),
    ],
)
def test_a_probe_without_a_user(line: str, well: bool) -> None:
    """A server's word of a role that only a shell of its own has; a program that quotes it was refused itself."""
    assert bool(said(f"{line}\n" * 3)) is not well


_WORK = "".join(f"2031-02-03T10:00:{n:02}.000Z INFO stored berth {n}\n" for n in range(30))
_AUDIT = '{{"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"ResponseComplete","verb":"get","user":{{"username":"{}"}},"responseStatus":{{"code":403,"reason":"Forbidden","message":"secrets is forbidden: User \\"{}\\" cannot get resource \\"secrets\\" in API group \\"\\""}}}}'
_ARMOR = 'Feb 03 10:00:07 n1 kernel: audit: type=1400 audit(1.1:7): apparmor="DENIED" operation="{}" profile="till" name="/srv/till.db" comm="till" requested_mask="wr"'
_HOOK = 'W0203 10:00:07.000001 10 dispatcher.go:210] Failed calling webhook, failing {} tags.example.net: failed to call webhook: Post "https://tags.policy.svc:443/mutate": dial tcp 10.9.4.2:443: connect: connection refused'


@pytest.mark.parametrize(
    ("routine", "twin"),
    [
        (_AUDIT.format("ann", "ann"), _AUDIT.format(*["system:serviceaccount:quay:till"] * 2)),
        (
            "WARN rate limit exceeded for api_key k-17, answered 429",
            "ERROR rates answered 429 Too Many Requests: rate limit exceeded, retry after 600 s",
        ),
        (_ARMOR.format("ptrace"), _ARMOR.format("open") + "\nERROR till: open /srv/till.db: permission denied"),
        (
            "[ERROR] plugin/errors: 2 123.456. HINFO: read udp 10.2.0.4:4444->192.0.2.53:53: i/o timeout",
            "[ERROR] plugin/errors: 2 rates.example.org. A: read udp 10.2.0.4:4444->192.0.2.53:53: i/o timeout",
        ),
        (_HOOK.format("open"), _HOOK.format("closed")),
        (
            '{"level":50,"err":{"message":"premature close"},"msg":"response errored"}',
            '{"level":50,"err":{"message":"fetch of http://rates:80 failed: premature close"},"msg":"no rates"}',
        ),
        (
            "[INFO ][o.e.c.r.a.DiskThresholdMonitor] [es-0] low disk watermark [85%] exceeded on [x][es-1][/d] free: 70gb[14%], replicas will not be assigned",
            "[WARN ][o.e.c.r.a.DiskThresholdMonitor] [es-0] flood stage disk watermark [95%] exceeded on [x][es-1][/d] free: 9gb[3%], all indices on this node will be marked read-only",
        ),
        (
            "Feb 03 10:00:07 lb1 haproxy[7]: 198.51.100.7:4444 [03/Feb/2031:10:00:07.008] web~/1: SSL handshake failure",
            "Feb 03 10:00:07 lb1 haproxy[7]: 10.0.0.7:4444 [03/Feb/2031:10:00:07.008] web~/1: SSL handshake failure",
        ),
        (
            '1. If the pods fail to start with "connection refused", check the address of the database',
            "ERROR the pods fail to start: connection refused by the database",
        ),
    ],
    ids=["audit", "limiter", "AppArmor", "HINFO", "failing open", "premature close", "watermark", "scanner", "advice"],
)
def test_routine_beside_the_fault_it_resembles(routine: str, twin: str) -> None:
    """Within good work the routine accuses nobody, however often; its twin at the end of the same work does."""
    assert not said(_WORK + f"{routine}\n" * 4)
    assert said(_WORK + f"{twin}\n" * 6)

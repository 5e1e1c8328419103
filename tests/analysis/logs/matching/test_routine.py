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

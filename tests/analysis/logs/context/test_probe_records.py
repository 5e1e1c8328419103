"""Probes beside the program's own lines: the wrong port, the wrong protocol, too little time."""

# ruff: noqa: E501 — log lines are as long as they are
import pytest

from tests.analysis.logs.said import said

_FAILED = 'Warning  Unhealthy  2m (x9 over 4m)  kubelet  {kind} probe failed: Get "http://10.9.0.4:{port}/up": dial tcp 10.9.0.4:{port}: connect: connection refused\n'
_KILLED = "Normal   Killing    2m               kubelet  Container till failed liveness probe, will be restarted\n"
_KESTREL = "info: Microsoft.Hosting.Lifetime[14]\n      Now listening on: http://[::]:5000\n"
_GUNICORN = "[2031-02-03 10:00:00 +0000] [7] [INFO] Listening at: http://0.0.0.0:8000 (7)\n"


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (_FAILED.format(kind="Readiness", port=8080) + _KESTREL, "probe.readiness-port"),
        (_FAILED.format(kind="Liveness", port=8081) + _KILLED + _GUNICORN, "probe.liveness-port"),
        (_FAILED.format(kind="Startup", port=8081) + _GUNICORN, "probe.liveness-port"),
    ],
)
def test_a_probe_of_a_port_that_the_program_does_not_name_checks_the_wrong_one(log: str, code: str) -> None:
    """A restart does not help it: it stays true, whatever the program answers since."""
    assert said(log + 'INFO "GET / HTTP/1.1" 200 5\n' * 30)[:1] == [code]


@pytest.mark.parametrize(
    "progress",
    [
        "INFO replaying journal: 41 % done, about 80 s left\n",
        "2031-02-03 10:00:11 INFO Flyway: applying migration 31 of 90\n",
        "WARN SIGTERM received while warming up, giving up\n",
    ],
)
def test_a_program_that_is_killed_while_it_comes_up_has_too_little_time(progress: str) -> None:
    """It states how far it was; the probe's port is right."""
    log = progress + _FAILED.format(kind="Liveness", port=8000) * 3 + _KILLED
    assert said(log)[:1] == ["probe.liveness-timing"]


def test_a_start_that_takes_longer_than_the_probe_allows_is_a_matter_of_time() -> None:
    """The description shows the probe's patience, the program how long it takes undisturbed."""
    told = "    Liveness:  http-get http://:8080/up delay=10s timeout=1s period=5s #success=1 #failure=3\n"
    slow = "INFO Started TillApplication in 71.2 seconds (process running for 72.0)\n"
    quick = "INFO Started TillApplication in 7.2 seconds (process running for 8.0)\n"
    seen = told + _FAILED.format(kind="Liveness", port=8080) + _KILLED
    assert said(seen + slow)[:1] == ["probe.liveness-timing"]
    assert "probe.liveness-timing" not in said(seen + quick)


@pytest.mark.parametrize(
    "own",
    [
        "2031/02/03 10:00:00 http: TLS handshake error from 10.9.0.1:41000: client sent an HTTP request to an HTTPS server\n",
        "[error] 7#7: 400 The plain HTTP request was sent to HTTPS port while reading client request headers\n",
    ],
)
def test_a_program_that_hears_the_other_protocol_explains_its_probe(own: str) -> None:
    """What the kubelet sees as a bad answer, the program sees as another protocol."""
    kubelet = "Warning  Unhealthy  3s (x40 over 9m)  kubelet  Readiness probe failed: HTTP probe failed with statuscode: 400\n"
    assert said(kubelet + own * 5)[:1] == ["probe.readiness-protocol"]


def test_a_program_that_names_the_probed_port_is_not_probed_wrongly() -> None:
    """It was not up yet when it was asked first."""
    log = _FAILED.format(kind="Readiness", port=8000) + _GUNICORN
    assert not {"probe.readiness-port", "probe.liveness-port", "probe.liveness-timing"} & set(said(log)[1:])
    assert said(_GUNICORN + 'INFO "GET /up HTTP/1.1" 200 5\n' * 30) == []

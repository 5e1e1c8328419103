"""Probes: a wrong port, protocol or timing, or a program that does not answer a right one."""

from typing import Any

import pytest

from opsagent.analysis.objects.probe import probes_of
from tests.analysis.kube_objects import broken, container, ended, event, first, pod, running, stack

REFUSED = '{} probe failed: Get "http://10.0.0.7:{}/healthz": dial tcp 10.0.0.7:{}: connect: connection refused'
SLOW = '{} probe failed: Get "http://10.0.0.7:8080/healthz": context deadline exceeded (Client.Timeout exceeded)'


def _as(kind: str, probe: dict[str, Any]) -> dict[str, Any]:
    return {f"{kind}Probe": probe}


def probed(
    kind: str, probe: dict[str, Any], message: str = "", *, restarts: int = 0, port: int | None = 8080, **more: Any
) -> list[Any]:
    """Return a service whose pod fails the probe."""
    status = running(ready=False, restartCount=restarts, **more)
    made = pod("cart-1", status, spec={"containers": [container(port=port, **_as(kind, probe))]})
    told = [event(made, "Unhealthy", message)] if message else []
    if restarts:
        told.append(event(made, "Killing", "Container main failed liveness probe, will be restarted"))
    return broken(made, *told)


def http(port: int | str = 8080, scheme: str = "HTTP", **more: Any) -> dict[str, Any]:
    """Return an HTTP probe."""
    return {"httpGet": {"path": "/healthz", "port": port, "scheme": scheme}, **more}


@pytest.mark.parametrize("kind", ["liveness", "readiness"])
@pytest.mark.parametrize(
    ("probe", "message", "family"),
    [
        (http(8090), REFUSED.format("{}", 8090, 8090), "port"),
        ({"tcpSocket": {"port": 9000}}, "{} probe failed: dial tcp 10.0.0.7:9000: connect: connection refused", "port"),
        (http("web"), "{} probe errored: couldn't find port: web", "port"),
        (http(scheme="HTTPS"), "{} probe failed: Get: http: server gave HTTP response to HTTPS client", "protocol"),
        (http(), '{} probe failed: Get "http://10.0.0.7": malformed HTTP response "\\x15\\x03\\x01"', "protocol"),
        ({"grpc": {"port": 8080}}, "{} probe failed: error reading server preface: http2: frame too large", "protocol"),
        (http(timeoutSeconds=1, periodSeconds=1, failureThreshold=1), SLOW, "timing"),
    ],
)
def test_a_wrong_probe(kind: str, probe: dict[str, Any], message: str, family: str) -> None:
    """The message and the ports that the container declares show what is wrong with the probe."""
    said = message.format(kind.capitalize())
    assert first(*probed(kind, probe, said)) == (f"probe.{kind}-{family}", "Deployment/cart")


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        (http(), "Readiness probe failed: HTTP probe failed with statuscode: 503"),
        (http(), "Readiness probe failed: HTTP probe failed with statuscode: 404"),
        ({"exec": {"command": ["check"]}}, "Readiness probe failed: cannot reach the queue"),
        (http(), REFUSED.format("Readiness", 8080, 8080)),
    ],
)
def test_a_right_probe_of_a_program_that_is_not_well(probe: dict[str, Any], message: str) -> None:
    """The probe asks the right port; the program's answer is the fault."""
    assert first(*probed("readiness", probe, message))[0] == "probe.failing"


def test_a_program_that_hangs() -> None:
    """A patient probe that times out on a running program means that it hangs."""
    assert first(*probed("readiness", http(timeoutSeconds=5), SLOW.format("Readiness")))[0] == "pod.hung"


@pytest.mark.parametrize(("delay", "period"), [(2, 3), (0, 5)])
def test_a_liveness_probe_that_does_not_wait_for_the_start(delay: int, period: int) -> None:
    """Restarted again and again within seconds, on the right port: the probe is too hasty."""
    probe = http(initialDelaySeconds=delay, periodSeconds=period, failureThreshold=1)
    killed: dict[str, Any] = {"lastState": ended(137, lived=8)}
    assert first(*probed("liveness", probe, REFUSED.format("Liveness", 8080, 8080), restarts=6, **killed))[0] == (
        "probe.liveness-timing"
    )


@pytest.mark.parametrize("probe", [http(initialDelaySeconds=3600), http(periodSeconds=60, successThreshold=100)])
def test_a_readiness_probe_that_cannot_pass_for_an_hour(probe: dict[str, Any]) -> None:
    """Nothing fails, and nothing becomes ready: the probe has not checked yet."""
    made = probed("readiness", probe, started=600)
    assert first(*made)[0] == "probe.readiness-timing"


@pytest.mark.parametrize(
    ("probe", "code"),
    [
        (http(8090), "probe.readiness-port"),
        (http("admin"), "probe.readiness-port"),
        (http("http", "HTTPS"), "probe.readiness-protocol"),
    ],
)
def test_a_probe_that_cannot_pass_is_found_without_events(probe: dict[str, Any], code: str) -> None:
    """Events are gone after an hour; what the probe asks for and what listens still differ."""
    assert first(*probed("readiness", probe))[0] == code


def test_a_restart_by_the_probe_is_not_the_programs_crash() -> None:
    """Exit code 137 after a failed liveness probe on a wrong port: the probe has to change."""
    made = probed("liveness", http(8081), REFUSED.format("Liveness", 8081, 8081), restarts=4, lastState=ended(137))
    assert first(*made)[0] == "probe.liveness-port"


def test_one_old_failure_of_a_pod_that_is_ready_is_nothing() -> None:
    """Every start begins with a failed check; ready since then, it is well."""
    made = stack(spec={"containers": [container(readinessProbe=http())]})
    assert first(*made, event(made[2], "Unhealthy", REFUSED.format("Readiness", 8080, 8080), age=3000, count=1)) == (
        "healthy",
        None,
    )


def test_an_undeclared_port_that_answers_is_right() -> None:
    """Declaring ports is optional: a probe on another one that passes accuses nobody."""
    assert first(*stack(spec={"containers": [container(readinessProbe=http(9999))]})) == ("healthy", None)


def test_a_pod_that_has_just_started_is_given_time() -> None:
    """Ten seconds after the start a probe with a delay has not had its chance."""
    made = probed("readiness", http(initialDelaySeconds=30), started=10)
    assert first(*made) == ("healthy", None)


def test_a_probe_by_command_is_recognised_by_its_command() -> None:
    """An exec probe has no port to show."""
    item = pod("cart-1", spec={"containers": [container(readinessProbe={"exec": {"command": ["cat", "/tmp/ready"]}})]})
    (probe,) = probes_of(item)
    assert probe.text().startswith("exec [cat /tmp/ready] delay=0s")

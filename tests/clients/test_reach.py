"""The way to ports inside the cluster: direct, or through the API server's proxy."""

import socket
from collections.abc import Callable

import pytest

from opsagent.clients.live import LivePlatform
from opsagent.config.settings import HealthSettings, KubernetesSettings, StatsSettings
from opsagent.errors import (
    CheckError,
    ForbiddenError,
    NotAnAnswerError,
    NotCheckedError,
    NoWayError,
    UnreachableError,
)
from opsagent.models.service import Service
from tests.clients.loopback import Reply, Script, status

STATS = "/api/v1/namespaces/shop/services/lb:7100/proxy/stats"
BLOG = "/api/v1/namespaces/shop/services/blog:8005/proxy/health"
BODY = {"auth": {"service_status": "online"}}
BLOG_SERVICE = Service("blog", health_url="http://blog:8005/health")
FRONT = Service("lb", health_url="http://lb:7100/lb-health")
Make = Callable[..., LivePlatform]


def test_direct_answer_needs_no_cluster(script: Script, platform: Make) -> None:
    """Where the direct URL answers, the API server is not asked."""
    script.on("/stats", Reply(body=BODY))
    (sample,) = platform(script.url).stats()
    assert (sample.stats, sample.reach) == (BODY, "direct")
    assert script.paths() == ["/stats"]


def test_proxy_where_nobody_answers_directly(script: Script, platform: Make) -> None:
    """The service proxy is asked next, and remembered: the second check does not try the direct URL again."""
    script.on(STATS, Reply(body=BODY))
    looked = platform()
    assert [looked.stats()[0].reach for _ in range(2)] == ["proxy", "proxy"]


def test_both_ways_fail(script: Script, platform: Make) -> None:
    """The error states what was tried and why each failed, and the hint is a command."""
    script.on(STATS, Reply(403, status(403, "Forbidden", 'services "lb" is forbidden')))
    (sample,) = platform().stats()
    assert sample.stats is None
    assert sample.error is not None
    assert "connection refused" in sample.error
    assert "tried: direct, then the API server's service proxy (403: services/proxy)" in sample.error
    assert sample.hint is not None
    assert sample.hint.startswith("kubectl port-forward svc/lb 7100 -n shop")


def test_no_endpoints_is_the_informative_failure(script: Script, platform: Make) -> None:
    """The API server's word that no pod is behind the Service outweighs a direct URL where nobody listens."""
    script.on(STATS, Reply(503, status(503, "ServiceUnavailable", 'no endpoints available for service "lb"')))
    (sample,) = platform().stats()
    assert sample.http == 503
    assert sample.error is not None
    assert sample.error.startswith("the load balancer did not answer through the API server's proxy (HTTP 503: no end")
    assert "get pods" in (sample.hint or "")


def test_known_way_that_hangs_is_not_followed_by_the_other(script: Script, platform: Make) -> None:
    """A load balancer that answered before and now is silent costs one time-out, not two."""
    script.on("/stats", Reply(body=BODY), Reply(delay_s=1.3))
    looked = platform(script.url)
    looked.stats()
    (sample,) = looked.stats()
    assert sample.error is not None
    assert "timed out" in sample.error
    assert script.paths() == ["/stats", "/stats"]


@pytest.mark.parametrize(("reach", "tried"), [("direct", ["/stats"]), ("proxy", [STATS, "/version"])])
def test_reach_can_be_fixed(script: Script, platform: Make, reach: str, tried: list[str]) -> None:
    """With reach set, only that way is tried; an answer through the API server makes it prove to be one."""
    platform(script.url, reach=reach).stats()
    assert script.paths() == tried


def test_no_cluster_at_all(platform: Make) -> None:
    """Without a kubeconfig the proxy's failure states it."""
    (sample,) = platform(kubernetes=KubernetesSettings()).stats()
    assert sample.error is not None
    assert "there is no kubeconfig" in sample.error


def test_platform_without_stats(platform: Make) -> None:
    """Where /stats is switched off it is not checked, which is not a failure of the load balancer."""
    with pytest.raises(NotCheckedError):
        platform(stats=StatsSettings(enabled=False)).stats()


def test_health_through_the_proxy(script: Script, platform: Make) -> None:
    """An in-cluster host is asked through the API server; any status of the service is its answer."""
    script.on(BLOG, Reply(body={"status": "ok"}), Reply(500, b"broken", "text/plain"))
    good, bad = platform().health(BLOG_SERVICE), platform().health(BLOG_SERVICE)
    assert (good.ok, good.http, good.reach) == (True, 200, "proxy")
    assert (bad.ok, bad.http, bad.body) == (False, 500, "broken")


def test_health_with_an_empty_body(script: Script, platform: Make) -> None:
    """200 with no body is healthy."""
    script.on(BLOG, Reply(body=b""))
    assert platform().health(BLOG_SERVICE).ok


@pytest.mark.parametrize(
    ("code", "message"),
    [(503, "no endpoints available"), (502, "dial tcp 10.0.0.7:8005: connect: connection refused"), (404, "not found")],
)
def test_health_that_the_proxy_cannot_get(script: Script, platform: Make, code: int, message: str) -> None:
    """What the API server reports about the way to the pod is the check's error, not a status of the service."""
    script.on(BLOG, Reply(code, status(code, "x", message)))
    look = platform().health(BLOG_SERVICE)
    assert not look.ok
    assert look.http is None
    assert look.error is not None
    assert message in look.error


def test_health_that_may_not_be_asked(script: Script, platform: Make) -> None:
    """A 403 for services/proxy reports nothing about the service, so it is not a check all."""
    script.on(BLOG, Reply(403, status(403, "Forbidden", "no")))
    with pytest.raises(ForbiddenError) as caught:
        platform().health(BLOG_SERVICE)
    assert "services/proxy" in (caught.value.hint or "")


def test_health_without_an_api_server(platform: Make, tmp_path: object, closed_port: int) -> None:
    """An API server that cannot be reached reports nothing about the service either."""
    from tests.clients.loopback import kubeconfig

    path = kubeconfig(tmp_path, f"http://127.0.0.1:{closed_port}")  # type: ignore[arg-type]
    with pytest.raises(UnreachableError):
        platform(kubernetes=KubernetesSettings(kubeconfig=path)).health(BLOG_SERVICE)


def test_hung_service_through_the_proxy(script: Script, platform: Make) -> None:
    """A service that does not answer through an API server that does is a check with an error."""
    script.on(BLOG, Reply(delay_s=0.6))
    look = platform(health=HealthSettings(0.2)).health(BLOG_SERVICE)
    assert not look.ok
    assert look.error is not None
    assert "did not answer" in look.error


def test_health_of_the_load_balancer_is_asked_directly(script: Script, platform: Make) -> None:
    """The load balancer's own path is asked under the URL of its /stats."""
    script.on("/lb-health", Reply(body=b""))
    look = platform(script.url).health(FRONT)
    assert (look.ok, look.reach) == (True, "direct")


def test_health_of_the_load_balancer_through_the_proxy(script: Script, platform: Make) -> None:
    """Where nobody answers directly, the load balancer's path is asked through the API server."""
    script.on("/api/v1/namespaces/shop/services/lb:7100/proxy/lb-health", Reply(body=b""))
    assert platform().health(FRONT).reach == "proxy"


def test_health_of_the_load_balancer_that_cannot_be_reached(script: Script, platform: Make) -> None:
    """With both ways closed it was not checked, and the error states what was tried."""
    script.on("/api/v1/namespaces/shop/services/lb:7100/proxy/lb-health", Reply(403, status(403, "Forbidden", "no")))
    with pytest.raises(NotCheckedError, match=r"tried: direct .*connection refused.*403"):
        platform().health(FRONT)


def test_tcp_port_inside_the_cluster_is_not_checked(platform: Make) -> None:
    """The proxy carries HTTP only: a TCP port behind it was not checked."""
    with pytest.raises(NotCheckedError, match="TCP port"):
        platform().health(Service("redis", health_url="tcp://redis:6379"))


def test_tcp_port_that_can_be_reached(platform: Make, closed_port: int) -> None:
    """A TCP check states whether the port is open."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert platform().health(Service("redis", health_url=f"tcp://127.0.0.1:{port}")).ok
    shut = platform().health(Service("redis", health_url=f"tcp://127.0.0.1:{closed_port}"))
    assert (shut.ok, shut.tcp) == (False, "connection refused")


def test_service_without_a_health_path(platform: Make) -> None:
    """No health_url means not checked."""
    with pytest.raises(NotCheckedError):
        platform().health(Service("x"))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(302, headers={"Location": "/login"}),
        Reply(200, b"<html>login</html>", "text/html"),
        Reply(200, b"  <!doctype html>", "text/plain"),
        Reply(200, {}),
        Reply(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"}, "text/plain"),
    ],
)
def test_health_answer_that_is_none(script: Script, platform: Make, closed_port: int, reply: Reply) -> None:
    """A login page, a redirect or an object of somebody else is not a word of the service, over either way."""
    script.on("/health", reply)
    with pytest.raises(NotAnAnswerError):
        platform(reach="direct").health(Service("blog", health_url=f"{script.url}/health"))
    if reply.body and b"kind" in str(reply.body).encode():
        return  # through the API server this is its own word
    script.on(BLOG, reply)
    with pytest.raises(NotAnAnswerError):
        platform().health(BLOG_SERVICE)


def test_page_of_a_user_interface_is_its_health(script: Script, platform: Make) -> None:
    """Where the root of a web server is asked for, a page is the good answer."""
    script.on("/", Reply(200, b"<html>dashboard</html>", "text/html"))
    assert platform(reach="direct").health(Service("ui", health_url=f"{script.url}/")).ok


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, status(500, "InternalError", "etcdserver: leader changed")),
        Reply(503, status(503, "ServiceUnavailable", "the apiserver is shutting down")),
        Reply(429, status(429, "TooManyRequests", "slow down")),
        Reply(drop=True),
        Reply(body=b'{"status": "o', length=40),
    ],
)
def test_api_server_that_fails_reports_nothing_of_a_service(script: Script, platform: Make, reply: Reply) -> None:
    """What the API server itself gets wrong on the way is an error, not a check of the service."""
    script.on(BLOG, reply)
    with pytest.raises(CheckError):
        platform().health(BLOG_SERVICE)


def test_api_server_that_hangs_reports_nothing_of_a_service(script: Script, platform: Make) -> None:
    """A silent service is distinguished from a silent API server by asking that for its version."""
    script.on(BLOG, Reply(delay_s=0.6))
    script.on("/version", Reply(delay_s=1.5))
    with pytest.raises(CheckError, match="/version"):
        platform(health=HealthSettings(0.2)).health(BLOG_SERVICE)


def test_host_that_has_no_name(platform: Make) -> None:
    """A name that does not resolve is a fault of the way, for HTTP and for TCP."""
    for url in ("http://nobody.invalid:1/health", "tcp://nobody.invalid:1"):
        with pytest.raises(NoWayError):
            platform(reach="direct").health(Service("x", health_url=url))


def test_server_without_tls(script: Script, platform: Make) -> None:
    """TLS that fails is a fault of the way."""
    url = script.url.replace("http:", "https:")
    with pytest.raises(NoWayError):
        platform(reach="direct").health(Service("x", health_url=f"{url}/health"))


@pytest.mark.parametrize(
    ("reply", "way_failed"),
    [
        (Reply(503, status(503, "ServiceUnavailable", 'no endpoints available for service "lb"')), False),
        (Reply(503, status(503, "ServiceUnavailable", "error trying to reach service: dial tcp: refused")), False),
        (Reply(500, status(500, "InternalError", "etcdserver: leader changed")), True),
        (Reply(403, status(403, "Forbidden", "no")), True),
        (Reply(401, status(401, "Unauthorized", "no")), True),
        (Reply(drop=True), True),
        (Reply(delay_s=1.5), False),  # the API server answers /version meanwhile: the load balancer hangs
        (Reply(200, b"<html>login</html>", "text/html"), True),
        (Reply(200, {}), True),
        (Reply(302, headers={"Location": "/login"}), True),
    ],
)
def test_sample_states_whether_the_way_failed(script: Script, platform: Make, reply: Reply, way_failed: bool) -> None:
    """Only what the load balancer or its Service is to be blamed for counts against the load balancer."""
    script.on(STATS, reply)
    (sample,) = platform().stats()
    assert sample.stats is None
    assert sample.way_failed is way_failed


def test_sample_over_an_api_server_that_hangs(script: Script, platform: Make) -> None:
    """The load balancer is not blamed for an API server that does not answer."""
    script.on(STATS, Reply(delay_s=1.5))
    script.on("/version", Reply(delay_s=1.5))
    (sample,) = platform().stats()
    assert sample.way_failed

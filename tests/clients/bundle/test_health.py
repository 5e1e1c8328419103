"""One check a service, under whatever name it was written down."""

from typing import Any

import pytest

from opsagent.clients.bundle.health import pick_check
from opsagent.errors import CheckError, NotCheckedError
from opsagent.models.service import Service

CART = Service("cart-service", deployment="cart-deployment", stats_key="cart", health_url="http://cart-svc:8080/h")
REDIS = Service("redis", health_url="tcp://redis:6379")


@pytest.mark.parametrize(
    "key", ["cart-service", "cart_service", "cart", "cart-deployment", "cart-svc", "cart-svc:8080"]
)
def test_every_name_of_a_service_finds_its_check(key: str) -> None:
    """Label, /stats key, Deployment, Kubernetes Service and service:port all resolve."""
    look = pick_check({"other": {"error": "x"}, key: {"http": 200, "took_s": 0.1, "body": "ok"}}, CART)
    assert (look.service, look.http, look.took_s, look.body, look.ok) == ("cart-service", 200, 0.1, "ok", True)


def test_the_plain_name_comes_before_ports_and_the_own_port_before_others() -> None:
    """Several checks one service: the one at its health path counts."""
    looks = {"cart-svc:9090": {"http": 500}, "cart-svc:8080": {"http": 204}}
    assert pick_check(looks, CART).http == 204
    assert pick_check({**looks, "cart-service": {"http": 503}}, CART).http == 503


def test_a_tcp_check_and_an_error_are_read() -> None:
    """An open port is well, a refused connection is not, and both keep what was stated."""
    assert pick_check({"redis:6379": {"tcp": "open", "body": "+PONG"}}, REDIS).ok
    refused = pick_check({"redis": {"error": "connection refused"}}, REDIS)
    assert (refused.ok, refused.error) == (False, "connection refused")


@pytest.mark.parametrize("entry", [None, 5, {}, {"http": "200"}, {"http": True}, {"body": "ok"}])
def test_an_entry_that_reports_nothing_is_not_a_success(entry: Any) -> None:
    """An entry without http, tcp or error could not be checked."""
    with pytest.raises(CheckError, match="cart-service"):
        pick_check({"cart-service": entry}, CART)


def test_an_absent_service_was_not_checked() -> None:
    """A service that is not in the file was not checked."""
    with pytest.raises(NotCheckedError):
        pick_check({"": {}, ":80": {}, "redis": {}}, CART)

"""Where a health URL leads."""

import pytest

from opsagent.clients.health_url import parse_health_url
from opsagent.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "service", "namespace", "proxied"),
    [
        ("http://blog:8005/health", "blog", None, "blog:8005"),
        ("https://blog/health", "blog", None, "https:blog:443"),
        ("http://blog.shop:80/", "blog", "shop", "blog:80"),
        ("http://blog.other.svc:80/", "blog", "other", "blog:80"),
        ("http://blog.other.svc.cluster.local:80/", "blog", "other", "blog:80"),
        ("http://blog.example:80/", None, None, "None:80"),
        ("http://status.example.org/x", None, None, "None:80"),
        ("http://localhost:7100/", None, None, "None:7100"),
        ("http://10.0.0.1:7100/", None, None, "None:7100"),
        ("tcp://redis:6379", "redis", None, "redis:6379"),
    ],
)
def test_hosts(url: str, service: str | None, namespace: str | None, proxied: str) -> None:
    """A Kubernetes Service is distinguished from a host that anybody can ask."""
    found = parse_health_url(url, "shop")
    assert (found.service, found.namespace, found.proxied) == (service, namespace, proxied)


@pytest.mark.parametrize("url", ["", "blog", "blog:8005", "ftp://blog/", "tcp://redis", "http://blog:x/", "http://[/"])
def test_what_is_not_a_health_url(url: str) -> None:
    """A health_url that cannot be asked is a mistake in the configuration."""
    with pytest.raises(ConfigError):
        parse_health_url(url, "shop")

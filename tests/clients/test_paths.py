"""Request paths: what is made of identifiers from outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.clients.kinds import KINDS
from opsagent.clients.paths import log_path, proxy_path, sent_path
from opsagent.errors import InvalidNameError


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=40), st.text(max_size=40))
def test_object_path_has_its_own_segments_alone(kind: str, namespace: str, name: str) -> None:
    """A path has the segments of its kind, or there is none."""
    what = KINDS[kind]
    try:
        path = what.path(namespace, name)
    except InvalidNameError:
        return
    plain = what.path("n", "x")
    assert path.count("/") == plain.count("/")
    assert sent_path(path) == path


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=60))
def test_proxy_path_stays_below_its_service(namespace: str, service: str, path: str) -> None:
    """What leaves begins with the Service's own proxy, and no segment climbs out of it."""
    try:
        made = proxy_path(namespace, service, path)
    except InvalidNameError:
        return
    assert made.startswith(f"/api/v1/namespaces/{namespace}/services/{service}/proxy/")
    assert sent_path(made) == made


@pytest.mark.parametrize("service", ["a:80", "a", "https:a:http", "http:a.b:8080"])
def test_services_as_the_proxy_names_them(service: str) -> None:
    """A port is a number or a name, and a scheme may be before."""
    assert proxy_path("n", service, "health") == f"/api/v1/namespaces/n/services/{service}/proxy/health"


@pytest.mark.parametrize("service", ["ftp:a:1", "a:80:90:1", "a:80/x", ":80", "a:", "a:8_0", "A:80"])
def test_services_that_there_cannot_be(service: str) -> None:
    """Everything else is refused."""
    with pytest.raises(InvalidNameError):
        proxy_path("n", service, "health")


def test_log_path_quotes_its_query() -> None:
    """The container is checked, and what else is asked for is quoted."""
    assert log_path("n", "p", {"container": "c", "sinceTime": "a&b"}).endswith("/log?container=c&sinceTime=a%26b")
    with pytest.raises(InvalidNameError):
        log_path("n", "p", {"container": "c&follow=true"})


@pytest.mark.parametrize("path", ["api", "/a/../b", "/a/%2E%2e/b", "/a b", "/a\r\nb", "/a/%252e%252e", "/a#b", "/é"])
def test_nothing_else_is_sent(path: str) -> None:
    """A path made anywhere else passes the same gate."""
    with pytest.raises(InvalidNameError):
        sent_path(path)

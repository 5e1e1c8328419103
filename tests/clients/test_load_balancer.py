"""GET /stats over plain http, answered well and badly."""

import pytest

from opsagent.clients.load_balancer import LoadBalancer
from opsagent.errors import CheckError
from tests.clients.loopback import Reply, Script, status

BODY = {"load-balancer": {"status": "healthy", "requests_per_second": 12}}


def test_good_answer_is_kept_as_it_came(script: Script) -> None:
    """A JSON object with HTTP 200 is the sample's body, with its time, duration and way."""
    script.on("/stats", Reply(body=BODY))
    sample = LoadBalancer(script.url, 2.0).stats()
    assert (sample.stats, sample.http, sample.error, sample.reach) == (BODY, 200, None, "direct")
    assert sample.took_s < 1
    assert sample.at.tzinfo is not None


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(500, b"boom", "text/plain"), "HTTP 500"),
        (Reply(500, {"error": "boom"}), "HTTP 500"),
        (Reply(200, b"<!doctype html><h1>dashboard</h1>", "text/html"), "HTML"),
        (Reply(200, b"  <html>", "application/json"), "HTML"),
        (Reply(200, b'{"auth": {"service_st'), "unfinished JSON"),
        (Reply(200, [1, 2]), "JSON list"),
        (Reply(200, b"null"), "JSON null"),
        (Reply(200, b'"ok"'), "JSON string"),
        (Reply(200, b""), "empty body"),
        (Reply(200, {}), "without a service"),
        (Reply(200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}), "without a service"),
        (Reply(200, {"auth": None, "blog": []}), "without a service"),
        (Reply(302, headers={"Location": "/login"}), "HTTP 302"),
        (Reply(200, b"[" * 100_000), "JSON"),
        (Reply(200, b"x" * (5 * 1024 * 1024)), "more than"),
        (Reply(200, b"{}", length=500), "broke off"),
        (Reply(drop=True), "broke off"),
    ],
)
def test_bad_answer_states_what_came_back(script: Script, reply: Reply, said: str) -> None:
    """Whatever is no JSON object is a sample without a body that states what came back."""
    script.on("/stats", reply)
    sample = LoadBalancer(script.url, 2.0).stats()
    assert sample.stats is None
    assert sample.error is not None
    assert said in sample.error


def test_refused(closed_port: int) -> None:
    """A refused connection is stated in words, with the URL that was asked."""
    sample = LoadBalancer(f"http://127.0.0.1:{closed_port}", 2.0).stats()
    assert sample.http is None
    assert sample.error is not None
    assert "connection refused" in sample.error
    assert f":{closed_port}" in sample.error


def test_slow(script: Script) -> None:
    """An answer that does not come ends at the time-out, and the sample states how long it was waited for."""
    script.on("/stats", Reply(body=BODY, delay_s=1.0))
    sample = LoadBalancer(script.url, 0.2).stats()
    assert sample.error is not None
    assert "timed out after 0.2 s" in sample.error
    assert 0.2 <= sample.took_s < 0.9


def test_dripping_body_is_bounded(script: Script) -> None:
    """A body that comes byte by byte does not outlast the time-out."""
    script.on("/stats", Reply(body=b'{"a": "' + b"x" * 200 + b'"}', drip_s=0.02))
    sample = LoadBalancer(script.url, 0.3).stats()
    assert sample.error is not None
    assert "timed out after 0.3 s" in sample.error
    assert sample.took_s < 1.5


def test_redirect_is_not_followed(script: Script) -> None:
    """Nothing is asked of the place that a redirect names."""
    script.on("/stats", Reply(302, headers={"Location": f"{script.url}/elsewhere"}))
    sample = LoadBalancer(script.url, 2.0).stats()
    assert sample.http == 302
    assert sample.stats is None
    assert script.paths() == ["/stats"]


def test_answer_of_an_api_server_is_not_a_stats(script: Script) -> None:
    """A Status object under the direct URL with an error code is an error."""
    script.on("/stats", Reply(403, status(403, "Forbidden", "no")))
    assert LoadBalancer(script.url, 2.0).stats().stats is None


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", "http://", "http://[::1", "http://x:99999"])
def test_url_that_is_none(url: str) -> None:
    """A URL that cannot be asked is an error of ours, not of a library."""
    sample = LoadBalancer(url, 0.5).stats()
    assert sample.stats is None
    assert sample.error


def test_environment_proxy_is_not_asked_for_loopback(
    script: Script, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    """A port-forward on this machine is reached although the environment names a proxy."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    script.on("/stats", Reply(body=BODY))
    assert LoadBalancer(script.url, 2.0).stats().stats == BODY


def test_no_httpx_error_leaks(script: Script, closed_port: int) -> None:
    """Every failure of a plain GET is one of our errors, raised from the library's."""
    script.on("/a", Reply(drop=True))
    script.on("/b", Reply(delay_s=0.5))
    script.on("/c", Reply(body=b"{}", length=9))
    cases = [(script.url, "/a"), (script.url, "/b"), (script.url, "/c"), (f"http://127.0.0.1:{closed_port}", "/")]
    for url, path in cases:
        with pytest.raises(CheckError) as caught:
            LoadBalancer(url, 0.2).get(path)
        assert type(caught.value).__module__ == "opsagent.errors"
        assert caught.value.__cause__ is not None

"""A client of the sandbox made of nothing but urllib."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from opsagent.sandbox import Sandbox

SPACE = "/api/v1/namespaces/titanium-local"
APPS = "/apis/apps/v1/namespaces/titanium-local"
BLOG = "local-blog-service-deployment"


def fetch(url: str, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
    """Return status, body (JSON where it is JSON, else bytes) and headers."""
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, raw, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, _read(answer.read()), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _read(error.read()), dict(error.headers)


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def api(box: Sandbox, path: str, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, Any]:
    """Return status and body of a request to the Kubernetes API."""
    status, answer, _ = fetch(box.api_url + path, method, body, **headers)
    return status, answer


def patch(box: Sandbox, path: str, body: Any, kind: str = "strategic-merge-patch") -> tuple[int, Any]:
    """Send a patch."""
    return api(box, path, "PATCH", body, Content_Type=f"application/{kind}+json")


def restart(box: Sandbox, deployment: str = BLOG, mark: str = "2026-01-01T00:00:00Z", **head: Any) -> tuple[int, Any]:
    """Do what `kubectl rollout restart` does."""
    notes = {"kubectl.kubernetes.io/restartedAt": mark}
    body: dict[str, Any] = {"spec": {"template": {"metadata": {"annotations": notes}}}}
    if head:
        body["metadata"] = head
    return patch(box, f"{APPS}/deployments/{deployment}", body)


def stats(box: Sandbox) -> Any:
    """Return the body of GET /stats."""
    return fetch(f"{box.stats_url}/stats")[1]


def log(box: Sandbox, pod: str, query: str = "") -> Any:
    """Return a pod's log as text, or the Status object."""
    _, body = api(box, f"{SPACE}/pods/{pod}/log?{query}")
    return body.decode() if isinstance(body, bytes) else body


def pods(box: Sandbox, app: str) -> list[dict[str, Any]]:
    """Return the pods of an app as the API lists them."""
    found: list[dict[str, Any]] = api(box, f"{SPACE}/pods?labelSelector=app%3D{app}")[1]["items"]
    return found


def until(condition: Callable[[], object], what: str, within_s: float = 60.0) -> None:
    """Poll a condition until it holds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.02)

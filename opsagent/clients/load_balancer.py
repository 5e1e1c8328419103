"""The load balancer's aggregated GET /stats."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from opsagent.clients.answer import HttpAnswer, brief, json_object, kube_status
from opsagent.errors import CheckError, HungError, NoWayError, TransientCheckError
from opsagent.models.observed import Reach, StatsSample

# What the API server's proxy states where it could not get an answer of the pods behind a Service.
_OF_THE_SERVICE = ("no endpoints available", "error trying to reach service", "no service port", "dial tcp")


class LoadBalancer:
    """The load balancer under its direct URL."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self.url = url.rstrip("/")
        self.timeout_s = timeout_s

    def stats(self) -> StatsSample:
        """GET /stats once; everything but a JSON object with HTTP 200 is a sample with `error`."""
        return take_sample(lambda: self.get("/stats"), self.url, "direct")

    def get(self, path: str, *, source: str = "stats") -> HttpAnswer:
        """GET a path of the load balancer; raises CheckError where nobody answered."""
        # Late: httpx costs 0.2 s at start, and a search through the API server does without it.
        from opsagent.clients.http import get  # noqa: PLC0415

        return get(self.url + path, who="the load balancer", timeout_s=self.timeout_s, source=source)


def take_sample(ask: Callable[[], HttpAnswer], url: str, reach: Reach) -> StatsSample:
    """Ask once and return the sample: the body as answered, or what came back in its place.

    `way_failed` marks a failure that is not the load balancer's own: what `ask` raises is one only where the
    load balancer itself was silent, and an answer only where nothing else gives it.
    """
    at, started = datetime.now(UTC), time.monotonic()
    try:
        answer = ask()
    except CheckError as error:
        took, way = time.monotonic() - started, not _own_silence(error, reach)
        return StatsSample(at, took, error=error.message, reach=reach, url=url, hint=error.hint, way_failed=way)
    took = time.monotonic() - started
    status = kube_status(answer) if reach == "proxy" else None
    if status is not None:
        message = f"HTTP {answer.status}: {brief(status.get('message') or 'no message', 300)}"
        wrong = f"the load balancer did not answer through the API server's proxy ({message})"
        way = not of_the_service(answer, status)
        return StatsSample(at, took, http=answer.status, error=wrong, reach=reach, url=url, way_failed=way)
    body, wrong_body = stats_body(answer)
    if wrong_body is not None:
        error_text = f"the load balancer at {url} {wrong_body}"
        # The load balancer always answers 200: a 5xx is of what is before it, and states that it is not there.
        way = answer.status < 500
        return StatsSample(at, took, http=answer.status, error=error_text, reach=reach, url=url, way_failed=way)
    return StatsSample(at=at, took_s=took, http=answer.status, stats=body, reach=reach, url=url)


def stats_body(answer: HttpAnswer) -> tuple[dict[str, Any] | None, str | None]:
    """Return the body of GET /stats, or None and what it was instead of a JSON object of service entries."""
    body, wrong = json_object(answer)
    if answer.status != 200 and wrong is None:
        return None, f"answered HTTP {answer.status}: {brief(answer.text)}"
    if body is None:
        return None, wrong
    # The load balancer passes on whatever a service gives; its own entry always names a status.
    entries = [entry for entry in body.values() if isinstance(entry, dict)]
    if not any(isinstance(entry.get(key), str) for entry in entries for key in ("service_status", "status")):
        return None, f"answered HTTP {answer.status} without a service that names its status: {brief(answer.text)}"
    return body, None


def of_the_service(answer: HttpAnswer, status: Mapping[str, Any]) -> bool:
    """Return whether the API server's Status is about the Service behind its proxy, not about the API server."""
    message = str(status.get("message") or "").lower()
    if answer.status in {404, 504}:
        return True
    return answer.status >= 500 and any(words in message for words in _OF_THE_SERVICE)


def _own_silence(error: CheckError, reach: Reach) -> bool:
    if reach == "proxy":
        return isinstance(error, HungError)
    return isinstance(error, TransientCheckError) and not isinstance(error, NoWayError)

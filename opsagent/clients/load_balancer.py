"""The load balancer's aggregated GET /stats."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from opsagent.clients.answer import Answer, brief, json_object, kube_status
from opsagent.errors import LookError
from opsagent.models.look import Reach, StatsSample


class LoadBalancer:
    """The load balancer under its direct URL."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self.url = url.rstrip("/")
        self.timeout_s = timeout_s

    def stats(self) -> StatsSample:
        """GET /stats once; everything but a JSON object with HTTP 200 is a sample with `error`."""
        return take_sample(lambda: self.get("/stats"), self.url, "direct")

    def get(self, path: str, *, source: str = "stats") -> Answer:
        """GET a path of the load balancer; raises LookError where nobody answered."""
        # Late: httpx costs 0.2 s at start, and a look through the API server does without it.
        from opsagent.clients.http import get  # noqa: PLC0415

        return get(self.url + path, who="the load balancer", timeout_s=self.timeout_s, source=source)


def take_sample(ask: Callable[[], Answer], url: str, reach: Reach) -> StatsSample:
    """Ask once and return the sample: the body as answered, or what came back in its place."""
    at, started = datetime.now(UTC), time.monotonic()
    try:
        answer = ask()
    except LookError as error:
        took = time.monotonic() - started
        return StatsSample(at=at, took_s=took, error=error.message, reach=reach, url=url, hint=error.hint)
    took = time.monotonic() - started
    status = kube_status(answer) if reach == "proxy" else None
    if status is not None:
        said = f"HTTP {answer.status}: {brief(status.get('message') or 'no message', 300)}"
        wrong = f"the load balancer did not answer through the API server's proxy ({said})"
        return StatsSample(at=at, took_s=took, http=answer.status, error=wrong, reach=reach, url=url)
    body, wrong_body = json_object(answer)
    if answer.status != 200 and wrong_body is None:
        wrong_body = f"answered HTTP {answer.status}: {brief(answer.text)}"
    if wrong_body is not None:
        error_text = f"the load balancer at {url} {wrong_body}"
        return StatsSample(at=at, took_s=took, http=answer.status, error=error_text, reach=reach, url=url)
    return StatsSample(at=at, took_s=took, http=answer.status, stats=body, reach=reach, url=url)

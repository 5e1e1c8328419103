"""One bounded GET over plain httpx."""

import time

import httpx

from opsagent.clients.answer import Answer
from opsagent.clients.http_errors import look_error
from opsagent.errors import UnreachableError

MAX_BODY = 4 * 1024 * 1024
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def get(url: str, *, who: str, timeout_s: float, source: str, max_body: int = MAX_BODY) -> Answer:
    """GET a URL and return what came back, whatever its status; `who` names the one asked, for errors.

    Redirects are not followed, so nothing is sent elsewhere. `timeout_s` bounds the whole answer, a body that drips
    included. Raises UnreachableError where nobody answered in time, TransientLookError where the answer broke off.
    """
    deadline = time.monotonic() + timeout_s
    try:
        parsed = httpx.URL(url)
        # Loading the CA bundle costs 30 ms and plain http needs none; an https URL is always verified.
        verify = parsed.scheme != "http"
        # A port-forward on this machine is never behind the environment's proxy.
        trust_env = parsed.host not in LOOPBACK
        with (
            httpx.Client(verify=verify, trust_env=trust_env, timeout=timeout_s, follow_redirects=False) as client,
            client.stream("GET", parsed, headers={"Accept": "application/json, */*;q=0.5"}) as response,
        ):
            body, whole = read_within(response, deadline, max_body)
            if not whole:
                raise UnreachableError(f"{who} gave no whole answer at {url} within {timeout_s:g} s", source=source)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, body[:max_body], headers, cut=len(body) > max_body)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise look_error(error, url, who=who, source=source, timeout_s=timeout_s) from error


def read_within(response: httpx.Response, deadline: float, max_body: int) -> tuple[bytes, bool]:
    """Return the body up to its bound, and whether it came in time."""
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > max_body:
            break
        if time.monotonic() > deadline:
            return bytes(body), False
    return bytes(body), True

"""One bounded GET over plain httpx."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from opsagent.clients.answer import HttpAnswer
from opsagent.clients.body import CHUNK, MB, Body, read_body
from opsagent.clients.deadline import Deadline
from opsagent.clients.http_errors import check_error
from opsagent.errors import UnreachableError

MAX_BODY = MB
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def get(url: str, *, who: str, timeout_s: float, source: str, max_body: int = MAX_BODY) -> HttpAnswer:
    """GET a URL and return what came back, whatever its status; `who` names the one asked, for errors.

    Redirects are not followed, so nothing is sent elsewhere. `timeout_s` bounds the complete answer, a body that drips
    included. Raises UnreachableError where nobody answered in time, TransientCheckError where the answer broke off.
    """
    wanted = {"Accept": "application/json, */*;q=0.5", "Accept-Encoding": "identity"}
    deadline = Deadline(timeout_s)
    try:
        parsed = httpx.URL(url)
        # Loading the CA bundle costs 30 ms and plain http needs none; an https URL is always verified.
        verify = parsed.scheme != "http"
        # A port-forward on this machine is never behind the environment's proxy.
        trust_env = parsed.host not in LOOPBACK
        with (
            deadline,
            httpx.Client(verify=verify, trust_env=trust_env, timeout=timeout_s, follow_redirects=False) as client,
            streamed(client, "GET", parsed, headers=wanted, extensions={"trace": watching(deadline)}) as response,
        ):
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = Body(headers.get("content-encoding", ""), max_body, who=who, source=source)
            data = read_body(response.iter_raw(CHUNK), body, what=f"get {url}", source=source)
            answer = HttpAnswer(response.status_code, data, headers, cut=body.cut)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        if deadline.over:
            raise _late(who, url, timeout_s, source) from error
        raise check_error(error, url, who=who, source=source, timeout_s=timeout_s) from error
    if deadline.over:  # a body that ends with its connection looks complete
        raise _late(who, url, timeout_s, source)
    return answer


def _late(who: str, url: str, timeout_s: float, source: str) -> UnreachableError:
    return UnreachableError(f"{who} did not answer at {url} (timed out after {timeout_s:g} s)", source=source)


@contextmanager
def streamed(client: httpx.Client, method: str, url: httpx.URL | str, **given: Any) -> Iterator[httpx.Response]:
    """Stream an answer; the parameters are those of `client.stream`.

    Its stream is let go when it is closed, for the stream holds the answer: that cycle would keep the client with its
    pool and its certificates until Python searches for garbage.
    """
    response: httpx.Response | None = None
    try:
        with client.stream(method, url, **given) as response:
            yield response
    finally:
        if response is not None:
            response.stream = httpx.ByteStream(b"")


def watching(
    deadline: Deadline, connected: Callable[[socket.socket], None] = lambda _: None
) -> Callable[[str, Mapping[str, Any]], None]:
    """Return an httpx trace that hands each connection over as it is made, to whoever keeps it too."""

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event.startswith("connection.connect_") and event.endswith(".complete"):
            made = info["return_value"].get_extra_info("socket")
            deadline.watch(made)
            connected(made)

    return trace

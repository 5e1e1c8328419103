"""One bounded POST of a form, with credentials: how the Prometheus API is asked (URLs over 8 KB break in proxies)."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from opsagent.clients.answer import HttpAnswer
from opsagent.clients.body import CHUNK, Body, read_body
from opsagent.clients.deadline import Deadline
from opsagent.clients.http import LOOPBACK, streamed, watching
from opsagent.clients.http_errors import check_error
from opsagent.errors import ConfigError, UnreachableError


@dataclass(frozen=True, slots=True)
class Access:
    """The credentials that a server requires; nothing of them is shown."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)
    ca_file: str | None = None


class FormClient:
    """A connection that is kept between the queries of one pass."""

    def __init__(self, who: str, source: str, access: Access) -> None:
        self._who, self._source, self._access = who, source, access
        self._client: httpx.Client | None = None
        self._connection: socket.socket | None = None  # kept by the client, for the next request's deadline

    def __enter__(self) -> "FormClient":
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()
            self._client = self._connection = None

    def send(self, method: str, url: str, form: Mapping[str, str], *, timeout_s: float, max_body: int) -> HttpAnswer:
        """Send a form (POST) or a query string (GET) and return what came back, whatever its status.

        Redirects are not followed, so that credentials go nowhere else. Raises UnreachableError, TransientCheckError.
        """
        deadline = Deadline(timeout_s)
        try:
            client = self._open(url)
            data, params = (dict(form), None) if method == "POST" else (None, dict(form))
            watched = {"trace": watching(deadline, self._connected)}
            if self._connection is not None:  # a request on a kept connection makes none that could be watched
                deadline.watch(self._connection)
            with (
                deadline,
                streamed(
                    client, method, url, data=data, params=params, timeout=timeout_s, extensions=watched
                ) as response,
            ):
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = Body(headers.get("content-encoding", ""), max_body, who=self._who, source=self._source)
                what = f"{method.lower()} {url}"
                content = read_body(response.iter_raw(CHUNK), body, what=what, source=self._source)
                answer = HttpAnswer(response.status_code, content, headers, cut=body.cut)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            if deadline.over:
                raise self._late(url, timeout_s) from error
            raise check_error(error, url, who=self._who, source=self._source, timeout_s=timeout_s) from error
        if deadline.over:  # a body that ends with its connection looks complete
            raise self._late(url, timeout_s)
        return answer

    def _late(self, url: str, timeout_s: float) -> UnreachableError:
        self._client = self._connection = None  # it was cut
        return UnreachableError(f"{self._who} did not answer at {url} within {timeout_s:g} s", source=self._source)

    def _connected(self, connection: socket.socket) -> None:
        self._connection = connection

    def _open(self, url: str) -> httpx.Client:
        if self._client is None:
            parsed = httpx.URL(url)
            verify: ssl.SSLContext | bool = parsed.scheme != "http"
            if verify and self._access.ca_file:
                verify = _trusted(self._access.ca_file)
            self._client = httpx.Client(
                verify=verify,
                trust_env=parsed.host not in LOOPBACK,
                follow_redirects=False,
                headers={"Accept": "application/json", "Accept-Encoding": "gzip", **self._access.headers},
                auth=self._access.basic,
            )
        return self._client


def _trusted(path: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(
            f"the CA file {path} cannot be used: {error.strerror or error}", hint="it holds certificates in PEM"
        ) from error

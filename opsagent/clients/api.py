"""Requests to one API server over the kubernetes package's own connection pool, as plain JSON."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import urllib3

from opsagent.clients.answer import Answer
from opsagent.clients.kube_errors import FOREIGN, AnswerLostError, failed, refused, retry_after
from opsagent.clients.kubeconfig import Connection
from opsagent.clients.pod_log import log_chunks
from opsagent.errors import LookError

JSON = "application/json"
_MAX_BODY = 256 * 1024 * 1024
_READ_TRIES = 3


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `what` names it in errors ("list pods in ns"), `source` in `not_checked`."""

    path: str
    what: str
    source: str
    method: str = "GET"
    accept: str = JSON
    body: Any = None
    content_type: str = JSON


class Api:
    """The way to one API server; every error of the libraries below ends here."""

    def __init__(self, connection: Connection, timeout_s: float) -> None:
        self._connection = connection
        self.timeout_s = timeout_s
        self.server = connection.server

    def ask(self, request: Request) -> Answer:
        """Send one request and return its good answer; everything from 300 on is raised as LookError."""
        answer = self.read(request, self.timeout_s) if request.method == "GET" else self._once(request, self.timeout_s)
        if answer.status >= 300:
            raise refused(answer, request.what, request.source)
        return answer

    def read(self, request: Request, timeout_s: float) -> Answer:
        """GET and return the answer whatever its status.

        Repeated only after 429, where its Retry-After fits into the time-out, and once where a kept connection turned
        out to be closed.
        """
        deadline = time.monotonic() + timeout_s
        for attempt in range(1, _READ_TRIES):
            left = max(deadline - time.monotonic(), 0.05)
            try:
                answer = self._once(request, left)
            except AnswerLostError:
                if attempt > 1 or time.monotonic() > deadline - timeout_s / 2:
                    raise
                continue
            wait = retry_after(answer) if answer.status == 429 else None
            if wait is None or time.monotonic() + wait >= deadline:
                return answer
            time.sleep(wait)  # the API server said how long
        return self._once(request, max(deadline - time.monotonic(), 0.05))

    def stream(self, request: Request, *, follow: bool) -> Iterator[bytes]:
        """Yield a log in chunks as they come; a stream that breaks off raises after its last chunk."""
        # Nothing to read for a long time is ordinary while following.
        timeout = urllib3.Timeout(connect=self.timeout_s, read=None if follow else self.timeout_s)
        try:
            response = self._send(request, timeout)
        except FOREIGN as error:
            raise failed(error, request.what, self.server, request.source, self.timeout_s) from error
        try:
            if response.status >= 400:
                raise refused(_whole(response, request), request.what, request.source)
            yield from log_chunks(response, request.what, self.server)
        except FOREIGN as error:
            raise failed(error, request.what, self.server, request.source, self.timeout_s) from error
        finally:
            response.close()

    def _once(self, request: Request, timeout_s: float) -> Answer:
        try:
            response = self._send(request, urllib3.Timeout(connect=timeout_s, read=timeout_s))
            try:
                return _whole(response, request)
            finally:
                response.release_conn()
        except FOREIGN as error:
            raise failed(error, request.what, self.server, request.source, round(timeout_s, 1)) from error

    def _send(self, request: Request, timeout: urllib3.Timeout) -> urllib3.BaseHTTPResponse:
        headers = {"Accept": request.accept} | self._connection.authorization()
        body = None
        if request.body is not None:
            headers["Content-Type"] = request.content_type
            body = json.dumps(request.body).encode()
        # No retries and no redirects of urllib3's own: they warn on stderr, repeat writes, and carry the token along.
        return self._connection.pool.request(
            request.method,
            self.server + request.path,
            body=body,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )


def _whole(response: urllib3.BaseHTTPResponse, request: Request) -> Answer:
    data = response.read(_MAX_BODY + 1)
    if len(data) > _MAX_BODY:
        raise LookError(f"cannot {request.what}: the answer is larger than {_MAX_BODY:,} bytes", source=request.source)
    return Answer(response.status, data, {name.lower(): value for name, value in response.headers.items()})

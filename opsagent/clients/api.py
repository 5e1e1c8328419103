"""Requests to one API server over the kubernetes package's own connection pool, as plain JSON."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import urllib3

from opsagent import __version__
from opsagent.clients.answer import HttpAnswer
from opsagent.clients.body import CHUNK, MB, Body, Budget, read_body
from opsagent.clients.deadline import Deadline
from opsagent.clients.kube_errors import FOREIGN, NO_API, AnswerLostError, failed, refused, retry_after, too_late
from opsagent.clients.kubeconfig import Connection
from opsagent.clients.paths import sent_path
from opsagent.clients.pod_log import log_chunks
from opsagent.errors import CheckError, NotAnAnswerError, TooLargeError

JSON = "application/json"
USER_AGENT = f"opsagent/{__version__}"  # an API server's audit log shows by it who asked
_MAX_BODY = 32 * MB  # of one answer: a page of 500 objects of 64 KB each
_READ_TRIES = 10
_LEAST_WAIT_S = 0.05  # between two tries, though the API server states "at once"


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request: `what` names it in errors ("list pods in ns"), `source` in `not_checked`."""

    path: str
    what: str
    source: str
    method: str = "GET"
    accept: str = JSON
    body: Any = None
    content_type: str = JSON
    changes_nothing: bool = False  # a POST that only asks: it may be repeated as a GET may
    max_body: int = _MAX_BODY

    @property
    def repeatable(self) -> bool:
        """Return whether sending it twice is the same as sending it once."""
        return self.method == "GET" or self.changes_nothing


class Api:
    """The way to one API server; every error of the libraries below ends here."""

    def __init__(self, connection: Connection, timeout_s: float, budget: Budget | None = None) -> None:
        self._connection = connection
        self._budget = budget
        self.timeout_s = timeout_s
        self.server = connection.server

    def ask(self, request: ApiRequest, timeout_s: float | None = None) -> HttpAnswer:
        """Send one request and return its good answer; everything from 300 on is raised as CheckError."""
        seconds = timeout_s or self.timeout_s
        answer = self.read(request, seconds) if request.repeatable else self._once(request, seconds)
        if answer.status >= 300:
            raise refused(answer, request.what, request.source)
        return answer

    def read(self, request: ApiRequest, timeout_s: float) -> HttpAnswer:
        """Send what changes nothing and return the answer whatever its status; `timeout_s` bounds all of it.

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
            time.sleep(max(wait, _LEAST_WAIT_S))  # the API server stated how long
        return self._once(request, max(deadline - time.monotonic(), 0.05))

    def stream(self, request: ApiRequest, *, follow: bool, timeout_s: float | None = None) -> Iterator[bytes]:
        """Yield a log in chunks as they come; a stream that breaks off raises after its last chunk.

        `timeout_s` bounds the time that all of it is waited for, not the reader's own; nothing does while following,
        when silence for a long time is ordinary.
        """
        seconds = self.timeout_s if follow else timeout_s or self.timeout_s
        with Deadline(seconds) as deadline:
            timeout = urllib3.Timeout(connect=self.timeout_s, read=None if follow else self.timeout_s)
            try:
                response = self._send(request, timeout)
                if response.status >= 300:
                    raise refused(self._whole(response, request), request.what, request.source)
                if response.headers.get("Content-Type", "").lower().startswith("text/html"):
                    raise NotAnAnswerError(
                        f"cannot {request.what}: a page came in place of a log", source="logs", hint=NO_API
                    )
            except FOREIGN as error:
                raise self._lost(error, deadline, request) from error
            deadline.pause()
            try:
                yield from log_chunks(response, request.what, self.server, None if follow else deadline)
            finally:
                response.close()

    def _once(self, request: ApiRequest, timeout_s: float) -> HttpAnswer:
        try:
            with Deadline(timeout_s) as deadline:
                response = self._send(request, urllib3.Timeout(connect=timeout_s, read=timeout_s))
                answer = self._whole(response, request)
        except FOREIGN as error:
            raise self._lost(error, deadline, request) from error
        if deadline.over:  # a body that ends with its connection looks complete
            raise too_late(request.what, self.server, request.source, timeout_s)
        return answer

    def _lost(self, error: urllib3.exceptions.HTTPError, deadline: Deadline, request: ApiRequest) -> CheckError:
        seconds = round(deadline.seconds, 1)
        lost = failed(error, request.what, self.server, request.source, seconds)
        # Where no connection was made nothing was sent, however long that took.
        late = deadline.over and isinstance(lost, AnswerLostError)
        return too_late(request.what, self.server, request.source, seconds) if late else lost

    def _send(self, request: ApiRequest, timeout: urllib3.Timeout) -> urllib3.BaseHTTPResponse:
        headers = {"Accept": request.accept, "User-Agent": USER_AGENT} | self._connection.authorization()
        body = None
        if request.body is not None:
            headers["Content-Type"] = request.content_type
            body = json.dumps(request.body).encode()
        # No retries and no redirects of urllib3's own: they warn on stderr, repeat writes, and carry the token along.
        return self._connection.pool.request(
            request.method,
            self.server + sent_path(request.path),
            body=body,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )

    def _whole(self, response: urllib3.BaseHTTPResponse, request: ApiRequest) -> HttpAnswer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        whole = False
        try:
            body = Body(headers.get("content-encoding", ""), request.max_body, who=self.server, source=request.source)
            chunks = iter(lambda: response.read(CHUNK, decode_content=False), b"")
            data = read_body(chunks, body, self._budget, what=request.what, source=request.source)
            whole = not body.cut and response.status >= 200  # after 103 the final answer is still to come
        finally:
            if whole:
                response.release_conn()
            else:
                response.close()  # the rest of the answer must not meet the next request
        if body.cut:
            most = request.max_body / MB
            raise TooLargeError(
                f"cannot {request.what}: the answer is larger than {most:g} MB",
                source=request.source,
                hint="name a smaller namespace: kubernetes.namespace, or -n",
            )
        return HttpAnswer(response.status, data, headers)

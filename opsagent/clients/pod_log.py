"""A container's log as it comes over the wire."""

from collections.abc import Iterator

import urllib3

from opsagent.clients.answer import brief
from opsagent.clients.deadline import Deadline
from opsagent.clients.kube_errors import FOREIGN, failed
from opsagent.errors import NotFoundError, TransientCheckError

_CHUNK = 256 * 1024
# The kubelet states it within a log of HTTP 200 when the container's file is gone.
_GONE = b"unable to retrieve container logs for "


def log_chunks(
    response: urllib3.BaseHTTPResponse, what: str, server: str, deadline: Deadline | None = None
) -> Iterator[bytes]:
    """Yield what comes, at once; raise TransientCheckError where the stream breaks off, after all that came.

    deadline: paused, bounds the time that all chunks together are waited for; None while following a log.
    """
    size = 0
    while True:
        try:
            chunk = _next(response, deadline)
        except FOREIGN as error:
            if deadline is None or not deadline.over:
                why = failed(error, what, server, "logs", None)
                raise _broken(f"{why.message}, after {size:,} bytes") from error
            chunk = b""
        if deadline is not None and deadline.over:
            raise _broken(f"cannot {what}: {server} took more than {deadline.seconds:.3g} s, after {size:,} bytes")
        if not chunk:
            break
        if not size and chunk.startswith(_GONE):
            raise NotFoundError(f"cannot {what}: {brief(chunk.decode('utf-8', 'replace'))}", source="logs")
        size += len(chunk)
        yield chunk
    missing = getattr(response, "length_remaining", None)
    if missing:
        raise _broken(f"cannot {what}: the stream ended {missing:,} bytes early")


def _next(response: urllib3.BaseHTTPResponse, deadline: Deadline | None) -> bytes:
    if deadline is None:
        return response.read1(_CHUNK)
    deadline.resume()
    try:
        return response.read1(_CHUNK)
    finally:
        deadline.pause()


def _broken(why: str) -> TransientCheckError:
    return TransientCheckError(f"{why}: the log is not whole", source="logs", hint="try again")

"""A container's log as it comes over the wire."""

from collections.abc import Iterator

import urllib3

from opsagent.clients.answer import brief
from opsagent.clients.kube_errors import FOREIGN, failed
from opsagent.errors import NotFoundError, TransientLookError

_CHUNK = 64 * 1024
# The kubelet says so within a log of HTTP 200 when the container's file is gone.
_GONE = b"unable to retrieve container logs for "


def log_chunks(response: urllib3.BaseHTTPResponse, what: str, server: str) -> Iterator[bytes]:
    """Yield what comes, at once; raise TransientLookError where the stream breaks off, after all that came."""
    size = 0
    while True:
        try:
            chunk = response.read1(_CHUNK)
        except FOREIGN as error:
            why = failed(error, what, server, "logs", None)
            raise TransientLookError(
                f"{why.message}, after {size:,} bytes: the log is not whole", source="logs", hint="try again"
            ) from error
        if not chunk:
            break
        if not size and chunk.startswith(_GONE):
            raise NotFoundError(f"cannot {what}: {brief(chunk.decode('utf-8', 'replace'))}", source="logs")
        size += len(chunk)
        yield chunk
    missing = getattr(response, "length_remaining", None)
    if missing:
        raise TransientLookError(
            f"cannot {what}: the stream ended {missing:,} bytes early, the log is not whole", source="logs"
        )

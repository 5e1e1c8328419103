"""What an API server refuses and what goes wrong on the way to it, in our words."""

import urllib3
from urllib3 import exceptions as http

from opsagent.clients.answer import HttpAnswer, brief, kube_status
from opsagent.errors import (
    CheckError,
    ConflictError,
    ForbiddenError,
    GoneError,
    NotAnAnswerError,
    NotFoundError,
    TransientCheckError,
    UnauthorizedError,
    UnreachableError,
)

NO_API = "is that address an API server, and not a login page or a proxy? kubectl config view --minify"


class AnswerLostError(TransientCheckError):
    """The request was sent and no complete answer came: it may have been carried out."""


class LateError(AnswerLostError):
    """The time was over before the answer was complete."""


class NoSuchPathError(NotAnAnswerError):
    """404 without a Status object: an API that this cluster does without, or no API server at all."""


class TooManyRequestsError(TransientCheckError):
    """429: the API server turned the request away unread; nothing was carried out."""


_REFUSALS: dict[int, tuple[type[CheckError], str | None]] = {
    401: (UnauthorizedError, "the credentials are missing, wrong or expired: log in again, as for kubectl"),
    403: (ForbiddenError, "the role of this identity has to allow it: {what}"),
    404: (NotFoundError, None),
    409: (ConflictError, None),
    410: (GoneError, None),
}


def refused(answer: HttpAnswer, what: str, source: str) -> CheckError:
    """Return our error for an answer of 300 and above to `what` ("list pods in ns")."""
    status = kube_status(answer)
    message = brief((status or {}).get("message") or answer.text or "no message", 400)
    text = f"cannot {what}: HTTP {answer.status}: {message}"
    if answer.status == 404 and status is None:
        return NoSuchPathError(text, source=source, hint=NO_API)
    if answer.status < 400:
        where = f" to {brief(answer.headers['location'])}" if answer.headers.get("location") else ""
        redirected = f"cannot {what}: HTTP {answer.status} redirects{where}: {message}"
        return NotAnAnswerError(redirected, source=source, hint=NO_API)
    if answer.status == 429:
        return TooManyRequestsError(text, source=source, retry_after_s=retry_after(answer))
    if answer.status >= 500:
        return TransientCheckError(text, source=source, retry_after_s=retry_after(answer))
    kind, hint = _REFUSALS.get(answer.status, (CheckError, None))
    if answer.status == 400 and _no_log_yet(message):
        kind = NotFoundError
    return kind(text, source=source, hint=hint.format(what=what) if hint else None)


def failed(error: http.HTTPError, what: str, server: str, source: str, timeout_s: float | None) -> CheckError:
    """Return our error for a request that got no complete answer.

    UnreachableError means that nothing was carried out: no connection was made. AnswerLostError means that it may have
    been.
    """
    why = _no_connection(error, timeout_s)
    if why is not None:
        return UnreachableError(
            f"cannot {what}: the API server {server} cannot be reached ({why})",
            source=source,
            hint="is it up, and is this the right context? kubectl cluster-info",
        )
    if isinstance(error, http.TimeoutError):
        return too_late(what, server, source, timeout_s)
    return AnswerLostError(f"cannot {what}: the answer from {server} broke off ({_plain(error)})", source=source)


def too_late(what: str, server: str, source: str, timeout_s: float | None) -> LateError:
    """Return our error for an answer that was not complete in time."""
    within = f" within {round(timeout_s, 1):g} s" if timeout_s else ""
    return LateError(f"cannot {what}: {server} did not answer{within}", source=source)


def _no_connection(error: http.HTTPError, timeout_s: float | None) -> str | None:
    """Return why no connection was made, None where one was."""
    if isinstance(error, http.NameResolutionError):
        return "no such host"
    if isinstance(error, http.SSLError):
        return f"TLS: {_plain(error)}"
    if isinstance(error, http.NewConnectionError | http.ProxyError):
        return _plain(error)
    if isinstance(error, http.ConnectTimeoutError):  # the one above is a kind of it
        return f"no connection within {timeout_s:g} s" if timeout_s else "timed out"
    if isinstance(error, http.LocationParseError | http.LocationValueError):
        return f"no usable URL: {brief(error)}"
    return None


def retry_after(answer: HttpAnswer) -> float | None:
    """Return the Retry-After header in seconds; the form with a date is not used by API servers."""
    try:
        seconds = float(answer.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _no_log_yet(message: str) -> bool:
    return (
        "waiting to start" in message
        or "PodInitializing" in message
        or ("previous terminated" in message and "not found" in message)
    )


def _innermost(error: BaseException) -> BaseException:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    return error


def _plain(error: BaseException) -> str:
    error = _innermost(error)
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return brief(text[:1].lower() + text[1:])


# Everything that urllib3 raises for a request: nothing else of it passes the clients.
FOREIGN = (urllib3.exceptions.HTTPError,)

"""What an API server refuses and what goes wrong on the way to it, in our words."""

import urllib3
from urllib3 import exceptions as http

from opsagent.clients.answer import Answer, brief, kube_status
from opsagent.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    LookError,
    NotFoundError,
    TransientLookError,
    UnauthorizedError,
    UnreachableError,
)


class AnswerLostError(TransientLookError):
    """The request was sent and no whole answer came: it may have been carried out."""


class BusyError(TransientLookError):
    """429: the API server turned the request away unread; nothing was carried out."""


def refused(answer: Answer, what: str, source: str) -> LookError:
    """Return our error for an answer of 400 and above to `what` ("list pods in ns")."""
    status = kube_status(answer) or {}
    said = brief(status.get("message") or answer.text or "no message", 400)
    text = f"cannot {what}: HTTP {answer.status}: {said}"
    plain: dict[int, tuple[type[LookError], str | None]] = {
        401: (UnauthorizedError, "the credentials are missing, wrong or expired: log in again, as for kubectl"),
        403: (ForbiddenError, f"the role of this identity has to allow it: {what}"),
        404: (NotFoundError, None),
        409: (ConflictError, None),
    }
    if answer.status in plain:
        kind, hint = plain[answer.status]
        return kind(text, source=source, hint=hint)
    if answer.status == 410:
        return GoneError(text, source=source)
    if answer.status == 400 and _no_log_yet(said):
        return NotFoundError(text, source=source)
    if answer.status == 429:
        return BusyError(text, source=source, retry_after_s=retry_after(answer))
    if answer.status >= 500:
        return TransientLookError(text, source=source, retry_after_s=retry_after(answer))
    return LookError(text, source=source)


def failed(error: http.HTTPError, what: str, server: str, source: str, timeout_s: float | None) -> LookError:
    """Return our error for a request that got no whole answer.

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
        within = f" within {timeout_s:g} s" if timeout_s else ""
        return AnswerLostError(f"cannot {what}: {server} did not answer{within}", source=source)
    return AnswerLostError(f"cannot {what}: the answer from {server} broke off ({_plain(error)})", source=source)


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


def retry_after(answer: Answer) -> float | None:
    """Return the Retry-After header in seconds; the form with a date is not used by API servers."""
    try:
        seconds = float(answer.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _no_log_yet(said: str) -> bool:
    return (
        "waiting to start" in said
        or "PodInitializing" in said
        or ("previous terminated" in said and "not found" in said)
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

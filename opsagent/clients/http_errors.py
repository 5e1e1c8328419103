"""What goes wrong on the way to an HTTP server, in our words: no foreign exception passes here."""

import os
import re
import socket
import ssl

import httpx

from opsagent.clients.answer import HttpAnswer, brief
from opsagent.errors import (
    CheckError,
    ForbiddenError,
    NoWayError,
    TransientCheckError,
    UnauthorizedError,
    UnreachableError,
)

_ERRNO = re.compile(r"\[Errno (-?\d+)\]\s*")


def reason(error: BaseException, timeout_s: float) -> str:
    """Return why a request failed, for people: "connection refused", "timed out after 6 s"."""
    if isinstance(error, httpx.TimeoutException):
        return f"timed out after {timeout_s:g} s"
    text = str(error)
    number = _ERRNO.search(text)
    if number and int(number[1]) > 0:
        return os.strerror(int(number[1])).lower()
    plain = _ERRNO.sub("", text) or type(error).__name__
    return brief(plain[:1].lower() + plain[1:])


def check_error(error: Exception, url: str, *, who: str, source: str, timeout_s: float) -> CheckError:
    """Return our error for an httpx exception; `who` should have answered at the URL."""
    why = reason(error, timeout_s)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return CheckError(
            f"{url} is not a URL that can be asked: {why}", source=source, hint="correct it in the settings"
        )
    if isinstance(error, httpx.ConnectError) and _no_way(error):
        return NoWayError(f"{who} did not answer at {url} ({why})", source=source)
    if isinstance(error, httpx.ConnectError | httpx.TimeoutException):
        return UnreachableError(f"{who} did not answer at {url} ({why})", source=source)
    return TransientCheckError(f"the answer of {who} at {url} broke off ({why})", source=source)


def refusal(
    answer: HttpAnswer, words: str, *, who: str, source: str, credentials: str, may_not: str, hint: str
) -> CheckError:
    """Return our error for an answer without a result, by its status alone: dialects name their errors differently.

    words: the server's own words. credentials: the settings that hold them. hint: where the address may be wrong; a
    server that understood the request and refuses it (400, 422) is the right one.
    """
    text = f"{who} answered HTTP {answer.status}: {words}"
    if answer.status == 401:
        return UnauthorizedError(text, source=source, hint=f"see {credentials}")
    if answer.status == 403:
        return ForbiddenError(text, source=source, hint=f"these credentials may not {may_not}")
    if answer.status == 429 or answer.status >= 500:
        return TransientCheckError(text, source=source)
    return CheckError(text, source=source, hint=None if answer.status in (400, 422) else hint)


def too_long(answer: HttpAnswer, *, who: str, source: str) -> CheckError:
    """Return our error for an answer that was cut at its bound."""
    return CheckError(f"{who} answered more than {len(answer.body):,} bytes", source=source)


def _no_way(error: BaseException | None) -> bool:
    """Return whether the name did not resolve or TLS failed, somewhere below."""
    while error is not None:
        if isinstance(error, socket.gaierror | ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False

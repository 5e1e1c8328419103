"""Notify a webhook: JSON by POST, tried again for a while; the URL is a secret and is in no message."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from opsagent.clients.http import streamed
from opsagent.clients.http_errors import reason
from opsagent.errors import CheckError

WHO = "the webhook (notify.webhook_url)"
_TIMEOUT_S = 10.0
_WAITS_S = (1.0, 3.0)  # between the tries
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def post(
    url: str,
    message: Any,
    *,
    headers: Mapping[str, str] | None = None,
    pause: Callable[[float], None] = time.sleep,
    timeout_s: float = _TIMEOUT_S,
) -> None:
    """POST a JSON message; redirects are not followed, so that nothing goes elsewhere.

    Network errors, 429 and 5xx are tried again. Raises CheckError where it was not taken; the URL is not in it.
    """
    why = ""
    for wait in (*_WAITS_S, None):
        why, again = _once(url, message, headers or {}, timeout_s)
        if not why:
            return
        if not again or wait is None:
            break
        pause(wait)
    raise CheckError(
        f"{WHO} did not take the message: {why}",
        source="webhook",
        hint="the report is kept and was printed all the same",
    )


def _once(url: str, message: Any, headers: Mapping[str, str], timeout_s: float) -> tuple[str, bool]:
    """Return what went wrong ("" where nothing did), and whether it is worth another try."""
    try:
        parsed = httpx.URL(url)
        # A receiver on this machine is never behind the environment's proxy.
        trust_env = parsed.host not in _LOOPBACK
        # Streamed and not read: what it answers is of no interest, and may never end.
        with (
            httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=trust_env) as client,
            streamed(client, "POST", parsed, json=message, headers=headers) as response,
        ):
            code = response.status_code
    except httpx.InvalidURL:
        return "its URL is none", False
    except (httpx.HTTPError, httpx.StreamError) as error:
        return reason(error, timeout_s).replace(url, "…"), True
    if 200 <= code < 300:
        return "", False
    if 300 <= code < 400:
        return f"it answered {code}, and redirects are not followed", False
    return f"it answered {code}", code == 429 or code >= 500

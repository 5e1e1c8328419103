"""What went wrong with the model, in words: which answers are worth another try, and the fix for the others."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from opsagent.clients.model.chat import Endpoint, OddAnswerError, chain
from opsagent.clients.model.dialects import BodyError, RefusalError
from opsagent.clients.model.waiting import StalledError
from opsagent.errors import ModelError

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_MAX_TEXT = 200
_LOADING = re.compile(r"\bload(?:ing|ed yet)?\b.{0,40}model|model.{0,40}\bload", re.IGNORECASE)


class NoRepairError(ModelError):
    """An answer cannot be used, and the tokens for repairing it are kept for another question."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed question: what to state, and whether and when asking again may help."""

    error: ModelError
    again: bool = False
    wait_s: float | None = None  # as the end point asks
    status: int | None = None  # as it answered
    loading: bool = False  # it is there, and loads its model


def explain_failure(error: Exception, endpoint: Endpoint) -> Failure:
    """Return what a library's exception means."""
    import openai  # noqa: PLC0415 - loaded by the question that failed

    if isinstance(error, ModelError):
        return Failure(error)
    if isinstance(error, openai.APIStatusError):
        return _status(error, endpoint)
    causes, who = chain(error), _who(endpoint)
    names = {type(cause).__name__ for cause in causes}
    odd = next((cause for cause in causes if isinstance(cause, OddAnswerError)), None)
    again, hint = False, None
    own = next((cause for cause in causes if isinstance(cause, StalledError | BodyError | RefusalError)), None)
    if own is not None:
        return _own(own, endpoint)
    if odd is not None:
        what, hint = f"gave no answer that can be read: {odd}", "model.base_url usually ends in /v1"
    elif "ConnectTimeout" in names or "ConnectError" in names:
        why = _words(str(causes[-1]), endpoint) or f"no answer within {endpoint.connect_s:.0f} s"
        what, hint = f"cannot be reached: {why}", "is it running, and is model.base_url right?"
    elif isinstance(error, openai.APITimeoutError) or "ReadTimeout" in names:
        what, hint = f"sent nothing for {endpoint.read_s:.0f} s", "raise model.read_timeout_s, or use a faster model"
    elif names & {"RemoteProtocolError", "ReadError", "WriteError"}:
        what, again = "cut the connection in the middle of its answer", True
    elif isinstance(error, openai.APIError) and not isinstance(error, openai.APIConnectionError):
        what, again = f"broke off its answer with an error: {_words(error.message, endpoint)}", True
    else:
        what = f"answered what is no chat completion ({_words(f'{type(error).__name__}: {error}', endpoint)})"
    return Failure(ModelError(f"{who} {what}", hint=hint), again=again)


def _own(error: BaseException, endpoint: Endpoint) -> Failure:
    """Return what an end point does that no library names."""
    who = _who(endpoint)
    if isinstance(error, StalledError):
        hint = "raise model.read_timeout_s or model.first_byte_timeout_s, or use a faster model"
        return Failure(ModelError(f"{who} sent nothing for {error}", hint=hint))
    if isinstance(error, RefusalError):
        return Failure(ModelError(f"{who} refused to answer: {_words(str(error), endpoint)}", hint="use another model"))
    text = f"{who} reported an error in place of an answer: {_words(str(error), endpoint)}"
    return Failure(ModelError(text, hint="see the end point's own log"), again=True)


def _status(error: object, endpoint: Endpoint) -> Failure:
    status = int(getattr(error, "status_code", 0))
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    said = _words(str(message), endpoint) if message else ""
    text = f"{_who(endpoint)} answered {status}{f': {said}' if said else ''}"
    if 300 <= status < 400:
        hint = "it redirects elsewhere; set model.base_url to the final address"
    else:
        hint = {
            401: "the key is missing, wrong or expired: see model.api_key_env",
            403: "the key may not use this model",
            404: f"is there a model {endpoint.model!r}, and does model.base_url end in /v1?",
            413: "the prompt is too long for it; use a model with a larger context",
        }.get(status, "see the end point's own log")
    response = getattr(error, "response", None)
    after = response.headers.get("retry-after") if response is not None else None
    loading = status == 503 and _LOADING.search(said) is not None
    wait_s = _seconds(after)
    return Failure(ModelError(text, hint=hint), again=status in RETRIED, wait_s=wait_s, status=status, loading=loading)


def _seconds(after: str | None) -> float | None:
    """Return Retry-After in seconds, given as such or as a date."""
    if not after:
        return None
    try:
        return max(0.0, float(after)) if after.strip().isascii() else None
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(after)
    except (ValueError, TypeError):
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def _who(endpoint: Endpoint) -> str:
    place = endpoint.base_url.split("://", 1)[-1].rsplit("@", 1)[-1]
    return f"the model {endpoint.model} at {place}"


def _words(text: str, endpoint: Endpoint) -> str:
    """Return one short line without the key (some servers repeat it)."""
    plain = " ".join(text.split())
    if len(endpoint.api_key) > 5:
        plain = plain.replace(endpoint.api_key, "<key>")
    return plain[:_MAX_TEXT] + ("…" if len(plain) > _MAX_TEXT else "")

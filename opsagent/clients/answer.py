"""One HTTP answer, and what came back in the operator's words when it is not what was asked for."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

_SHOWN = 120  # characters of a body in an error message
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, headers (names in lower case) and the body as far as it was read."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False  # the body is longer than the bound

    @property
    def text(self) -> str:
        """Return the body as text, undecodable bytes as U+FFFD."""
        return self.body.decode("utf-8", "replace")


def brief(value: object, limit: int = _SHOWN) -> str:
    """Return one line of at most `limit` characters without control characters."""
    text = _CONTROL.sub(" ", str(value)).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def json_object(answer: HttpAnswer) -> tuple[dict[str, Any] | None, str | None]:
    """Return the body as one JSON object, or None and what it was instead."""
    if answer.cut:
        return None, f"answered more than {len(answer.body):,} bytes"
    if not answer.body.strip():
        return None, f"answered HTTP {answer.status} with an empty body"
    if is_page(answer):
        return None, f"answered HTTP {answer.status} with HTML, not JSON: {brief(answer.text)}"
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None, f"answered HTTP {answer.status} with broken or unfinished JSON: {brief(answer.text)}"
    if not isinstance(body, dict):
        return (
            None,
            f"answered HTTP {answer.status} with a JSON {_json_type(body)}, not an object: {brief(answer.text)}",
        )
    return body, None


def is_page(answer: HttpAnswer) -> bool:
    """Return whether the body is HTML or XML: a login page, a dashboard, a proxy's error page."""
    kind = answer.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    return kind == "text/html" or answer.body.lstrip()[:1] == b"<"


def kube_status(answer: HttpAnswer) -> dict[str, Any] | None:
    """Return the API server's own Status object where the answer is one; a proxied service's answer is not."""
    if answer.body.lstrip()[:1] != b"{" or b'"Status"' not in answer.body:
        return None
    body, _ = json_object(answer)
    return body if body is not None and body.get("kind") == "Status" and "apiVersion" in body else None


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "value")

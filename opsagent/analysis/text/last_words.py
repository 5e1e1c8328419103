"""What a record states, without its frame: the message and the error of a structured one, else the line itself."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_MESSAGES = ("message", "msg", "short_message", "text", "log", "event", "@m", "@mt")
_ERRORS = (
    "error", "err", "exception", "error.message", "exc_info", "reason", "cause", "detail", "stack", "stack_trace",
    "stacktrace", "error_stack", "responseBody", "sqlstate", "sql_state_code", "code",
)  # fmt: skip
_INNER = 3  # objects within objects
_FIELD = re.compile(
    r"(?:^|\s)(?P<key>msg|message|error|err|exception|reason|cause)="
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>\S+))'
)
_STAMP = r"[\[\(]?\d{4}[-/]\d\d[-/]\d\d[T _]\d\d:\d\d:\d\d\S*\]?\s*(?:UTC |[+-]\d{4} )?"
_LEVEL = r"[\[\(]?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|CRIT(?:ICAL)?|FATAL|SEVERE)[\]\)]?:?\s+"
_FRAME = re.compile(
    rf"^(?:<\d{{1,3}}>)?(?:[IWEF]\d{{4}} [\d:.]+\s+\d+ [\w./-]+:\d+\] |{_STAMP})?(?:{_LEVEL})?", re.IGNORECASE
)
_WIDTH = 200


def last_words(text: str) -> str:
    """Return the message of a record and the error beside it, on one line of at most 200 characters."""
    found = [" ".join(words.split()) for words in _words(text) if words.strip()]
    said = "; ".join(dict.fromkeys(found)) or " ".join(_FRAME.sub("", text, count=1).split()) or text.strip()
    return said if len(said) <= _WIDTH else f"{said[: _WIDTH - 1]}…"


def _words(text: str) -> Iterator[str]:
    document = _document(text)
    if document is not None:
        yield from _of(document, _MESSAGES, _INNER)
        yield from _of(document, _ERRORS, _INNER)
        return
    for found in _FIELD.finditer(text):
        yield (found["quoted"] or "").replace('\\"', '"') or found["bare"] or ""


def _document(text: str) -> Mapping[str, Any] | None:
    start = text.find("{")
    if start < 0 or '"' not in text[start:]:
        return None
    try:
        document, _ = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _of(document: Mapping[str, Any], keys: tuple[str, ...], depth: int) -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, dict) and depth:
            yield from _of(value, _MESSAGES + keys if key in _ERRORS else keys, depth - 1)
        elif key in keys and isinstance(value, str | int) and not isinstance(value, bool):
            inner = _document(value) if isinstance(value, str) and value.lstrip().startswith("{") else None
            if inner is not None and depth:
                yield from _of(inner, keys, depth - 1)
            else:
                yield from _lines(key, value)


def _lines(key: str, value: str | int) -> Iterator[str]:
    """Give a text's first line, and the last one of a stack that ends in its exception; a code with its name."""
    lines = [line for line in str(value).splitlines() if line.strip()]
    if not lines:
        return
    if lines[0].startswith("Traceback"):
        yield lines[-1]
    elif key in ("code", "sqlstate", "sql_state_code"):
        yield f"{key} {lines[0]}"
    else:
        yield lines[0]

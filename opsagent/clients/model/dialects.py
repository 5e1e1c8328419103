"""What end points do differently: a body as it came becomes one that the library reads as it was meant.

Bodies are read completely before, so a stream is a list of its chunks here.
"""

import json
from collections.abc import Iterator
from typing import Any

ANSWER = "answer"  # a model that answers by a function call of this name has answered
_THOUGHTS = ("reasoning_content", "reasoning")
# As servers name the parameters that they refuse, in the order in which a server that names none is asked without.
_NAMES = {
    "response_format": ("response_format", "json_schema", "guided", "grammar"),
    "stream_options": ("stream_options", "include_usage"),
    "stream": ("stream",),
}
_UNKNOWN = ("unknown", "unsupported", "not support", "unrecogni", "extra", "not permitted", "unexpected", "not allowed")


class BodyError(Exception):
    """The end point reported an error where an answer was due."""


class RefusalError(Exception):
    """The model refused to answer, in the field that is there for it."""


def normalised(body: bytes, *, stream: bool) -> bytes:
    """Return a body whose answer is in its content and whose usage counts once.

    Raises BodyError where it is an error, RefusalError where the model refused.
    """
    return _stream(body) if stream else _complete(body)


def refused_parameter(body: bytes, sent: frozenset[str]) -> str | None:
    """Return which of the parameters sent a refusal is about: the one it names, else the first that it may be about.

    Where it names none and is about something else, only the answer's schema is worth a try without.
    """
    message = body[:4_000].decode("utf-8", "replace").casefold()
    present = [name for name in _NAMES if name in sent]
    for name in present:
        known = _NAMES[name] if name != "stream" else ("'stream'", '"stream"', "streaming")
        if any(word in message for word in known):
            return name
    if any(word in message for word in _UNKNOWN):
        return next((name for name in present if name != "stream"), None)
    return "response_format" if "response_format" in present else None


def _complete(body: bytes) -> bytes:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return body  # the library states what is wrong with it
    if not isinstance(answer, dict):
        return body
    _no_error(answer)
    for choice in _choices(answer):
        message = choice.get("message")
        if isinstance(message, dict):
            choice["message"] = _answering(message, choice.get("finish_reason"))
    return json.dumps(answer).encode()


def _stream(body: bytes) -> bytes:
    """Return the stream with the thoughts as content where nothing else came, and the last usage alone."""
    events = list(_events(body))
    for _, chunk in events:
        _no_error(chunk)
    deltas = [(choice, choice["delta"]) for _, chunk in events for choice in _choices(chunk) if _is_delta(choice)]
    message = {name: "".join(_text(delta.get(name)) for _, delta in deltas) for name in ("content", "refusal")}
    ends = [choice["finish_reason"] for choice, _ in deltas if choice.get("finish_reason")]
    calls = [call for _, delta in deltas for call in delta.get("tool_calls") or () if isinstance(call, dict)]
    if not message["content"].strip():
        if message["refusal"].strip():
            raise RefusalError(message["refusal"][:200])
        if calls:
            _replace(deltas, _called(_joined(calls)))
        elif ends and ends[-1] == "stop":
            thoughts = "".join(_text(delta.get(name)) for _, delta in deltas for name in _THOUGHTS)
            _replace(deltas, thoughts)
    used = [place for place, (_, chunk) in enumerate(events) if chunk.get("usage")]
    for place in used[:-1]:
        events[place][1]["usage"] = None
    return _written(body, events)


def _events(body: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the place and the object of each chunk that holds one."""
    for place, line in enumerate(body.split(b"\n")):
        if line.startswith(b"data:"):
            try:
                chunk = json.loads(line[len(b"data:") :])
            except (ValueError, RecursionError):
                continue  # the library states what is wrong with it
            if isinstance(chunk, dict):
                yield place, chunk


def _written(body: bytes, events: list[tuple[int, dict[str, Any]]]) -> bytes:
    lines = body.split(b"\n")
    for place, chunk in events:
        lines[place] = b"data: " + json.dumps(chunk).encode()
    return b"\n".join(lines)


def _no_error(answer: dict[str, Any]) -> None:
    error = answer.get("error")
    if error and not answer.get("choices"):
        message = error.get("message") if isinstance(error, dict) else error
        raise BodyError(str(message or error)[:200])


def _choices(answer: dict[str, Any]) -> list[dict[str, Any]]:
    choices = answer.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


def _is_delta(choice: dict[str, Any]) -> bool:
    return isinstance(choice.get("delta"), dict)


def _answering(message: dict[str, Any], finish: Any) -> dict[str, Any]:
    if _text(message.get("content")).strip():
        return message
    if _text(message.get("refusal")).strip():
        raise RefusalError(_text(message.get("refusal"))[:200])
    calls = [call for call in message.get("tool_calls") or () if isinstance(call, dict)]
    thoughts = "".join(_text(message.get(name)) for name in _THOUGHTS) if finish == "stop" else ""
    plain = {name: value for name, value in message.items() if name != "tool_calls"}
    return {**plain, "content": _called(calls) if calls else thoughts}


def _replace(deltas: list[tuple[dict[str, Any], dict[str, Any]]], text: str) -> None:
    """Put a text in place of all deltas."""
    for number, (choice, delta) in enumerate(deltas):
        delta.pop("tool_calls", None)
        delta["content"] = text if number == 0 else ""
        if choice.get("finish_reason") == "tool_calls":
            choice["finish_reason"] = "stop"


def _joined(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the calls of a stream, each of its pieces put together."""
    found: dict[Any, dict[str, Any]] = {}
    for call in calls:
        part = call.get("function") if isinstance(call.get("function"), dict) else {}
        known = found.setdefault(call.get("index", 0), {"function": {"name": "", "arguments": ""}})["function"]
        for name in ("name", "arguments"):
            known[name] += _text((part or {}).get(name))
    return list(found.values())


def _called(calls: list[dict[str, Any]]) -> str:
    """Return native calls of tools as the answer that asks for them; one of `answer` is the answer itself."""
    lookups = []
    for call in calls:
        function = call.get("function")
        if not isinstance(function, dict):
            continue
        given = function.get("arguments")
        arguments = given if isinstance(given, str) else json.dumps(given)
        if function.get("name") == ANSWER:
            return arguments
        try:
            read = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            read = {}
        lookups.append({"tool": function.get("name"), "arguments": read})
    return json.dumps({"lookups": lookups})


def _text(value: Any) -> str:
    """Return a text; of a list of parts the texts in it, as some end points send content."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""

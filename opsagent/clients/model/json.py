"""The JSON object in a model's answer, however it is wrapped: the one way that every end point can answer."""

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

MAX_TEXT = 64 * 1024
# What is wrong with an answer beyond its shape, for the model to repair; None where nothing is.
Check = Callable[[Any], str | None]
_BOUNDS = frozenset({"$defs", "maxLength", "maxItems", "maxProperties"})
_TRIES = 50  # objects that are checked; thousands of opening braces must not cost minutes
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.DOTALL)


class UnusableAnswerError(Exception):
    """The text holds no object that can be used; the message states what is wrong, for the model to repair it."""

    def __init__(self, message: str, *, fits: bool = False) -> None:
        """Keep whether there is an object that fits the schema, and only the check refused it."""
        super().__init__(message)
        self.fits = fits


def instructions(schema: "type[BaseModel]") -> str:
    """Return the sentence that asks for one JSON object of this schema: its fields, types and limits in short."""
    whole = schema.model_json_schema()
    return f"Answer with one JSON object and nothing else: {_shape(whole, whole.get('$defs', {}))}"


def _shape(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return a schema as a reader writes it down: {"code": string|null, "evidence": [string, …at most 8]}."""
    if "$ref" in schema:
        return _shape(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return "|".join(_shape(one, definitions) for one in schema["anyOf"])
    if "enum" in schema:
        return "|".join(json.dumps(value) for value in schema["enum"])
    kind = schema.get("type", "any")
    if kind == "object" and "properties" in schema:
        fields = (f'"{name}": {_shape(entry, definitions)}' for name, entry in schema["properties"].items())
        return f"{{{', '.join(fields)}}}"
    if kind == "array":
        most = f", …at most {schema['maxItems']}" if "maxItems" in schema else ", …"
        return f"[{_shape(schema.get('items', {}), definitions)}{most}]"
    return str(kind)


def response_format(schema: "type[BaseModel]") -> dict[str, Any]:
    """Return the schema as chat completions take it: without references, and without what we check ourselves.

    Servers build a grammar of it; lengths blow that up, and some refuse what they do not know.
    """
    whole = schema.model_json_schema()
    shape = _inlined(_without_titles(whole), whole.get("$defs", {}))
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": shape}}


def parse(text: str, schema: "type[BaseModel]", check: Check | None = None) -> "BaseModel":
    """Return the first object in the text that fits the schema and passes the check. Raises UnusableAnswerError."""
    # pydantic is loaded already by whoever made the schema.
    from pydantic import ValidationError  # noqa: PLC0415

    if len(text) > MAX_TEXT:
        raise UnusableAnswerError(f"the answer is longer than {MAX_TEXT} characters")
    first, fits = "", False
    for found in _objects(_said(text)):
        try:
            answer = schema.model_validate(found)
            wrong = check(answer) if check else None
            if wrong is None:
                return answer
            first, fits = first or wrong, True
        except ValidationError as error:
            first = first or _what_is_wrong(error)
        except RecursionError:
            first = first or "it is nested too deeply"
    if first:
        raise UnusableAnswerError(first, fits=fits)
    raise UnusableAnswerError("there is no JSON object in it" if text.strip() else "it is empty")


def _said(text: str) -> str:
    """Return what follows the last finished thought; of a thought that was cut off nothing is an answer."""
    return text.rpartition("</think>")[2].partition("<think>")[0]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    fenced = [match[1] for match in _FENCE.finditer(text)]
    decoder, tries = json.JSONDecoder(), 0
    for part in (*fenced, text):
        at = part.find("{")
        while at >= 0 and tries < _TRIES:
            tries += 1
            try:
                found, end = decoder.raw_decode(part, at)
            except (ValueError, RecursionError):
                end = at + 1
            else:
                if isinstance(found, dict):
                    yield found
            at = part.find("{", end)


def _what_is_wrong(error: Any) -> str:
    wrong = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'object'}: {item['msg']}" for item in wrong[:5])[:600]


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema of ours with each definition in its place; none of them refers to itself."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(_without_titles(definitions[schema["$ref"].rpartition("/")[2]]), definitions)
    return {key: _inlined(item, definitions) for key, item in schema.items() if key not in _BOUNDS}


def _without_titles(schema: Any) -> Any:
    """Return a schema without what only costs tokens: titles, descriptions, defaults."""
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: value
        for key, value in schema.items()
        if not (key in ("title", "description") and isinstance(value, str))
        and not (key == "default" and not isinstance(value, dict))
    }
    return {key: _without_titles(value) for key, value in kept.items()}

"""The shape of a model's answers: closed, bounded, and without any word that could change a cluster."""

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from opsagent.models.plan import Action

_ID = re.compile(r"\s*[\[(]?(E\d{1,5})\b")
_IDS = 8
_SENTENCES = 4  # claims, recommendations
MOST_A_ROUND = 3  # look-ups that one answer may ask for
# As models name the two arguments of a look-up in the tool calls that they were trained on.
_ABOUT = ("about", "service", "service_name", "object", "name", "log", "pod", "pod_name", "family", "metric", "target")
_PATTERN = ("pattern", "query", "regex", "text", "search")

ToolName = Literal[
    "digest", "search", "events", "object", "changes", "figures", "alerts", "timeline", "neighbours", "codes"
]


def _ids(value: Any) -> Any:
    """Take "E1, E2" and "E1: the line" for the ids in them, as small models write them."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return () if value is None else value
    found = [_ID.match(item) if isinstance(item, str) else None for item in value]
    return [match[1] if match else item for match, item in zip(found, value, strict=True)]


def _first_ids(value: Any) -> Any:
    """Take the first ids; more than were asked for are left out, not refused."""
    found = _ids(value)
    return found[:_IDS] if isinstance(found, list) else found


def _words(value: Any) -> Any:
    """Take one sentence for a list of one; more than were asked for are left out, not refused."""
    value = [value] if isinstance(value, str) else () if value is None else value
    return value[:_SENTENCES] if isinstance(value, list) else value


def _one(value: Any) -> Any:
    """Take one object for a list of one, and null for none; more than were asked for are left out, not refused."""
    value = [value] if isinstance(value, dict) else () if value is None else value
    return value[:_SENTENCES] if isinstance(value, list) else value


def _id(value: Any) -> Any:
    """Take the first of several ids, and null for none."""
    found = _ids(value)
    return found[0] if isinstance(found, list) and found else found or ""


def _text(value: Any) -> Any:
    """Take null for no text."""
    return "" if value is None else value


Id = Annotated[str, BeforeValidator(_id), Field(max_length=12)]
Ids = Annotated[tuple[Annotated[str, Field(max_length=12)], ...], Field(max_length=_IDS), BeforeValidator(_first_ids)]
Text = Annotated[str, BeforeValidator(_text), Field(max_length=1200)]
Sentences = Annotated[
    tuple[Annotated[str, Field(max_length=600)], ...], Field(max_length=_SENTENCES), BeforeValidator(_words)
]  # fmt: skip


def _required() -> ConfigDict:
    """Return the settings of an answer whose schema requires every field.

    Without `required` an empty object is a legal answer under constrained decoding; what is missing all the same is
    read as not given.
    """

    def extra(schema: dict[str, Any]) -> None:
        schema["required"] = list(schema["properties"])

    return ConfigDict(extra="ignore", json_schema_extra=extra)


class Lookup(BaseModel):
    """One call of a read-only tool; the tool's name is checked where it is called, so that a slip can be answered."""

    model_config = _required()

    # The schema names the tools; what is none of them is read all the same, and answered with the right form.
    tool: Annotated[str, Field(max_length=60, json_schema_extra={"enum": list(get_args(ToolName))})]
    about: str | None = Field(default=None, max_length=300)
    pattern: str | None = Field(default=None, max_length=300)

    @model_validator(mode="before")
    @classmethod
    def _named_otherwise(cls, value: Any) -> Any:
        """Take {"arguments": {"service": "blog"}} for {"about": "blog"}."""
        if not isinstance(value, dict):
            return {"tool": value} if isinstance(value, str) else value
        inner: Any = next((value[key] for key in ("arguments", "args", "parameters") if key in value), {})
        given = {**(inner if isinstance(inner, dict) else {}), **value}
        tool = given.get("tool", given.get("name"))
        about = next((given[key] for key in _ABOUT if key in given and given[key] is not tool), None)
        pattern = next((given[key] for key in _PATTERN if key in given), None)
        return {"tool": tool, "about": about, "pattern": pattern}


Lookups = Annotated[tuple[Lookup, ...], Field(max_length=MOST_A_ROUND), BeforeValidator(_one)]


class Stated(BaseModel):
    """One statement, and the words of the evidence that it rests on."""

    model_config = _required()

    text: str = Field(default="", max_length=600)
    quote: str = Field(default="", max_length=600)
    evidence: Id = ""


Claims = Annotated[tuple[Stated, ...], Field(max_length=_SENTENCES), BeforeValidator(_one)]


class _Investigating(BaseModel):
    """An answer that may be one more round of look-ups instead."""

    @model_validator(mode="before")
    @classmethod
    def _one_lookup(cls, value: Any) -> Any:
        """Take "lookup" for "lookups", and a bare call of a tool for a list of one."""
        if not isinstance(value, dict):
            return value
        given = dict(value)
        if "lookups" not in given and given.get("lookup") is not None:
            given["lookups"] = given["lookup"]
        elif "lookups" not in given and "tool" in given:
            given["lookups"] = [given]
        if isinstance(given.get("lookups"), list):
            given["lookups"] = given["lookups"][:MOST_A_ROUND]
        return given


class FirstAnswer(_Investigating):
    """What happened, in the model's judgement; or what it has to look up first."""

    model_config = _required()

    reasoning: Text = ""
    lookups: Lookups = ()
    code: str | None = Field(default=None, max_length=60)
    object: str | None = Field(default=None, max_length=300)
    evidence: Ids = ()


class LastAnswer(BaseModel):
    """Cause, object, evidence and advice, all things considered."""

    model_config = _required()

    reasoning: Text = ""
    code: str = Field(max_length=60)
    object: str | None = Field(default=None, max_length=300)
    evidence: Ids = ()
    summary: Text = ""
    claims: Claims = ()
    action: Action = "none"
    target: str | None = Field(default=None, max_length=300)
    replicas: int | None = Field(default=None, strict=True)
    recommendations: Sentences = ()


class Reply(_Investigating):
    """The answer to an operator's question, with the words that it rests on; or what is looked up first."""

    model_config = _required()

    lookups: Lookups = ()
    answer: Text = ""
    claims: Claims = ()

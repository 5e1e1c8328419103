"""The shape of a model's answers: closed, bounded, and without any word that could change a cluster."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from opsagent.models.plan import Action

_ID = re.compile(r"\s*[\[(]?(E\d{1,5})\b")


def _ids(value: Any) -> Any:
    """Take "E1, E2" and "E1: the line" for the ids in them, as small models write them."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return () if value is None else value
    found = [_ID.match(item) if isinstance(item, str) else None for item in value]
    return [match[1] if match else item for match, item in zip(found, value, strict=True)]


def _words(value: Any) -> Any:
    """Take one sentence for a list of one."""
    return [value] if isinstance(value, str) else () if value is None else value


def _one(value: Any) -> Any:
    """Take one claim for a list of one, and null for none."""
    return [value] if isinstance(value, dict) else () if value is None else value


def _id(value: Any) -> Any:
    """Take the first of several ids, and null for none."""
    found = _ids(value)
    return found[0] if isinstance(found, list) and found else found or ""


Id = Annotated[str, BeforeValidator(_id), Field(max_length=12)]
Ids = Annotated[tuple[Annotated[str, Field(max_length=12)], ...], BeforeValidator(_ids), Field(max_length=12)]
Sentences = Annotated[
    tuple[Annotated[str, Field(max_length=600)], ...], BeforeValidator(_words), Field(max_length=6)
]  # fmt: skip


def _required(*names: str) -> ConfigDict:
    """Return the settings of an answer whose schema requires these fields.

    Without `required` an empty object is a legal answer under constrained decoding; what is missing all the same is
    read as not given.
    """

    def extra(schema: dict[str, Any]) -> None:
        schema["required"] = list(names or schema["properties"])

    return ConfigDict(extra="ignore", json_schema_extra=extra)


class Lookup(BaseModel):
    """One more look that the model asks for."""

    model_config = ConfigDict(extra="ignore")

    tool: str = Field(max_length=40)
    arguments: dict[str, Any] = Field(default_factory=dict, max_length=6)


class Stated(BaseModel):
    """One statement, and the words of the evidence that it rests on."""

    model_config = _required()

    text: str = Field(default="", max_length=600)
    quote: str = Field(default="", max_length=600)
    evidence: Id = ""


Claims = Annotated[tuple[Stated, ...], BeforeValidator(_one), Field(max_length=8)]


class FirstAnswer(BaseModel):
    """What the logs say, in the model's judgement; or what it wants to look at first."""

    model_config = _required("code", "object", "evidence", "reasoning")

    code: str | None = Field(default=None, max_length=60)
    object: str | None = Field(default=None, max_length=300)
    evidence: Ids = ()
    reasoning: str = Field(default="", max_length=1200)
    lookup: Lookup | None = None


class LastAnswer(BaseModel):
    """Cause, object, evidence and advice, all things considered."""

    model_config = _required()

    code: str = Field(max_length=60)
    object: str | None = Field(default=None, max_length=300)
    evidence: Ids = ()
    summary: str = Field(default="", max_length=800)
    claims: Claims = ()
    action: Action = "none"
    target: str | None = Field(default=None, max_length=300)
    replicas: int | None = Field(default=None, strict=True)
    recommendations: Sentences = ()

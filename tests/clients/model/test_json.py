"""The object in a model's answer."""

import contextlib
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from opsagent.clients.model.json import MAX_TEXT, UnusableAnswerError, instructions, parse, response_format


class Shape(BaseModel):
    """What the tests ask for."""

    code: str = Field(max_length=20, description="many words")
    title: str | None = None


def test_the_schema_is_reported_without_ballast() -> None:
    """Fields and types in short; titles and descriptions are left out, a field called title is not."""
    told = instructions(Shape)
    assert told.endswith('{"code": string, "title": string|null}')


def test_the_shape_in_words_has_parts_lists_limits_and_choices() -> None:
    """What the parameter states to a server that knows schemas is stated to a model in words."""

    class Choice(BaseModel):
        kind: Literal["a", "b"]
        many: Annotated[tuple[Shape, ...], Field(max_length=3)] = ()
        words: list[str] = []

    assert instructions(Choice).endswith(
        '{"kind": "a"|"b", "many": [{"code": string, "title": string|null}, …at most 3], "words": [string, …]}'
    )


class Inner(BaseModel):
    """A part."""

    word: str = Field(max_length=3)


class Outer(BaseModel):
    """A complete with a part."""

    inner: Inner | None = None
    many: list[str] = Field(default_factory=list, max_length=5)


def test_the_schema_as_a_parameter_has_neither_references_nor_bounds() -> None:
    """Servers build a grammar of it: definitions are in their place, lengths are checked here."""
    schema = response_format(Outer)["json_schema"]["schema"]
    inner = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
    assert schema["properties"]["inner"] == {"anyOf": [inner, {"type": "null"}]}
    assert schema["properties"]["many"] == {"type": "array", "items": {"type": "string"}}
    assert "$defs" not in schema


@pytest.mark.parametrize(("text", "fits"), [('{"code": "a"}', True), ('{"code": 5}', False), ("", False)])
def test_an_unusable_answer_states_whether_it_fits(text: str, fits: bool) -> None:
    """What only the check refuses has the right shape."""
    with pytest.raises(UnusableAnswerError) as caught:
        parse(text, Shape, lambda _: "never")
    assert caught.value.fits == fits


@given(st.text(alphabet='{}[]":,`\n\\ace1 jsonthink/<>', max_size=200))
def test_any_text_gives_an_object_or_states_why_not(text: str) -> None:
    """Whatever a model states: an answer of the shape, or the error for the repair round."""
    with contextlib.suppress(UnusableAnswerError):
        assert isinstance(parse(text, Shape), Shape)


@given(st.text(max_size=20).filter(lambda text: "</think>" not in text), st.text(alphabet="abc .`\n", max_size=50))
def test_a_good_object_is_found_after_any_prose(code: str, prose: str) -> None:
    """Prose before and after does not hide the answer, and the answer comes back as it was."""
    assert parse(f"{prose}{Shape(code=code).model_dump_json()}{prose}", Shape) == Shape(code=code)


@pytest.mark.parametrize("text", ["{" * MAX_TEXT, '{"a":' * (MAX_TEXT // 5), "[" * MAX_TEXT, "```json\n" * 8000])
def test_hostile_text_comes_to_an_end(text: str) -> None:
    """Thousands of opening braces or fences are given up on: tried one by one they would take minutes."""
    with pytest.raises(UnusableAnswerError):
        parse(text, Shape)


def test_text_beyond_the_bound_is_refused() -> None:
    """A text too long is refused unread."""
    with pytest.raises(UnusableAnswerError, match="longer"):
        parse('{"code": "a"}' + " " * MAX_TEXT, Shape)

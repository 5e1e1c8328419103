"""The object in a model's answer."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from opsagent.clients.model.json import MAX_TEXT, UnusableAnswerError, instructions, parse


class Shape(BaseModel):
    """What the tests ask for."""

    code: str = Field(max_length=20, description="many words")
    title: str | None = None


def test_the_schema_is_told_without_ballast() -> None:
    """Titles and descriptions are left out, a field called title is not."""
    told = instructions(Shape)
    assert '"code":{"maxLength":20,"type":"string"}' in told
    assert '"title":{' in told
    assert "many words" not in told


@given(st.text(alphabet='{}[]":,`\n\\ace1 jsonthink/<>', max_size=200))
def test_any_text_gives_an_object_or_says_why_not(text: str) -> None:
    """Whatever a model says: an answer of the shape, or the error for the repair round."""
    with contextlib.suppress(UnusableAnswerError):
        assert isinstance(parse(text, Shape), Shape)


@given(st.text(max_size=20).filter(lambda text: "</think>" not in text), st.text(alphabet="abc .`\n", max_size=50))
def test_a_good_object_is_found_after_any_prose(code: str, prose: str) -> None:
    """Prose before and after does not hide the answer, and the answer comes back as it was."""
    assert parse(f"{prose}{Shape(code=code).model_dump_json()}{prose}", Shape) == Shape(code=code)


@pytest.mark.parametrize("text", ["{" * MAX_TEXT, '{"a":' * (MAX_TEXT // 5), "[" * MAX_TEXT, "```json\n" * 8000])
def test_hostile_text_costs_little_time(text: str) -> None:
    """Thousands of opening braces or fences are given up on at once."""
    started = time.monotonic()
    with pytest.raises(UnusableAnswerError):
        parse(text, Shape)
    assert time.monotonic() - started < 5


def test_text_beyond_the_bound_is_refused() -> None:
    """A text too long is refused unread."""
    with pytest.raises(UnusableAnswerError, match="longer"):
        parse('{"code": "a"}' + " " * MAX_TEXT, Shape)

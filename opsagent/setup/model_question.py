"""The shape of the check-up's one answer."""

from pydantic import BaseModel, Field


class Colour(BaseModel):
    """A word."""

    word: str = Field(max_length=100)

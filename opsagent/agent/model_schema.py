"""The shape of a model's answers: closed, bounded, and without any word that could change a cluster."""

from pydantic import BaseModel, ConfigDict, Field


class FirstAnswer(BaseModel):
    """What the logs say, in the model's judgement."""

    model_config = ConfigDict(extra="ignore")

    code: str = Field(max_length=60)
    object: str | None = Field(default=None, max_length=300)
    reasoning: str = Field(default="", max_length=2000)


class LastAnswer(BaseModel):
    """Cause, object, evidence and advice, all things considered."""

    model_config = ConfigDict(extra="ignore")

    code: str = Field(max_length=60)
    object: str | None = Field(default=None, max_length=300)
    evidence: tuple[str, ...] = Field(default=(), max_length=40)
    summary: str = Field(default="", max_length=600)
    recommendations: tuple[str, ...] = Field(default=(), max_length=8)

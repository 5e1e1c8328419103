"""The operator's judgement of an incident's diagnosis: a labelled case of one's own."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the first cause was right, and what was right instead."""

    incident_id: str
    at: datetime
    by: str
    right: bool  # the first cause of the report, code and object
    code: str | None  # of that cause; None where none was named
    object: str | None
    confidence: float | None
    true_code: str | None = None  # what it was, where the operator states it
    true_object: str | None = None
    model_code: str | None = None  # what a model stated; None where none was asked, or it gave no answer
    model_object: str | None = None

    @property
    def model_right(self) -> bool | None:
        """Whether the model's cause was right; None where it gave none, or nobody stated what was right."""
        if self.model_code is None or (not self.right and self.true_code is None):
            return None
        true = (self.code, self.object) if self.right else (self.true_code, self.true_object)
        return self.model_code == true[0] and (None in (self.model_object, true[1]) or self.model_object == true[1])

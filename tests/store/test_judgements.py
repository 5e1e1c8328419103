"""An operator's judgements are kept, the newest of an incident counts, and they are counted by family."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from opsagent.cli.work.verdict import counted
from opsagent.models.judgement import Judgement
from opsagent.store.judgements import Judgements

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RIGHT = Judgement("b7k2", AT, "op@host", True, "db.locked", "Deployment/blog", 0.86, model_code="db.locked")
WRONG = replace(
    RIGHT, incident_id="c8m3", right=False, true_code="db.slow", model_code="db.slow", model_object="Deployment/blog"
)


def test_the_newest_judgement_of_an_incident_counts(tmp_path: Path) -> None:
    """A second word on the same incident takes the place of the first."""
    kept = Judgements(tmp_path)
    assert kept.list() == ()
    kept.save(RIGHT)
    kept.save(WRONG)
    kept.save(replace(RIGHT, right=False))
    assert set(kept.list()) == {WRONG, replace(RIGHT, right=False)}


def test_rules_and_model_are_counted_apart() -> None:
    """The model is right where its code is what the operator named; unknown truth is not counted for it."""
    assert [RIGHT.model_right, WRONG.model_right, replace(WRONG, true_code=None).model_right] == [True, True, None]
    (row,) = counted([RIGHT, WRONG])
    assert row == {
        "family": "db", "confidence": ">= 0.7", "judged": 2, "right": 1, "model_judged": 2, "model_right": 2,
        "repeats": 1,
    }  # fmt: skip

"""The timeline that a model reads: what has a time, oldest first, and nothing that has none."""

from dataclasses import replace

from opsagent.agent.model.timeline import timeline_lines
from opsagent.models.figures import Alert
from tests.agent.incidents import EVIDENCE
from tests.agent.model.materials import material


def test_an_alert_without_a_beginning_is_left_out() -> None:
    """A time that nobody stated is not made up."""
    undated = Alert("Undated", {}, {}, "firing")
    assert not [line for line in timeline_lines(material(alerts=(undated,))) if "Undated" in line]


def test_the_middle_of_a_long_timeline_is_left_out_and_counted() -> None:
    """First and last entries stay: what began it, and what is now."""
    every = timeline_lines(material(), most=1000)
    cut = timeline_lines(material(), most=3)
    assert len(every) > 3
    assert cut == [every[0], f"… {len(every) - 3} more …", *every[-2:]]


def test_what_nothing_speaks_of_has_no_time() -> None:
    """An object that no entry names is answered as such, and not with everybody's entries."""
    assert timeline_lines(material(), "pod/nobody-knows-me") == ["nothing of it has a time"]


def test_of_a_stored_incident_the_evidence_is_the_timeline() -> None:
    """Its objects were not kept: what the evidence holds of them is there by its number, log lines only once."""
    dated = tuple(replace(piece, at=material().symptoms[0].observation.at) for piece in EVIDENCE)
    lines = timeline_lines(material(objects=(), evidence=dated), most=1000)
    numbered = {piece.id for piece in dated if any(f" {piece.id} " in line for line in lines)}
    assert numbered == {piece.id for piece in dated if piece.source != "logs" and piece.at is not None}

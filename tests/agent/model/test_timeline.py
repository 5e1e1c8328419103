"""The timeline: oldest first, short, and of a long one what is near the alarm."""

from dataclasses import replace
from datetime import timedelta

from opsagent.agent.model.timeline import timeline_lines
from opsagent.models.evidence import Change
from opsagent.models.figures import Alert
from tests.agent import incidents
from tests.agent.incidents import AT, EVIDENCE, SEEN
from tests.agent.model.materials import material


def changes(*minutes: int) -> tuple[Change, ...]:
    """Return a change so many minutes before the alarm each."""
    return tuple(Change(AT - timedelta(minutes=n), f"Deployment/d{n}", f"scaled {n}", SEEN) for n in minutes)


def test_of_a_long_one_what_is_near_the_alarm_is_shown() -> None:
    """What was changed hours before the first alarm gives way, and is counted."""
    lines = timeline_lines(material(changes=changes(*range(60, 120), *range(5))), most=16)
    assert lines[0].startswith("… ")
    assert lines[0].endswith(" earlier …")
    assert not any("scaled 60" in line for line in lines)
    assert all(any(f"Deployment/d{n}: " in line for line in lines) for n in range(5))
    assert len(lines) <= 17


def test_what_is_old_is_shown_where_there_is_room_for_it() -> None:
    """Few entries are all shown; without any near the alarm the old ones are."""
    assert any("scaled 90" in line for line in timeline_lines(material(changes=changes(90)), most=30))
    symptom = replace(incidents.SYMPTOM, observation=replace(incidents.SYMPTOM.observation, at=AT + timedelta(days=1)))
    lines = timeline_lines(material(changes=changes(*range(60, 120)), symptoms=(symptom,)), most=10)
    assert any("scaled 119" in line for line in lines)
    assert len(lines) == 11


def test_an_alert_without_a_beginning_is_left_out() -> None:
    """A time that nobody stated is not made up."""
    undated = Alert("Undated", {}, {}, "firing")
    assert not [line for line in timeline_lines(material(alerts=(undated,))) if "Undated" in line]


def test_what_nothing_speaks_of_has_no_time() -> None:
    """An object that no entry names is answered as such, and not with everybody's entries."""
    assert timeline_lines(material(), "pod/nobody-knows-me") == ["nothing of it has a time"]


def test_of_a_stored_incident_the_evidence_is_the_timeline() -> None:
    """Its objects were not kept: what the evidence holds of them is there by its number, log lines only once."""
    dated = tuple(replace(piece, at=AT) for piece in EVIDENCE)
    lines = timeline_lines(material(objects=(), evidence=dated), most=1000)
    numbered = {piece.id for piece in dated if any(f" {piece.id} " in line for line in lines)}
    assert numbered == {piece.id for piece in dated if piece.source != "logs"}

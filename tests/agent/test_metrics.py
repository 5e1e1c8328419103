"""Metrics as Prometheus text."""

import re
from datetime import UTC, datetime

from opsagent.agent.blind_spots import Blindness
from opsagent.agent.metrics import metrics_text
from opsagent.agent.watch_pass import Met
from opsagent.errors import ExitCode
from opsagent.models.sighting import BlindSpot, Sighting

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[0-9.e+]+)')


def sighting(service: str, code: str) -> Sighting:
    """Return a fault that was first seen at noon."""
    return Sighting("key", "platform", service, code, "Deployment/x", "b7k2", AT, AT, AT)


def samples(text: str) -> dict[str, float]:
    """Return every sample by name and labels; a line of another form fails."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        assert match, line
        found[f"{match[1]}{{{match[2] or ''}}}"] = float(match[3])
    return found


def test_nothing_wrong_is_zeros() -> None:
    """Without an incident the stages are 0: an alert on them can show zero from absent."""
    found = samples(metrics_text((), (), pass_end=AT, exit_code=ExitCode.OK))
    assert found['opsagent_incidents{stage="awaiting_approval"}'] == 0
    assert found["opsagent_pass_end_timestamp_seconds{}"] == AT.timestamp()
    assert found["opsagent_pass_exit_code{}"] == 0


def test_a_fault_is_a_sample_with_its_labels() -> None:
    """Service, code, object and stage are labels; the value is since when."""
    text = metrics_text((Met(sighting("blog", "db.locked"), "awaiting_approval", ExitCode.PENDING),), ())
    [line] = [name for name in samples(text) if name.startswith("opsagent_incident_first_seen")]
    assert 'service="blog"' in line
    assert 'code="db.locked"' in line
    assert samples(text)[line] == AT.timestamp()


def test_hostile_labels_stay_one_line() -> None:
    """Quotes, backslashes and line ends in a name are escaped, so that no label can add a sample."""
    odd = sighting('a"} 1\nopsagent_up{x="', "a\\b")
    text = metrics_text((Met(odd, "diagnosed", ExitCode.REPORTED),), ())
    assert len([name for name in samples(text) if "first_seen" in name]) == 1


def test_what_cannot_be_read_is_a_sample_of_its_own() -> None:
    """A blind spot is named by its source; one that is read again is not."""
    blind = BlindSpot("platform", "objects", since=AT, passes=3, told_at=AT, why="HTTP 401")
    assert 'opsagent_blind_since_timestamp_seconds{source="objects"}' in samples(
        metrics_text((Blindness(blind, ExitCode.FAILED),), ())
    )

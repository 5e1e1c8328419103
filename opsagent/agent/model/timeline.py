"""What happened, by time: changes, alarms, alerts, warnings, and when each kind of failure was first logged."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from opsagent.agent.model.material import Material
from opsagent.agent.model.prompt_logs import unstamped
from opsagent.analysis.logs.digest_text import sample
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.event import event_of

_MOST = 16
_FAILING = frozenset({"traceback", "error", "warning"})
_TEXT = 140  # characters of one entry
_BEFORE = timedelta(minutes=15)  # the first alarm


def timeline_lines(material: Material, about: str = "", *, most: int = _MOST) -> list[str]:
    """Return "12:29:30 logged by blog: …" lines, oldest first; the middle is left out where there are too many."""
    wanted = about.casefold().rpartition("/")[2]
    entries = sorted((at, " ".join(text.split())) for at, text in _entries(material) if wanted in text.casefold())
    shown = _near(entries, material, most)
    lines = list(dict.fromkeys(f"{at:%H:%M:%S} {material.redact(text)[:_TEXT]}" for at, text in shown))
    if not lines:
        return ["nothing of it has a time"]
    earlier = [f"… {len(entries) - len(shown)} earlier …"] if len(shown) < len(entries) else []
    if len(lines) > most:
        head = most // 3
        left = f"… {len(lines) - most} more …"
        lines = [*lines[:head], left, *lines[head - most :]]
    return [*earlier, *lines]


def _near(entries: list[tuple[datetime, str]], material: Material, most: int) -> list[tuple[datetime, str]]:
    """Return the entries from shortly before the first alarm on, where they alone fill most of the room."""
    alarms = [symptom.observation.at for symptom in material.symptoms if symptom.observation.at is not None]
    if len(entries) <= most or not alarms:
        return entries
    near = [entry for entry in entries if entry[0] >= min(alarms) - _BEFORE]
    return near if len(near) > most // 2 else entries


def _entries(material: Material) -> Iterator[tuple[datetime, str]]:
    for change in material.changes:
        if change.text != "created":
            yield change.at, f"changed {change.object}: {change.text}"
    for symptom in material.symptoms:
        if symptom.observation.at is not None:
            yield symptom.observation.at, f"alarm {symptom.service or ''}: {symptom.text}"
    for alert in material.alerts:
        if alert.since is not None:
            yield alert.since, f"alert {alert.name} {alert.state}: {alert.annotations.get('summary', '')}"
    yield from _warnings(material)
    yield from _failures(material)


def _warnings(material: Material) -> Iterator[tuple[datetime, str]]:
    """Yield the warning events; of a stored incident, whose objects were not kept, what its evidence holds."""
    for item in material.objects:
        event = event_of(item) if kube.kind(item) == "Event" else None
        if event is not None and event.warning:
            at = event.first or event.last
            if at is not None:
                yield at, f"warned {event.kind}/{event.name} {event.reason}: {event.message}"
    for piece in () if material.objects else material.evidence:
        if piece.at is not None and piece.source != "logs":
            yield piece.at, f"{piece.id} {piece.where}: {piece.text}"


def _failures(material: Material) -> Iterator[tuple[datetime, str]]:
    for log in material.digests:
        for group in log.groups:
            if group.kind in _FAILING and group.first_at is not None:
                yield group.first_at, f"logged by {log.service or log.where} ×{group.count}: {unstamped(sample(group))}"

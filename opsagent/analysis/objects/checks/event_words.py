"""Warnings that no check of the objects accounts for, understood by the wordings of the catalog."""

from collections.abc import Iterable, Iterator
from itertools import islice

from opsagent.analysis.logs.matching.engine import matcher_of
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.made_good import went_well
from opsagent.analysis.objects.checks.scene import Scene, observe_event
from opsagent.analysis.objects.event import KubeEvent, went_on
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_RECENT_S = 3600.0
_CARRIES = 0.45
_FIRM = 0.9  # of a phrase's strength: an event is one report, and not checked against the object
_MOST, _MOST_OBJECTS = 3, 500  # messages of an object, and objects


def event_word_findings(scene: Scene, found: Iterable[Finding]) -> list[Finding]:
    """Return what recent Warning events mean whose object has no cause yet.

    Of an object that was read, only where a check found it wrong and could not state why: what is healthy now is so
    whatever an event reports. Of one that only events name, wherever nothing else was found about it.
    """
    unclear: set[str] = set()
    clear: set[str] = set()
    for finding in found:
        if finding.object and finding.strength >= _CARRIES:
            (unclear if finding.unexplained else clear).add(finding.object)
    told: list[Finding] = []
    for subject, seen in islice(scene.cluster.subjects(), _MOST_OBJECTS):
        names = {kube.ref(subject), scene.named(scene.cluster.top(subject))}
        if not names & clear and ((not seen and not went_well(scene, subject)) or names & unclear):
            told += islice(_understood(scene, subject), 1)
    return told


def _understood(scene: Scene, subject: KubeObject) -> Iterator[Finding]:
    for event in _warnings(scene, subject):
        for meaning, _ in matcher_of(scene.catalog).fitting(f"{event.reason}: {event.message}", "event"):
            verdict = meaning.verdict
            if verdict.weak:
                continue
            summary = verdict.summary.replace(" ({what})", "").replace(" {what}", "")
            yield scene.finding(
                verdict.code,
                subject,
                round(verdict.strength * _FIRM, 3),
                f"{summary[:1].upper()}{summary[1:]}.",
                [observe_event(event)],
                variant=verdict.variant or "",
            )


def _warnings(scene: Scene, subject: KubeObject) -> list[KubeEvent]:
    by_message: dict[str, KubeEvent] = {}
    events = scene.cluster.events_of(subject)
    for event in reversed(events):
        if event.warning and scene.recent(event.last, _RECENT_S) and not went_on(events, event):
            by_message.setdefault(event.message, event)
    return list(by_message.values())[:_MOST]

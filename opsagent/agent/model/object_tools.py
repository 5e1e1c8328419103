"""Kubernetes objects and events for a model: one object as it is, events counted by reason."""

import json
from difflib import get_close_matches
from typing import Any

from opsagent.agent.model.material import Material
from opsagent.agent.model.slips import SlipError
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.event import KubeEvent, event_of
from opsagent.models.observed import KubeObject
from opsagent.redact import redact_object

_EVENTS = 10
_KEPT = ("name", "namespace", "labels", "annotations", "ownerReferences", "creationTimestamp", "deletionTimestamp")
_SHORT = {"deploy": "deployment", "po": "pod", "svc": "service", "sts": "statefulset", "ds": "daemonset", "no": "node"}


def object_text(material: Material, about: str) -> str:
    """Return one object as compact JSON, redacted; of a stored incident what its evidence holds of it."""
    if not material.objects:
        return _from_evidence(material, about, ("objects",))
    kind, _, name = about.casefold().rpartition("/")
    kind = _SHORT.get(kind, kind)
    found = [item for item in material.objects if kube.name(item).casefold() == name and kube.kind(item) != "Event"]
    exact = [item for item in found if kube.kind(item).casefold() == kind] if kind else found
    if len(exact) != 1:
        names = [kube.ref(item) for item in material.objects if kube.kind(item) != "Event"]
        near = [kube.ref(item) for item in exact or found] or get_close_matches(about, names, n=4, cutoff=0.4)
        raise SlipError(f"object needs Kind/name as it was seen, not {about[:80]!r}; nearest: {', '.join(near[:6])}")
    return _compact(_pruned(redact_object(exact[0], material.redact)))


def event_lines(material: Material, about: str) -> list[str]:
    """Return events by object and reason with count, first and last; warnings first, the newest first."""
    if not material.objects:
        return [_from_evidence(material, about, ("events",))]
    wanted = about.casefold().rpartition("/")[2]
    groups: dict[tuple[str, str, str], list[KubeEvent]] = {}
    for item in material.objects:
        if kube.kind(item) == "Event":
            event = event_of(item)
            if wanted in f"{event.kind}/{event.name}".casefold():
                groups.setdefault((event.kind, event.name, event.reason), []).append(event)
    if not groups:
        read = "events were read" if "Event" in material.kinds else "events were not read"
        return [f"no such event; {read}"]
    ordered = sorted(groups.values(), key=lambda group: (group[-1].warning, _last(group)), reverse=True)
    left = [f"… and {len(ordered) - _EVENTS} more"] if len(ordered) > _EVENTS else []
    return [*map(_events, ordered[:_EVENTS]), *left]


def _events(group: list[KubeEvent]) -> str:
    newest = max(group, key=lambda event: event.last.timestamp() if event.last else 0.0)
    first = min((event.first for event in group if event.first), default=None)
    times = f"{first:%H:%M:%S}–" if first else ""
    until = f"{newest.last:%H:%M:%S} " if newest.last else ""
    warned = "Warning" if newest.warning else "Normal"
    count = sum(max(1, event.count) for event in group)
    return f"{times}{until}{warned} {newest.kind}/{newest.name} {newest.reason} ×{count}: {newest.message}"


def _last(group: list[KubeEvent]) -> float:
    return max((event.last.timestamp() for event in group if event.last), default=0.0)


def _compact(value: Any) -> str:
    """Return short JSON without what is empty."""
    return json.dumps(_filled(value), ensure_ascii=False, separators=(",", ":"), default=str)


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items() if item not in (None, "", [], {})}
    return [_filled(item) for item in value] if isinstance(value, list) else value


def _pruned(item: KubeObject) -> dict[str, Any]:
    meta = kube.mapping(item, "metadata")
    kept = {key: meta[key] for key in _KEPT if key in meta}
    return {"kind": item.get("kind"), "metadata": kept, "status": item.get("status"), "spec": item.get("spec")} | {
        key: value for key, value in item.items() if key not in ("kind", "apiVersion", "metadata", "status", "spec")
    }


def _from_evidence(material: Material, about: str, sources: tuple[str, ...]) -> str:
    """Return what the evidence of a stored incident holds: its objects were not kept."""
    wanted = about.casefold().rpartition("/")[2]
    pieces = [piece for piece in material.evidence if piece.source in sources and wanted in piece.where.casefold()]
    if pieces:
        return "\n".join(f"{piece.id} {piece.where}: {piece.text}" for piece in pieces)
    return f"the stored incident kept no such {sources[0]}"

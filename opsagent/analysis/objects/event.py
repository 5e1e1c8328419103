"""One event, whichever of the two API shapes it came in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from opsagent.analysis.objects import kube
from opsagent.models.observed import KubeObject


@dataclass(frozen=True, slots=True)
class KubeEvent:
    """One event, whichever of the two API shapes it came in."""

    kind: str  # of the object that it names
    namespace: str
    name: str
    uid: str
    reason: str
    message: str
    warning: bool
    count: int
    first: datetime | None
    last: datetime | None
    where: str  # "Event/x"

    def said(self, *parts: str) -> bool:
        """Return whether the message holds any of these words (lower case)."""
        message = self.message.lower()
        return any(part in message for part in parts)


def went_on(events: Iterable[KubeEvent], since: KubeEvent) -> bool:
    """Return whether the same object had good news after an event: what failed then has been done by now."""
    last = since.last
    return last is not None and any(not e.warning and e.last is not None and e.last > last for e in events)


def event_of(obj: KubeObject) -> KubeEvent:
    """Return an Event object of core v1 or events.k8s.io/v1 as one record."""
    series, meta = obj.get("series"), obj.get("metadata")
    kind, name, namespace = about(obj)
    # Fifty thousand events are ordinary: each field is read once, and the rarer shape only where the other is absent.
    last = (
        kube.moment(series, "lastObservedTime")
        or kube.when(obj.get("lastTimestamp"))
        or kube.when(obj.get("deprecatedLastTimestamp"))
        or kube.when(obj.get("eventTime"))
    )
    first = (
        kube.when(obj.get("firstTimestamp"))
        or kube.when(obj.get("deprecatedFirstTimestamp"))
        or kube.when(obj.get("eventTime"))
        or kube.moment(meta, "creationTimestamp")
    )
    own = kube.text(meta, "name")
    return KubeEvent(
        kind=kind,
        namespace=namespace,
        name=name,
        uid=kube.text(obj.get("involvedObject") or obj.get("regarding"), "uid"),
        reason=kube.text(obj, "reason"),
        message=kube.text(obj, "message") or kube.text(obj, "note"),
        warning=obj.get("type") != "Normal",
        count=max(1, kube.integer(obj, "count"), kube.integer(series, "count"), kube.integer(obj, "deprecatedCount")),
        first=first or last,
        last=last or first,
        where=f"Event/{own}" if own else "Event",
    )


def about(obj: KubeObject) -> tuple[str, str, str]:
    """Return (kind, name, namespace) of the object that an event names."""
    named = obj.get("involvedObject") or obj.get("regarding")
    namespace = kube.text(named, "namespace") or kube.text(obj.get("metadata"), "namespace")
    return kube.text(named, "kind"), kube.text(named, "name"), namespace

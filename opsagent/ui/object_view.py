"""A workload or a Service in full, as `kubectl describe` shows it, with its pods."""

from datetime import datetime

from rich.console import Group, RenderableType

from opsagent.models.observed import Where
from opsagent.models.status import ObjectDescription, PodList
from opsagent.ui.evidence_lines import unseen_text
from opsagent.ui.layout import STRONG, joined, labelled, say, stacked
from opsagent.ui.moment import age, clock_zone, in_zone
from opsagent.ui.pods_view import pods_view

_LABEL = 12


def object_view(found: ObjectDescription, now: datetime) -> RenderableType:
    """Draw the object, its pods, and the events of them all."""
    head = joined(
        say(f"{found.kind}/{found.name}", STRONG), f" · {age(found.created, now)} old · as of {clock_zone(now)}"
    )
    rows: list[tuple[str, RenderableType]] = [("namespace", say(found.namespace))]
    if found.service:
        rows.append(("service", say(found.service)))
    rows += [(name, say(text)) for name, text in found.facts.items()]
    if found.conditions:
        rows.append(("conditions", stacked([in_zone(text, now) for text in found.conditions])))
    if found.containers:
        rows.append(("containers", stacked([f"{name}: {image}" for name, image in found.containers.items()])))
    rest: list[tuple[str, RenderableType]] = [
        ("events", stacked([in_zone(text, now) for text in found.events], empty="none that are still kept")),
        ("labels", say(", ".join(f"{key}={value}" for key, value in found.labels.items()) or "none")),
    ]
    if found.not_checked:
        rest.append(("not checked", unseen_text(found.not_checked)))
    pods = pods_view(PodList(Where(found.namespace), found.pods), now) if found.pods else say("no pods")
    return Group(head, labelled(rows, width=_LABEL), "", pods, "", labelled(rest, width=_LABEL))

"""One pod in full, as `kubectl describe pod` shows it, what is wrong first."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.status import ContainerDescription, PodDescription
from opsagent.ui.evidence_lines import unseen_text
from opsagent.ui.layout import BAD, POOR, STRONG, joined, labelled, say, stacked
from opsagent.ui.moment import age, clock_zone, in_zone

_LABEL = 12


def describe_view(pod: PodDescription, now: datetime) -> RenderableType:
    """Draw the pod, its containers and its events."""
    head = joined(
        say(pod.name, STRONG), " · ", _phase(pod), f" · {age(pod.created, now)} old · as of {clock_zone(now)}"
    )
    rows: list[tuple[str, RenderableType]] = [
        ("namespace", say(pod.namespace)),
        ("service", say(pod.service or "none known")),
        ("owner", say(pod.owner or "none")),
        ("node", say(f"{pod.node or 'not scheduled'} · IP {pod.ip or 'none'}")),
        ("conditions", _lines(pod.conditions, now)),
    ]
    if pod.message or pod.reason:
        rows.insert(0, ("reason", say(": ".join(part for part in (pod.reason, pod.message) if part), POOR)))
    blocks: list[RenderableType] = [head, labelled(rows, width=_LABEL)]
    for container in pod.containers:
        blocks += ["", *_container(container, now)]
    rest: list[tuple[str, RenderableType]] = [
        ("events", _lines(pod.events, now, empty="none that are still kept")),
        ("volumes", _lines(pod.volumes, now)),
        ("tolerations", _lines(pod.tolerations, now)),
        ("labels", say(_pairs(pod.labels))),
        ("not checked", unseen_text(pod.not_checked)),
    ]
    return Group(*blocks, "", labelled(rest, width=_LABEL))


def _phase(pod: PodDescription) -> Text:
    if pod.deleting:
        return say("Terminating", POOR)
    return say(pod.phase, "" if pod.phase in {"Running", "Succeeded"} else BAD)


def _container(container: ContainerDescription, now: datetime) -> tuple[RenderableType, RenderableType]:
    kind = "" if container.kind == "container" else f" ({container.kind})"
    ready = say("ready") if container.ready else say("NOT READY", BAD)
    restarts = f" · {container.restarts} restarts" if container.restarts else ""
    head = joined(say(f"container {container.name}", STRONG), kind, " · ", ready, restarts)
    rows: list[tuple[str, RenderableType]] = [("state", say(in_zone(container.state, now)))]
    if container.last_state:
        rows.append(("last state", say(in_zone(container.last_state, now), POOR)))
    rows += [
        ("image", say(container.image or "not stated")),
        ("probes", _lines(container.probes, now)),
        ("resources", say(f"requests {_pairs(container.requests)} · limits {_pairs(container.limits)}")),
        ("ports", say(", ".join(container.ports) or "none")),
        ("environment", _lines(container.environment, now)),
    ]
    return head, labelled(rows, width=_LABEL)


def _lines(texts: Iterable[str], now: datetime, *, empty: str = "none") -> Text:
    return stacked([say(in_zone(text, now)) for text in texts], empty=empty)


def _pairs(pairs: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in pairs.items()) or "none"

"""The pods of a namespace, as `kubectl get pods` lists them, with the service they belong to."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.status import PodList, PodSummary
from opsagent.ui.inert import inert
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, GOOD, POOR, cells, listing, own, padded, say
from opsagent.ui.moment import age

MANY = 200  # rows; drawing more of them as a table takes longer than reading them
_WELL = {"Running", "Completed", "Succeeded"}
_ON_THE_WAY = {"Pending", "ContainerCreating", "PodInitializing", "Terminating"}


def pods_view(pods: PodList, now: datetime, *, wide: bool = False) -> RenderableType:
    """Draw one row a pod; wide: with its address, node and service."""
    if not pods.pods:
        return own(f"no pods in namespace {pods.where.namespace} ({pods.where.server or 'no cluster'})")
    more = ("IP", "NODE", "SERVICE") if wide else ()
    table = listing("NAME", "READY", "STATUS", "RESTARTS", "AGE", *more, right=("AGE",))
    for pod in pods.pods:
        row = [say(pod.name), _ready(pod), _status(pod.status), say(_restarts(pod, now)), say(age(pod.created, now))]
        table.add_row(*row, *((say(text or "<none>") for text in (pod.ip, pod.node, pod.service)) if wide else ()))
    return Group(table)


def pods_text(pods: PodList, now: datetime, *, wide: bool = False) -> str:
    """Return the same rows as plain columns, as wide as they need to be: thousands of them are there at once."""
    more = ("IP", "NODE", "SERVICE") if wide else ()
    rows = [tuple(map(localised, ("NAME", "READY", "STATUS", "RESTARTS", "AGE", *more)))]
    for pod in pods.pods:
        row = [pod.name, pod.ready, pod.status, _restarts(pod, now), age(pod.created, now)]
        row += [text or "<none>" for text in (pod.ip, pod.node, pod.service)] if wide else []
        rows.append(tuple(map(inert, row)))
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return "".join("   ".join(map(padded, row, widths)).rstrip() + "\n" for row in rows)


def pod_names(pods: PodList) -> str:
    """Return "pod/NAME" a line, as `kubectl get pods -o name` prints them."""
    return "".join(f"pod/{inert(pod.name)}\n" for pod in pods.pods)


def _ready(pod: PodSummary) -> Text:
    have, _, want = pod.ready.partition("/")
    return say(pod.ready, GOOD if have == want or pod.status in {"Completed", "Succeeded"} else BAD)


def _status(status: str) -> Text:
    if status in _WELL:
        return say(status)
    return say(status, POOR if status in _ON_THE_WAY or status.startswith("Init:") else BAD)


def _restarts(pod: PodSummary, now: datetime) -> str:
    last = f" ({age(pod.last_restart, now)} ago)" if pod.last_restart and pod.restarts else ""
    return localised(f"{pod.restarts}{last}") if last else str(pod.restarts)

"""The pods of a namespace, as `kubectl get pods` lists them, with the service they belong to."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.status import PodList, PodSummary
from opsagent.ui.layout import BAD, GOOD, POOR, listing, say
from opsagent.ui.moment import age

_WELL = {"Running", "Completed", "Succeeded"}
_ON_THE_WAY = {"Pending", "ContainerCreating", "PodInitializing", "Terminating"}


def pods_view(pods: PodList, now: datetime) -> RenderableType:
    """Draw one row a pod; a service that no pod belongs to is not listed here."""
    if not pods.pods:
        return say(f"no pods in namespace {pods.where.namespace} ({pods.where.server or 'no cluster'})")
    table = listing("NAME", "READY", "STATUS", "RESTARTS", "AGE", right=("AGE",))
    for pod in pods.pods:
        table.add_row(
            say(pod.name), _ready(pod), _status(pod.status), say(_restarts(pod, now)), say(age(pod.created, now))
        )
    return Group(table)


def _ready(pod: PodSummary) -> Text:
    have, _, want = pod.ready.partition("/")
    return say(pod.ready, GOOD if have == want or pod.status in {"Completed", "Succeeded"} else BAD)


def _status(status: str) -> Text:
    if status in _WELL:
        return say(status)
    return say(status, POOR if status in _ON_THE_WAY or status.startswith("Init:") else BAD)


def _restarts(pod: PodSummary, now: datetime) -> str:
    last = f" ({age(pod.last_restart, now)} ago)" if pod.last_restart and pod.restarts else ""
    return f"{pod.restarts}{last}"

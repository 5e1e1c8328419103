"""The log of one container: which lines, and how they are written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .agenda import stamp_nano
from .api_errors import ApiError, not_found
from .facts import Json
from .faults import ServedRequest
from .journal import Journal
from .kinds import ApiResource
from .simulation import Simulation


@dataclass(slots=True)
class LogView:
    """A place in a journal from which lines are read."""

    journal: Journal
    place: int  # index counted from the first line ever written
    stamps: bool

    def read(self) -> Iterator[bytes]:
        """Yield the lines from here to the present end."""
        index = max(0, self.place - self.journal.dropped)
        for at, line in self.journal.lines[index:]:
            yield (stamp_nano(at).encode() + b" " if self.stamps else b"") + line + b"\n"
        self.place = self.journal.dropped + len(self.journal.lines)


def view(simulation: Simulation, kind: ApiResource, request: ServedRequest) -> LogView:
    """Find the log that is asked for, and the line to begin with."""
    pod = simulation.cluster.store.get(kind.plural, request.namespace, request.name)
    if pod is None:
        raise not_found(kind, request.name)
    journal = _journal(simulation, pod, request)
    first = 0
    if request.query.get("sinceSeconds"):
        first = journal.since(simulation.cluster.now - int(request.query["sinceSeconds"]))
    elif request.query.get("sinceTime"):
        first = journal.since(datetime.fromisoformat(request.query["sinceTime"]).timestamp())
    if request.query.get("tailLines"):
        first = max(first, len(journal.lines) - int(request.query["tailLines"]))
    stamps = request.query.get("timestamps") in ("true", "1")
    return LogView(journal, journal.dropped + first, stamps)


def _journal(simulation: Simulation, pod: Json, request: ServedRequest) -> Journal:
    name = pod["metadata"]["name"]
    specs = pod["spec"].get("initContainers", []) + pod["spec"]["containers"]
    names = [spec["name"] for spec in specs]
    wanted = request.query.get("container") or ""
    if not wanted:
        if len(pod["spec"]["containers"]) > 1:
            choice = " ".join(spec["name"] for spec in pod["spec"]["containers"])
            message = f"a container name must be specified for pod {name}, choose one of: [{choice}]"
            raise ApiError(400, "BadRequest", message)
        wanted = pod["spec"]["containers"][0]["name"]
    if wanted not in names:
        raise ApiError(400, "BadRequest", f"container {wanted} is not valid for pod {name}")
    run = simulation.cluster.runs.get(name)
    previous = request.query.get("previous") in ("true", "1")
    books = (run.previous if previous else run.journals) if run else {}
    if wanted in books:
        return books[wanted]
    if previous:
        message = f'previous terminated container "{wanted}" in pod "{name}" not found'
        raise ApiError(400, "BadRequest", message)
    raise ApiError(400, "BadRequest", f'container "{wanted}" in pod "{name}" {_why_not(pod, wanted)}')


def _why_not(pod: Json, container: str) -> str:
    for entry in pod["status"].get("containerStatuses", []):
        reason = entry["state"].get("waiting", {}).get("reason", "")
        if entry["name"] == container and "Image" in reason:
            return "is waiting to start: trying and failing to pull image"
    return "is waiting to start: ContainerCreating"

"""Diagnoses in threads of their own, at most one of each service at a time; none ever asks, none ever acts."""

import threading
from collections.abc import Callable
from queue import Empty, Queue

from opsagent.agent import run, wiring
from opsagent.agent.driving import Desk
from opsagent.agent.run import DiagnosisRequest
from opsagent.errors import OpsagentError
from opsagent.models.incident import Report
from opsagent.serving.announced import Announced
from opsagent.serving.feed import Feed, FeedProgress
from opsagent.serving.source import Source

Ended = Callable[[tuple[Report, ...] | OpsagentError], None]
_OPENED_WITHIN_S = 60.0  # the graph's import takes two of them, the first time


class AlreadyRunningError(Exception):
    """The same diagnosis is running already."""

    def __init__(self, incident_id: str | None) -> None:
        super().__init__(incident_id)
        self.incident_id = incident_id


class Rounds:
    """The diagnoses that were asked for and have not ended."""

    def __init__(self, source: Source, feed: Feed) -> None:
        self._source, self._feed = source, feed
        self._lock = threading.Lock()
        self._running: dict[str | None, str | None] = {}  # service -> incident id, once it has one

    def start(self, request: DiagnosisRequest, ended: Ended | None = None) -> str:
        """Start a diagnosis and return its incident's id; `ended` is always called, with reports or with what failed.

        Raises BusyError where the same one is running, OpsagentError where it could not even begin.
        """
        with self._lock:
            if request.service in self._running:
                raise AlreadyRunningError(self._running[request.service])
            self._running[request.service] = None
        opened: Queue[str | BaseException] = Queue()
        # A daemon: it changes nothing, and an incident that was cut off is one that can be resumed.
        threading.Thread(target=self._work, args=(request, opened, ended), name="diagnosis", daemon=True).start()
        try:
            first = opened.get(timeout=_OPENED_WITHIN_S)
        except Empty:
            raise OpsagentError("the diagnosis did not begin in time", hint="opsagent doctor") from None
        if isinstance(first, BaseException):
            raise first
        return first

    def _work(self, request: DiagnosisRequest, opened: "Queue[str | BaseException]", ended: Ended | None) -> None:
        progress = FeedProgress(self._feed)
        outcome: tuple[Report, ...] | OpsagentError = OpsagentError("the diagnosis was cut off by a defect")

        def announce(incident_id: str, service: str | None) -> None:
            progress.incident_id = incident_id
            with self._lock:
                if self._running.get(request.service) is None:
                    self._running[request.service] = incident_id
            self._feed.publish("opened", incident_id=incident_id, service=service)
            opened.put(incident_id)

        try:
            outcome = self._diagnose(request, progress, announce)
        except OpsagentError as error:
            outcome = error
            self._feed.publish("failed", incident_id=progress.incident_id, error=error.message, hint=error.hint)
            opened.put(error)
        except BaseException as error:
            self._feed.publish("failed", incident_id=progress.incident_id, error=f"a defect: {error!r}", hint=None)
            opened.put(error)
            raise  # the thread's traceback belongs on stderr
        finally:
            with self._lock:
                del self._running[request.service]
            if ended is not None:
                ended(outcome)

    def _diagnose(
        self, request: DiagnosisRequest, progress: FeedProgress, announce: Callable[[str, str | None], None]
    ) -> tuple[Report, ...]:
        reports = []
        with wiring.desk(self._source.store) as desk:
            kept = Desk(Announced(desk.incidents.state_dir, announce), desk.checkpointer)
            ctx = self._source.context(progress, model=True)
            for report in run.diagnose(ctx, request, kept, None):
                outcome = {"status": report.status, "closing": report.closing}
                self._feed.publish("ended", incident_id=report.incident_id, service=report.service, **outcome)
                reports.append(report)
        return tuple(reports)

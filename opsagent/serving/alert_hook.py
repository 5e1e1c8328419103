"""Alertmanager's webhook: stored and answered at once, diagnosed after; a repeated delivery is no second incident."""

import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from queue import Queue
from typing import Any

from opsagent.agent.run import Request
from opsagent.analysis.evidence.alerts import service_of
from opsagent.clients.alert_json import alert_of
from opsagent.errors import OpsagentError
from opsagent.models.figures import Alert
from opsagent.serving.feed import Feed
from opsagent.serving.rounds import BusyError, Rounds
from opsagent.serving.source import Source

MOST_ALERTS = 1000  # alerts of one delivery


class AlertHook:
    """Deliveries in the order in which they came, one at a time."""

    def __init__(self, source: Source, rounds: Rounds, feed: Feed) -> None:
        self._source, self._rounds, self._feed = source, rounds, feed
        self._waiting: Queue[tuple[Alert, ...]] = Queue()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def take(self, entries: Iterable[dict[str, Any]]) -> dict[str, int]:
        """Store the alerts of a delivery and return how many of them are new.

        A resolved alert starts nothing: resolved is not repaired.
        """
        alerts = [alert_of(entry) for entry in entries]
        firing = [alert for alert in alerts if alert.state == "firing"]
        new = self._source.store.alerts.take(firing, datetime.now(UTC))
        if new:
            self._waiting.put(new)
            self._start()
        return {"new": len(new), "repeated": len(firing) - len(new), "resolved": len(alerts) - len(firing)}

    def _start(self) -> None:
        with self._lock:
            if self._worker is None:
                # A daemon: what waits is stored, and Alertmanager delivers it again.
                self._worker = threading.Thread(target=self._work, name="alerts", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        while True:
            alerts = self._waiting.get()
            named = ", ".join(dict.fromkeys(alert.name for alert in alerts))
            try:
                incident_id = self._rounds.start(Request(self._culprit(alerts)))
                self._feed.tell("alerted", incident_id=incident_id, alerts=named)
            except BusyError as busy:
                self._feed.tell("alerted", incident_id=busy.incident_id, alerts=named)
            except OpsagentError as error:
                self._feed.tell("failed", incident_id=None, error=f"{named}: {error.message}", hint=error.hint)

    def _culprit(self, alerts: tuple[Alert, ...]) -> str | None:
        """Return the one service that a group is about; None where several or none are: then all is diagnosed."""
        names = {spelling: known.name for known in self._source.find_services() for spelling in known.spellings}
        names |= {name: name for name in names.values()}
        found = {service_of(alert, names) for alert in alerts}
        return found.pop() if len(found) == 1 else None

"""Alertmanager's webhook: stored and answered at once, diagnosed later; a repeated delivery is no new incident.

What was stored and not diagnosed when the server ended is diagnosed at its next start.
"""

import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from queue import Empty, Queue
from typing import Any

from opsagent.agent.run import DiagnosisRequest
from opsagent.analysis.evidence.alerts import service_of
from opsagent.analysis.evidence.verdict import UNCHECKED
from opsagent.clients.alert_json import alert_of
from opsagent.errors import CheckError, OpsagentError
from opsagent.models.figures import Alert
from opsagent.models.incident import Report
from opsagent.serving.alert_notice import notice, unsilenced
from opsagent.serving.feed import Feed
from opsagent.serving.rounds import AlreadyRunningError, Rounds
from opsagent.serving.source import Source

MOST_ALERTS = 1000  # alerts of one delivery


class AlertHook:
    """Deliveries in the order in which they came, one at a time."""

    def __init__(self, source: Source, rounds: Rounds, feed: Feed) -> None:
        self._source, self._rounds, self._feed = source, rounds, feed
        self._waiting: Queue[tuple[Alert, ...]] = Queue()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def resume(self) -> int:
        """Take up the alerts that were stored and not diagnosed, and return how many they are."""
        groups = self._source.store.alerts.waiting()
        for group in groups:
            self._waiting.put(group)
        if groups:
            self._start()
        return sum(map(len, groups))

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
                # A daemon: what waits is stored, and taken up again by the next start.
                self._worker = threading.Thread(target=self._work, name="alerts", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        while True:
            groups = [self._waiting.get()]
            try:
                while True:
                    groups.append(self._waiting.get_nowait())
            except Empty:
                pass
            try:
                for culprit, alerts in self._by_culprit(groups).items():
                    self._diagnose(culprit, tuple(alerts))
            except OpsagentError as error:
                self._failed(tuple(alert for group in groups for alert in group), error)

    def _by_culprit(self, groups: Iterable[tuple[Alert, ...]]) -> dict[str | None, list[Alert]]:
        """Return the alerts by the one service that each delivery is about; None: several or none, so all of it."""
        names = {spelling: known.name for known in self._source.find_services() for spelling in known.spellings}
        names |= {name: name for name in names.values()}
        found: dict[str | None, list[Alert]] = {}
        for group in groups:
            services = {service_of(alert, names) for alert in group}
            found.setdefault(services.pop() if len(services) == 1 else None, []).extend(group)
        return found

    def _diagnose(self, culprit: str | None, alerts: tuple[Alert, ...]) -> None:
        named = ", ".join(dict.fromkeys(alert.name for alert in alerts))
        known = self._pending(culprit)
        if known is not None:
            # Its plan waits for a person already: the same culprit is the same incident, and is not announced again.
            self._feed.publish("alerted", incident_id=known, alerts=named)
            self._source.store.alerts.done(alerts, known)
            return
        ended = threading.Event()

        def end(outcome: tuple[Report, ...] | OpsagentError) -> None:
            try:
                self._ended(alerts, outcome)
            finally:
                ended.set()

        try:
            incident_id = self._rounds.start(DiagnosisRequest(culprit), end)
        except AlreadyRunningError as busy:
            self._feed.publish("alerted", incident_id=busy.incident_id, alerts=named)
            self._source.store.alerts.done(alerts, busy.incident_id)
            return
        except Exception:  # noqa: BLE001, S110 - `end` is called with what failed, and a defect has its own traceback
            pass
        else:
            self._feed.publish("alerted", incident_id=incident_id, alerts=named)
        ended.wait()

    def _pending(self, culprit: str | None) -> str | None:
        where = self._source.platform.where
        return next(
            (
                incident.id
                for incident in self._source.store.incidents.list()
                if incident.stage == "awaiting_approval" and incident.service == culprit and incident.where == where
            ),
            None,
        )

    def _ended(self, alerts: tuple[Alert, ...], outcome: tuple[Report, ...] | OpsagentError) -> None:
        if isinstance(outcome, OpsagentError):
            self._failed(alerts, outcome)
            return
        self._announce(alerts, outcome[0])
        if outcome[0].status in UNCHECKED:  # no answer: the next delivery is a second try
            self._source.store.alerts.failed(alerts)
        else:
            self._source.store.alerts.done(alerts, outcome[0].incident_id)

    def _failed(self, alerts: tuple[Alert, ...], error: OpsagentError) -> None:
        named = ", ".join(dict.fromkeys(alert.name for alert in alerts))
        self._feed.publish("failed", incident_id=None, error=f"{named}: {error.message}", hint=error.hint)
        self._announce(alerts, error)
        try:
            self._source.store.alerts.failed(alerts)
        except OpsagentError as store_error:
            self._feed.publish("failed", incident_id=None, error=store_error.message, hint=store_error.hint)

    def _announce(self, alerts: tuple[Alert, ...], outcome: Report | OpsagentError) -> None:
        """Send the result to the webhook of `notify`; one that fails changes nothing of the incident."""
        url = self._source.settings.notify.webhook_url
        loud = unsilenced(alerts, self._source.platform) if url else ()
        if not url or not loud:
            return
        # Only who has a webhook pays for the client.
        from opsagent.clients.webhook import post  # noqa: PLC0415

        try:
            post(url, notice(loud, outcome))
        except CheckError as error:
            self._feed.publish("failed", incident_id=None, error=error.message, hint=error.hint)

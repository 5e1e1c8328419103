"""The alerts that were delivered, so that a repeated delivery is not a second incident, and none is lost by a restart."""

import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from opsagent.models.figures import Alert
from opsagent.store.db import reading, writing
from opsagent.store.records import from_json, time_text, to_json

_KEPT = timedelta(days=30)  # Alertmanager repeats every few hours
_WAITING, _FAILED, _DONE = "waiting", "failed", "done"


class Alerts:
    """The delivered alerts in a state directory; (fingerprint, startsAt) is the identity of one."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def take(self, alerts: Iterable[Alert], now: datetime) -> tuple[Alert, ...]:
        """Store alerts and return those that are to be diagnosed; on return the disk has them.

        These are the ones that were not there, and those whose diagnosis failed. Old ones are removed.
        """
        new, delivery = [], uuid.uuid4().hex
        with writing(self.state_dir) as connection:
            for alert in alerts:
                fingerprint, begun = _key(alert)
                added = connection.execute(
                    "INSERT INTO alerts (fingerprint, begun, at, record, state, delivery) VALUES (?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET state = excluded.state, delivery = excluded.delivery WHERE state = ?",
                    (fingerprint, begun, time_text(now), json.dumps(to_json(alert)), _WAITING, delivery, _FAILED),
                )
                if added.rowcount:
                    new.append(alert)
            connection.execute("DELETE FROM alerts WHERE at < ?", (time_text(now - _KEPT),))
        return tuple(new)

    def waiting(self) -> tuple[tuple[Alert, ...], ...]:
        """Return the alerts whose diagnosis has not ended, those of one delivery together, oldest first."""
        with reading(self.state_dir) as connection:
            rows = connection.execute(
                "SELECT delivery, record FROM alerts WHERE state = ? ORDER BY at, delivery", (_WAITING,)
            ).fetchall()
        groups: dict[str, list[Alert]] = {}
        for delivery, record in rows:
            groups.setdefault(delivery, []).append(from_json(Alert, json.loads(record)))
        return tuple(tuple(group) for group in groups.values())

    def done(self, alerts: Iterable[Alert], incident_id: str | None) -> None:
        """Record that these were diagnosed, and as which incident."""
        self._set(alerts, _DONE, incident_id)

    def failed(self, alerts: Iterable[Alert]) -> None:
        """Record that these could not be diagnosed: their next delivery counts as new."""
        self._set(alerts, _FAILED, None)

    def _set(self, alerts: Iterable[Alert], state: str, incident_id: str | None) -> None:
        with writing(self.state_dir) as connection:
            for alert in alerts:
                connection.execute(
                    "UPDATE alerts SET state = ?, incident = ? WHERE fingerprint = ? AND begun = ?",
                    (state, incident_id, *_key(alert)),
                )


def _key(alert: Alert) -> tuple[str, str]:
    named = alert.fingerprint if alert.fingerprint and alert.fingerprint.isascii() else None
    return named or json.dumps(alert.labels, sort_keys=True), time_text(alert.since) if alert.since else ""

"""The alerts that were delivered, so that a repeated delivery is no second incident."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from opsagent.models.figures import Alert
from opsagent.store.db import writing
from opsagent.store.records import time_text

_KEPT = timedelta(days=30)  # Alertmanager repeats every few hours


class Alerts:
    """The delivered alerts in a state directory; (fingerprint, startsAt) is the identity of one."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def take(self, alerts: Iterable[Alert], now: datetime) -> tuple[Alert, ...]:
        """Store alerts and return those that were not there; on return the disk has them. Old ones are removed."""
        new = []
        with writing(self.state_dir) as connection:
            for alert in alerts:
                begun = time_text(alert.since) if alert.since else ""
                named = alert.fingerprint if alert.fingerprint and alert.fingerprint.isascii() else None
                record = json.dumps({"name": alert.name, "labels": alert.labels, "url": alert.url})
                added = connection.execute(
                    "INSERT OR IGNORE INTO alerts (fingerprint, begun, at, record) VALUES (?, ?, ?, ?)",
                    (named or json.dumps(alert.labels, sort_keys=True), begun, time_text(now), record),
                )
                if added.rowcount:
                    new.append(alert)
            connection.execute("DELETE FROM alerts WHERE at < ?", (time_text(now - _KEPT),))
        return tuple(new)

"""Earlier samples of /stats: what makes a trend out of a point."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from opsagent.models.observed import StatsSample
from opsagent.store.db import reading, writing
from opsagent.store.records import stored, time_of, time_text, to_json

KEEP_FOR = timedelta(hours=24)
KEEP_AT_MOST = 10_000  # of one server: a watch every 10 s for a day, and more


class Samples:
    """The samples kept in a state directory."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def keep(self, samples: Iterable[StatsSample], server_key: str) -> None:
        """Keep samples of the server that `server_key` names (its URL): no sandbox mixes with a platform.

        Those too old (measured from the newest one here, whatever the clock states) or too many are forgotten.
        """
        rows = [(server_key, time_text(sample.at), json.dumps(to_json(sample))) for sample in samples]
        if not rows:
            return
        oldest = time_text(time_of(max(at for _, at, _ in rows)) - KEEP_FOR)
        with writing(self.state_dir, durable=False) as connection:
            connection.executemany("INSERT OR REPLACE INTO samples VALUES (?, ?, ?)", rows)
            connection.execute("DELETE FROM samples WHERE server = ? AND at < ?", (server_key, oldest))
            connection.execute(
                "DELETE FROM samples WHERE server = ?1 AND at <="
                " (SELECT at FROM samples WHERE server = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)",
                (server_key, KEEP_AT_MOST),
            )

    def recent(self, server_key: str, since: datetime) -> tuple[StatsSample, ...]:
        """Return the samples of that server since then, oldest first."""
        with reading(self.state_dir) as connection:
            rows = connection.execute(
                "SELECT record FROM samples WHERE server = ? AND at >= ? ORDER BY at", (server_key, time_text(since))
            ).fetchall()
        return tuple(stored(StatsSample, record, "a kept sample") for (record,) in rows)

"""The action history: what was changed, by whose approval, with what outcome; it only ever grows."""

import json
from pathlib import Path

from opsagent.models.plan import ActionRecord
from opsagent.store.db import reading, writing
from opsagent.store.records import stored, time_text, to_json


class History:
    """The action history in a state directory."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def append(self, record: ActionRecord) -> None:
        """Add a line; on return the disk has it."""
        with writing(self.state_dir) as connection:
            connection.execute(
                "INSERT INTO actions (incident, at, record) VALUES (?, ?, ?)",
                (record.incident_id, time_text(record.at), json.dumps(to_json(record))),
            )

    def list(self, incident_id: str | None = None) -> tuple[ActionRecord, ...]:
        """Return the lines in the order in which they were written, of one incident or of all."""
        with reading(self.state_dir) as connection:
            rows = connection.execute(
                "SELECT number, record FROM actions WHERE ?1 IS NULL OR incident = ?1 ORDER BY number", (incident_id,)
            ).fetchall()
        return tuple(stored(ActionRecord, text, f"line {number} of the action history") for number, text in rows)

"""What operators reported about the diagnoses: one judgement an incident, the newest counts."""

import json
from pathlib import Path

from opsagent.models.judgement import Judgement
from opsagent.store.db import reading, writing
from opsagent.store.records import stored, to_json


class Judgements:
    """The judgements in a state directory."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def save(self, judgement: Judgement) -> None:
        """Keep a judgement in place of an earlier one of the same incident."""
        with writing(self.state_dir) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO judgements (incident, record) VALUES (?, ?)",
                (judgement.incident_id, json.dumps(to_json(judgement))),
            )

    def list(self) -> tuple[Judgement, ...]:
        """Return all, oldest first."""
        with reading(self.state_dir) as connection:
            rows = connection.execute("SELECT record FROM judgements").fetchall()
        found = [stored(Judgement, record, "a judgement") for (record,) in rows]
        return tuple(sorted(found, key=lambda judgement: judgement.at))

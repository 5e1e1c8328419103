"""What is known and not to be announced for a while."""

import json
from datetime import datetime
from pathlib import Path

from opsagent.models.mute import Mute
from opsagent.store.db import reading, writing
from opsagent.store.records import stored, to_json


class Mutes:
    """The mutes in a state directory."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def add(self, mute: Mute) -> None:
        """Keep a mute in place of an earlier one of the same fault, or of the same code and object."""
        with writing(self.state_dir) as connection:
            for number, known in _all(connection.execute("SELECT number, record FROM mutes").fetchall()):
                if (known.fault, known.code, known.object) == (mute.fault, mute.code, mute.object):
                    connection.execute("DELETE FROM mutes WHERE number = ?", (number,))
            connection.execute("INSERT INTO mutes (record) VALUES (?)", (json.dumps(to_json(mute)),))

    def list(self, now: datetime) -> tuple[Mute, ...]:
        """Return those that are not over, the one that ends first first."""
        with reading(self.state_dir) as connection:
            rows = connection.execute("SELECT number, record FROM mutes").fetchall()
        found = [mute for _, mute in _all(rows) if mute.until > now]
        return tuple(sorted(found, key=lambda mute: mute.until))

    def remove(self, mute: Mute) -> None:
        """Announce it again from now on."""
        with writing(self.state_dir) as connection:
            for number, known in _all(connection.execute("SELECT number, record FROM mutes").fetchall()):
                if known == mute:
                    connection.execute("DELETE FROM mutes WHERE number = ?", (number,))


def _all(rows: list[tuple[int, str]]) -> list[tuple[int, Mute]]:
    return [(number, stored(Mute, record, "a mute")) for number, record in rows]

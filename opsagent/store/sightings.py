"""What unattended passes have met, so that each incident is reported once."""

import json
from pathlib import Path

from opsagent.models.sighting import BlindSpot, Sighting
from opsagent.store.db import reading, writing
from opsagent.store.records import stored, to_json


class Sightings:
    """The sightings in a state directory."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def save(self, sighting: Sighting) -> None:
        """Keep a sighting in place of the one with the same facts."""
        with writing(self.state_dir) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO sightings (key, platform, record) VALUES (?, ?, ?)",
                (sighting.key, sighting.platform, json.dumps(to_json(sighting))),
            )

    def list(self, platform: str) -> tuple[Sighting, ...]:
        """Return all of one platform, gone ones included, the one met last first."""
        with reading(self.state_dir) as connection:
            rows = connection.execute("SELECT record FROM sightings WHERE platform = ?", (platform,)).fetchall()
        found = [stored(Sighting, record, "a sighting") for (record,) in rows]
        return tuple(sorted(found, key=lambda sighting: sighting.last_seen, reverse=True))

    def save_blind_spot(self, spot: BlindSpot) -> None:
        """Keep what is known of one thing that passes have to read, in place of what was known before."""
        with writing(self.state_dir) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO blind_spots (platform, subject, record) VALUES (?, ?, ?)",
                (spot.platform, spot.subject, json.dumps(to_json(spot))),
            )

    def blind_spots(self, platform: str) -> dict[str, BlindSpot]:
        """Return all of one platform by their subject, those that can be read included."""
        with reading(self.state_dir) as connection:
            rows = connection.execute("SELECT record FROM blind_spots WHERE platform = ?", (platform,)).fetchall()
        found = [stored(BlindSpot, record, "a blind spot") for (record,) in rows]
        return {spot.subject: spot for spot in found}

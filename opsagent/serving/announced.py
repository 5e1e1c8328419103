"""A ledger that states which incident it has just opened: who starts one over HTTP is given its id at once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from opsagent.models.observed import Where
from opsagent.store.incidents import Incidents


class Announced(Incidents):
    """The ledger, and somebody who is notified."""

    def __init__(self, state_dir: Path, announce: Callable[[str, str | None], None]) -> None:
        """Name the directory, and who is notified of id and service of each new incident."""
        super().__init__(state_dir)
        self._announce = announce

    def open(
        self, service: str | None, where: Where, now: datetime, *, settings: Mapping[str, Any] | None = None
    ) -> str:
        """Enter a new incident, report it and return its id."""
        incident_id = super().open(service, where, now, settings=settings)
        self._announce(incident_id, service)
        return incident_id

"""What an operator who leaves early is told."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from opsagent.cli.setup import Setup
from opsagent.errors import StoreError
from opsagent.ui.console import prose


@contextmanager
def resumable(setup: Setup) -> Iterator[None]:
    """Name what an interrupt left behind, and the command that goes on with it."""
    begun = datetime.now(UTC)
    try:
        yield
    except KeyboardInterrupt:
        # A ledger that cannot be read has nothing to go on with, and the interrupt is what is to be told.
        with suppress(StoreError):
            for incident in setup.store.incidents.list():
                if incident.updated_at >= begun:
                    how = "approve" if incident.stage == "awaiting_approval" else "resume"
                    prose(f"\nincident {incident.id} is kept: opsagent {how} {incident.id}")
        raise

"""What an operator who leaves early, or whom an error stops, is reported: the incident is kept, and how to go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from opsagent.cli.setup import Setup
from opsagent.errors import IncidentError, OpsagentError, StoreError
from opsagent.store.incidents import Incident
from opsagent.ui.console import prose
from opsagent.ui.language import localised

_GO_ON = {
    "awaiting_approval": "incident {id} is kept, nothing was changed: opsagent approve {id} checks and asks again",
    "failed": "incident {id} is kept: opsagent resume {id} goes on where it stopped, opsagent reject {id} closes it",
}


@contextmanager
def resumable(setup: Setup) -> Iterator[None]:
    """Name what an interrupt or an error left behind, and the command that goes on with it."""
    begun = datetime.now(UTC)
    try:
        yield
    except KeyboardInterrupt:
        for incident in _left(setup, begun):
            how = "approve" if incident.stage == "awaiting_approval" else "resume"
            prose("\n" + localised(f"incident {incident.id} is kept: opsagent {how} {incident.id}"))
        raise
    except IncidentError:
        raise
    except OpsagentError as error:
        kept = [_GO_ON[one.stage].format(id=one.id) for one in _left(setup, begun) if one.stage in _GO_ON]
        error.hint = "\n".join([*kept, *([error.hint] if error.hint else [])]) or None
        raise


def _left(setup: Setup, begun: datetime) -> list[Incident]:
    """Return the incidents that this command left; none where the ledger cannot be read: the first error counts."""
    try:
        return [incident for incident in setup.store.incidents.list() if incident.updated_at >= begun]
    except StoreError:
        return []

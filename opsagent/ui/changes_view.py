"""What changed lately, one line a change, oldest first."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType

from opsagent.models.evidence import Change
from opsagent.ui.layout import QUIET, listing, own, say
from opsagent.ui.moment import age, day_clock, full
from opsagent.ui.place import short_place


def changes_view(changes: Sequence[Change], *, now: datetime, since: str) -> RenderableType:
    """Draw one row a change; `since`: how far back was read, as the operator wrote it."""
    if not changes:
        return own(f"nothing changed in the last {since}: no revision, scaling, restart, node or new object")
    table = listing("TIME", "AGE", "OBJECT", "CHANGE", right=("AGE",))
    for change in changes:
        table.add_row(
            say(day_clock(change.at, now)), say(age(change.at, now)), say(short_place(change.object)), own(change.text)
        )
    return Group(table, own(f"as of {full(now)}, {since} back; Kubernetes keeps events for an hour by default", QUIET))

"""The check-up, one line a thing, and the fix for each that is not healthy."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.checkup import Check, Verdict
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, joined, listing, own, say

MARKS: dict[Verdict, Text] = {"ok": Text("✓", GOOD), "warn": Text("!", POOR), "fail": Text("✗", BAD)}


def doctor_view(checks: Iterable[Check]) -> RenderableType:
    """Draw the table and, below it, what it comes to."""
    made = tuple(checks)
    table = listing("", "CHECK", "FOUND")
    for check in made:
        table.add_row(MARKS[check.verdict], own(check.name), _found(check))
    return Group(table, "", _verdict(made))


def _found(check: Check) -> Text:
    if check.hint is None:
        return own(check.said)
    return joined(own(check.said), say(f"\n→ {localised(check.hint)}", QUIET, newlines=True))


def _verdict(checks: tuple[Check, ...]) -> Text:
    failed, poor = (sum(check.verdict == verdict for check in checks) for verdict in ("fail", "warn"))
    warnings = f"{poor} warning{'s' * (poor != 1)}"
    if failed:
        return own(f"{failed} error{'s' * (failed != 1)}, {warnings}", BAD)
    return own(f"it works, with {warnings}", GOOD) if poor else own("all is well", GOOD)

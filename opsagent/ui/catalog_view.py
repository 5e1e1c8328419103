"""Rows of the catalog, and what a check of a pack found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType

from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, STRONG, hanging, joined, listing, say


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row in a list."""

    name: str
    text: str
    place: str  # "packs/shop.yaml:12", "" for a built-in row


@dataclass(frozen=True, slots=True)
class PhraseLine:
    """One wording of a code."""

    row: str
    pattern: str
    strength: float


def row_list_view(rows: Iterable[RowLine]) -> RenderableType:
    """Draw a table of rows, those of packs with their file and line."""
    table = listing("ROW", "WHAT IT IS")
    for row in rows:
        place = say(f" [{row.place}]", QUIET) if row.place else say("")
        table.add_row(say(row.name, STRONG), joined(row.text, place))
    return table


def phrase_list_view(phrases: Sequence[PhraseLine]) -> RenderableType:
    """Draw the wordings of a code by the row that holds them."""
    if not phrases:
        return say("PHRASES   none: checks of the objects give this code", QUIET)
    table = listing("PHRASES OF", "PATTERN", "STRENGTH", right=("STRENGTH",))
    for line in phrases:
        table.add_row(say(line.row, STRONG), say(line.pattern), say(f"{line.strength:.2f}"))
    return table


def check_view(errors: Sequence[str], notes: Sequence[str], rows: int) -> RenderableType:
    """Draw what is wrong in packs, line by line, then what is worth knowing, then one sentence."""
    lines = [(say("error", BAD), say(text)) for text in errors]
    lines += [(say("note", POOR), say(text)) for text in notes]
    counted = f"{len(errors)} error{'s' * (len(errors) != 1)}, {len(notes)} note{'s' * (len(notes) != 1)}"
    verdict = say(f"{counted}; {rows} row{'s' * (rows != 1)} of packs are used", BAD if errors else GOOD)
    return Group(hanging(lines), verdict) if lines else verdict

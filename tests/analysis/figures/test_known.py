"""The figures of the catalog: each row's example is a change by its own rule."""

import pytest

from opsagent.analysis.figures.known import KnownFigure, known, known_figures
from opsagent.analysis.figures.shifts import shift_of
from tests.analysis.figures.platform import series, step

_CHANGING = [row for row in known_figures().values() if row.group != "limit"]


@pytest.mark.parametrize("row", _CHANGING, ids=lambda row: row.metric)
def test_the_example_of_a_row_is_a_change(row: KnownFigure) -> None:
    """A step between the two figures of the example is found, in the direction that the row calls worse."""
    before, now = row.example
    shift = shift_of(series(row.metric, "Service", "cart", step(before, now), noise=0.01), row)
    assert shift is not None
    assert row.worse == "none" or shift.up == (row.worse == "up")


def test_a_name_that_nobody_knows_has_no_unit_and_no_direction() -> None:
    """It is searched for change like any other, and nothing is concluded from it."""
    assert (known("jvm_threads").group, known("jvm_threads").worse) == ("other", "none")

"""Remarks: each row takes what its program prints, and leaves its near miss alone."""

import pytest

from opsagent.analysis.catalog.compiled import built_in_sources
from opsagent.analysis.catalog.records import Remark
from opsagent.analysis.catalog.remarks import RemarkIndex

ROWS = built_in_sources().remarks


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.subject}-{row.example[:30]}")
def test_a_row_takes_its_example_and_not_its_near_miss(row: Remark) -> None:
    """By its pattern, by what must not be beside it, and by the words that are searched first."""
    index = RemarkIndex([row])
    assert index.fits(row.subject, row.example)
    assert not index.fits(row.subject, row.near_miss)


def test_most_rows_are_found_by_a_word() -> None:
    """A line is searched by few patterns: a row without a word that every match holds is the exception."""
    assert sum(1 for row in ROWS if not row.literals) <= len(ROWS) / 4


def test_a_subject_without_rows_fits_nothing() -> None:
    """What nobody wrote a row for is no remark."""
    assert not RemarkIndex(ROWS).fits("nothing", "connected")

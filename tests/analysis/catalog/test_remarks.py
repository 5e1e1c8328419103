"""Remarks: each row takes what its program prints, and leaves its near miss alone."""

import re

import pytest

from opsagent.analysis.catalog.compiled import HOME, built_in_sources, shared_patterns
from opsagent.analysis.catalog.records import Remark
from opsagent.analysis.catalog.remarks import RemarkIndex

ROWS = built_in_sources().remarks


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.subject}-{row.example[:30]}")
def test_a_row_takes_its_example_and_not_its_near_miss(row: Remark) -> None:
    """By its pattern, by what must not be beside it, and by the words that are searched first."""
    index = RemarkIndex([row])
    assert index.fits(row.subject, row.example)
    assert not index.fits(row.subject, row.near_miss)


def test_a_literal_is_in_every_example() -> None:
    """What spares most lines the search never hides a match."""
    found = [row for row in ROWS if row.literals]
    assert [row for row in found if not any(part in row.example.lower() for part in row.literals)] == []


def test_no_sub_pattern_is_given_twice() -> None:
    """YAML keeps the last of two entries of one name: the patterns that meant the first would change."""
    names = re.findall(r"(?m)^(\w+):", (HOME / "phrases" / "_patterns.yaml").read_text("utf-8"))
    assert sorted(names) == sorted(shared_patterns())
    assert [row.pattern for row in ROWS if re.search(r"\{[a-z_]+\}", row.pattern)] == []


def test_most_rows_are_found_by_a_word() -> None:
    """A line is searched by few patterns: a row without a word that every match holds is the exception."""
    assert sum(1 for row in ROWS if not row.literals) <= len(ROWS) / 4


def test_a_subject_without_rows_fits_nothing() -> None:
    """What nobody wrote a row for is no remark."""
    assert not RemarkIndex(ROWS).fits("nothing", "connected")

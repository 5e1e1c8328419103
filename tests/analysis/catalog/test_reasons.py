"""Reasons of events, conditions and states: each has a meaning, a rung and an example."""

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.records import Reason

ROWS = builtin().reasons


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.of}-{row.reason}")
def test_a_row_is_complete_and_points_to_a_known_code(row: Reason) -> None:
    """A meaning is one sentence, a message is there, and the code exists; what is routine points to no code."""
    assert row.meaning.endswith(".")
    assert row.example
    assert row.code == "" or row.code in builtin()
    assert row.failing or not row.code


def test_a_reason_is_found_by_where_it_is_reported() -> None:
    """The same word means one thing as a pod's reason and another as a condition's."""
    pod, job = builtin().reason("DeadlineExceeded", "pod"), builtin().reason("DeadlineExceeded", "condition")
    assert pod is not None
    assert job is not None
    assert pod.example != job.example
    assert builtin().reason("NoSuchReason", "event") is None


def test_no_reason_has_two_rows_of_one_place() -> None:
    """A second row would never be found."""
    assert len({(row.reason, row.of) for row in ROWS}) == len(ROWS)

"""The rows of the profiles: each gives a known figure, and its example names a place."""

import pytest

from opsagent.analysis.figures.known import known_figures
from opsagent.analysis.figures.profiles import profile_rows
from opsagent.models.profiles import Row, usable


@pytest.mark.parametrize("row", profile_rows(), ids=lambda row: f"{row.profile}-{row.figure}-{row.needs[0]}")
def test_a_row_is_complete(row: Row) -> None:
    """Its figure is known, its example names somebody, and the namespace goes into the query escaped."""
    assert row.figure in known_figures()
    assert row.place(dict(row.example))
    assert row.place({}) is None
    query = row.promql('a"b', "2m")
    assert "$" not in query
    assert ('a\\"b' in query) == ("$namespace" in row.query)
    assert all(metric in query for metric in row.needs)


def test_all_profiles_at_once_fit_into_one_pass() -> None:
    """A server that has every metric there is gets at most 15 queries, discovery included."""
    rows = profile_rows()
    assert len(usable(rows, {metric for row in rows for metric in row.needs})) + 1 <= 15

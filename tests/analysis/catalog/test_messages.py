"""Messages of Kubernetes: each row takes its own example, for a code and a variant that exist."""

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.compiled import built_in_sources
from opsagent.analysis.catalog.records import Message

ROWS = built_in_sources().messages


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.subject}-{row.code}-{row.example[:20]}")
def test_a_row_takes_its_own_example(row: Message) -> None:
    """No earlier row of the subject takes it, and what it names is in the catalog."""
    assert builtin().message(row.subject, row.example) == row
    assert row.code in builtin()
    assert row.variant == "" or builtin().variant(row.code, row.variant) is not None


def test_every_code_of_a_subject_has_a_sentence() -> None:
    """A finding is never without words, whichever row of its subject gave it."""
    assert all(builtin().summary(row.subject, row.code) for row in ROWS)
    assert builtin().summary("scheduling", "db.slow") == builtin()["db.slow"].meaning

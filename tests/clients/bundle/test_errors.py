"""errors.json of a bundle."""

import pytest

from opsagent.clients.bundle.errors import notes_of
from opsagent.models.coverage import Outcome


@pytest.mark.parametrize(
    ("entry", "outcome"),
    [
        ({"source": "events", "error": "forbidden", "detail": "no list"}, Outcome.REFUSED),
        ({"source": "events", "error": "HTTP 401"}, Outcome.REFUSED),
        ({"source": "events", "error": "timeout"}, Outcome.FAILED),
        ({"source": "events", "error": "timeout", "outcome": "refused"}, Outcome.REFUSED),
    ],
)
def test_an_entry_keeps_why_it_failed(entry: dict[str, str], outcome: Outcome) -> None:
    """Its own outcome counts; without one its words do."""
    [note] = notes_of([entry])
    assert (note.source, note.outcome) == ("events", outcome)
    assert note.why.startswith(entry["error"])


@pytest.mark.parametrize("document", [{}, "forbidden", None, [1], ["x", {}]])
def test_what_is_no_entry_is_stated(document: object) -> None:
    """Nothing of a damaged file is taken for "everything was checked"."""
    assert "cannot be read" in notes_of(document)[-1].why

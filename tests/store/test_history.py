"""The action history only ever grows."""

from pathlib import Path

import pytest

from opsagent.errors import StoreError
from opsagent.store.db import writing
from opsagent.store.history import History
from tests.store.records_made import action


def test_lines_come_back_in_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    """Of all incidents, or of one."""
    history = History(tmp_path / "s")
    assert history.list() == ()
    lines = (action("b7k2"), action("c8m3", outcome="refused: forbidden"), action("b7k2", detail={"x": [1, None]}))
    for line in lines:
        history.append(line)
    assert history.list() == lines
    assert history.list("b7k2") == (lines[0], lines[2])


@pytest.mark.parametrize("change", ["DELETE FROM actions", "UPDATE actions SET record = '{}'"])
def test_no_line_is_changed_or_taken_away(tmp_path: Path, change: str) -> None:
    """The database itself refuses."""
    history = History(tmp_path / "s")
    history.append(action())

    def tamper() -> None:
        with writing(tmp_path / "s") as connection:
            connection.execute(change)

    with pytest.raises(StoreError, match="append-only"):
        tamper()
    assert history.list() == (action(),)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    """What cannot be read is an error with the line's number, never a shorter history."""
    history = History(tmp_path / "s")
    history.append(action())
    with writing(tmp_path / "s") as connection:
        connection.execute("INSERT INTO actions (incident, at, record) VALUES ('b7k2', '', '{\"a\"')")
    with pytest.raises(StoreError, match="line 2 of the action history cannot be read"):
        history.list()

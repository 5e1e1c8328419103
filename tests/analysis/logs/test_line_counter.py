"""The tally of a log's lines: nothing is counted twice or lost."""

import random

import pytest

from opsagent.analysis.logs.line_counter import Tally


def bare(lines: list[bytes]) -> list[bytes]:
    """Delete the digits."""
    return [line.translate(None, b"0123456789") for line in lines]


def test_no_line_is_lost_where_room_is_made_for_new_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts add up to the lines of the log, however many templates come and go within one block."""
    monkeypatch.setattr("opsagent.analysis.text.templates._GROUPS", 600)
    dice = random.Random(2)
    kinds = ["".join(dice.choice("ghijklmnop") for _ in range(12)).encode() for _ in range(2000)]
    tally = Tally()
    for start in range(0, len(kinds), 500):
        lines = [line for kind in kinds[start : start + 500] for line in (kind + b" done", b"served 7")]
        tally.count(lines, bare(lines))
    tally.close()
    assert tally.lines == 4000
    assert sum(group.count for group in tally.templates.groups) + tally.templates.rest.count == 4000


def test_lines_of_a_traceback_are_not_counted_for_themselves() -> None:
    """A line that is inside a traceback and outside of one counts once for each."""
    lines = [b"KeyError: 1", b"Traceback (most recent call last):", b'  File "a.py", line 3', b"KeyError: 1", b"on"]
    tally = Tally()
    tally.count(lines, bare(lines))
    tally.close()
    counted = {group.sample.split(b"\n")[0]: (group.count, group.first) for group in tally.templates.groups}
    assert counted[b"KeyError: 1"] == (1, 1)
    assert counted[b"Traceback (most recent call last):"] in ((0, 2), (1, 2))
    assert counted[b"on"] == (1, 5)

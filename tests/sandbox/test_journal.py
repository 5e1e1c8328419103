"""Logs that grow."""

from hypothesis import given
from hypothesis import strategies as st

from opsagent.sandbox.journal import Beat, Journal


@given(st.lists(st.floats(0.01, 7), min_size=1, max_size=8))
def test_growing_in_steps_is_growing_at_once(steps: list[float]) -> None:
    """However often a log is checked, it states the same."""
    beats = [Beat(1.0, lambda turn, _at: [f"a{turn}"]), Beat(0.7, lambda turn, _at: [f"b{turn}"], since=3.0)]
    slowly, at_once = Journal(0.0), Journal(0.0)
    now = 0.0
    for step in steps:
        now += step
        slowly.grow(now, beats, 1.0)
    at_once.grow(now, beats, 1.0)
    assert sorted(slowly.lines) == sorted(at_once.lines)
    assert [at for at, _ in slowly.lines] == sorted(at for at, _ in slowly.lines)


def test_old_lines_are_rotated_away_and_counted() -> None:
    """Memory stays bounded, and a follower keeps its place."""
    journal = Journal(0.0)
    for turn in range(5):
        journal.write(float(turn), *(["line"] * 10_000))
    assert len(journal.lines) < 40_000
    assert journal.dropped + len(journal.lines) == 50_000


def test_an_ended_log_stays_as_it_is() -> None:
    """Nothing writes after the end."""
    journal = Journal(0.0, ended=True)
    journal.grow(100.0, [Beat(1.0, lambda turn, _at: [str(turn)])], 1.0)
    assert journal.lines == []

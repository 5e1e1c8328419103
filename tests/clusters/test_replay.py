"""A healthy cluster's life through the passes of `watch`: nobody is woken for what passes by itself."""

from pathlib import Path

import pytest

from tests.clusters.replay import PASSES_AN_HOUR, Watch, moment


def replayed(seed: int, hours: int, folder: Path) -> list[str]:
    """Return the pages of so many hours."""
    watch = Watch(folder)
    for number in range(hours * PASSES_AN_HOUR):
        watch.meets(moment(seed, number))
    return watch.pages


def test_six_hours_of_healthy_life_wake_nobody_more_than_once(tmp_path: Path) -> None:
    """36 passes over deploys, scaling, drains, Jobs and six blips."""
    pages = replayed(31, 6, tmp_path)
    assert len(pages) <= 1, "\n".join(pages)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_three_days_of_healthy_life_wake_nobody_more_than_once(tmp_path: Path) -> None:
    """432 passes and 72 blips."""
    pages = replayed(72, 72, tmp_path)
    assert len(pages) <= 1, "\n".join(pages)

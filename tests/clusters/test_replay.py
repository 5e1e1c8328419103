"""A healthy cluster's life through the passes of `watch`: nobody is woken for what passes by itself."""

from pathlib import Path

import pytest

from tests.clusters.replay import PASSES_AN_HOUR, Fault, Watch, moment


def replayed(seed: int, hours: int, folder: Path) -> list[str]:
    """Return the pages of so many hours."""
    watch = Watch(folder)
    for number in range(hours * PASSES_AN_HOUR):
        watch.meets(moment(seed, number))
    return watch.pages


@pytest.mark.timeout(900)
def test_six_hours_of_healthy_life_wake_nobody_more_than_once(tmp_path: Path) -> None:
    """36 passes over deploys, scaling, drains, Jobs and six blips."""
    pages = replayed(31, 6, tmp_path)
    assert len(pages) <= 1, "\n".join(pages)


@pytest.mark.parametrize(
    "mechanism", ["crash_in_place", "missing_secret_in_env", "too_little_memory", "selector_mismatch", "disk_full"]
)
def test_a_fault_pages_once_and_its_end_is_reported(mechanism: str, tmp_path: Path) -> None:
    """Two healthy passes, six with the same fault, two after it was put right: one page with its code, and its end."""
    lasting = Fault(mechanism, 2, 8)
    watch = Watch(tmp_path)
    codes: set[str] = set()
    for number in range(10):
        case = moment(47, number, lasting)
        codes.update(code for fault in case.faults for code in fault.any_of)
        watch.meets(case)
    new, over = watch.told
    assert "-0002-" in new, watch.told
    assert ": new " in new
    assert new.split()[-1] in codes
    assert "-0008-" in over, watch.told
    assert over.split(": ")[1] == new.split(": ")[1].replace("new ", "recovered ")


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_three_days_of_healthy_life_wake_nobody_more_than_once(tmp_path: Path) -> None:
    """432 passes and 72 blips."""
    pages = replayed(72, 72, tmp_path)
    assert len(pages) <= 1, "\n".join(pages)

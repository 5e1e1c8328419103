"""What must not change a diagnosis: other names, another order, another time, bystanders."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clusters.cases import Case, generate
from tests.clusters.judged import diagnosed, names
from tests.clusters.transform import add_bystanders, rename, shift, shuffle

pytestmark = pytest.mark.timeout(900)  # 35 diagnoses each, on whatever machine
SEEDS = range(4000, 4028)
CHANGES: dict[str, Callable[[Case], Case]] = {
    "renamed": lambda case: rename(case, 7),
    "shuffled": lambda case: shuffle(case, 7),
    "shifted": lambda case: shift(case, timedelta(days=-211, seconds=17)),
    "with bystanders": lambda case: add_bystanders(case, 7),
}


@pytest.mark.parametrize("part", range(4))
def test_the_same_fault_has_the_same_answer(part: int, tmp_path: Path) -> None:
    """Code, object and action of the first cause stay after every change: the object under its new name."""
    differ: list[str] = []
    for seed in SEEDS[part::4]:
        case = generate(seed)
        before = diagnosed(case, tmp_path / "before")
        right = [names(cause, fault) for cause in before.causes[:1] for fault in case.faults]
        for how, change in CHANGES.items():
            changed = change(case)
            after = diagnosed(changed, tmp_path / how)
            same = [cause.code for cause in before.causes[:1]] == [cause.code for cause in after.causes[:1]]
            still = [names(cause, fault) for cause in after.causes[:1] for fault in changed.faults]
            if not same or right != still or before.action != after.action:
                differ.append(f"{case.id} {how}: {before.said} {before.action} -> {after.said} {after.action}")
    assert not differ, "\n".join(differ)

"""The same incident as objects, as YAML, as descriptions by the real kubectl and as tables: the same first cause.

Over all mechanisms 103 of 112 descriptions and 70 of 112 tables name what the objects name; where they do not, kubectl
does not print what decides it (the ports of a Service, a claim's size, an exit code). No healthy cluster is accused.
"""

from pathlib import Path

import pytest

from opsagent.clients.bundle.platform import open_bundle
from tests.clusters.cases import Case, generate, healthy
from tests.clusters.judged import Answer, answered, told
from tests.clusters.printed import clock, printed, recent
from tests.clusters.registry import MECHANISMS
from tests.clusters.test_generated import SEED, first_right
from tests.sandbox.test_kubectl import binary

__all__ = ["binary"]
pytestmark = pytest.mark.timeout(900)  # a score of diagnoses and of kubectls, on whatever machine
EVERY = 9  # of the mechanisms: kubectl takes a second for each
FAULTS = range(SEED, SEED + len(MECHANISMS), EVERY)


def _pair(case: Case, form: str, folder: Path) -> tuple[Case, Answer, Answer]:
    folder.mkdir()
    now = clock()
    moved = recent(case, now)
    whole = answered(open_bundle(str(_bundle(moved, folder))))
    return moved, whole, answered(open_bundle(str(printed(moved, form, folder, now))))


def _bundle(case: Case, folder: Path) -> Path:
    for name, text in case.bundle.items():
        (folder / "bundle").mkdir(exist_ok=True)
        (folder / "bundle" / name).write_text(text)
    return folder / "bundle"


def _same(case: Case, whole: Answer, shown: Answer) -> bool:
    """Return whether two answers agree: the same cause, or another that is accepted for the fault as well."""
    return whole.said == shown.said or (first_right(case, whole) and first_right(case, shown))


@pytest.mark.parametrize(("form", "least"), [("yaml", 1.0), ("describe", 0.9), ("tables", 0.6)])
def test_a_fault_is_the_same_in_every_form(form: str, least: float, tmp_path: Path, binary: str) -> None:
    """One mechanism in nine, none of them seen without its fault in YAML and hardly one in a description."""
    found = [_pair(generate(seed), form, tmp_path / str(seed)) for seed in FAULTS]
    wrong = [f"{told(case, shown)} but {whole.said}" for case, whole, shown in found if not _same(case, whole, shown)]
    assert len(found) - len(wrong) >= least * len(found), "\n".join(wrong)


@pytest.mark.parametrize("form", ["describe", "tables"])
def test_a_healthy_cluster_is_healthy_in_every_form(form: str, tmp_path: Path, binary: str) -> None:
    """What is not printed accuses nobody."""
    found = [_pair(healthy(seed), form, tmp_path / str(seed)) for seed in range(1, 5)]
    assert [told(case, shown) for case, _, shown in found if shown.causes] == []

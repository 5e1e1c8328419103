"""Random platforms with one fault or none, made without sight of the analysis: who and what is named first."""

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from opsagent.agent import wiring
from opsagent.agent.detection import detect_now
from opsagent.agent.weighing import all_findings, graph_of, weigh
from opsagent.clients.bundle.platform import open_bundle
from opsagent.config.settings import Settings
from opsagent.redact import Redactor
from tests.session import Heard
from tests.simulator.cases import Case, fault_case, quiet_case

SEED = 20_000


@dataclass(frozen=True)
class Judged:
    """One case and what was reported about it."""

    id: str
    fault: str
    code: bool
    place: bool
    said: str


def diagnosed(case: Case, folder: Path) -> tuple[str, str | None, str | None]:
    """Return code, object and service of the first cause, read from the bundle as every diagnosis does."""
    for name, text in case.bundle.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    ctx = wiring.bundled(Settings(), open_bundle(str(folder)), Redactor(), progress=Heard(), environ={}, model=False)
    found = detect_now(ctx, None)
    if not found.patients:
        return "healthy", None, None
    digests = ctx.seen.digests(None)
    calls = graph_of(ctx, digests)
    findings = all_findings(ctx, calls, digests)
    causes = weigh(ctx, findings, healths=found.healths, calls=calls, patient=found.patients[0]).causes
    return (causes[0].code, causes[0].object, causes[0].service) if causes else ("healthy", None, None)


def judged(seed: int, *, quiet: bool) -> Judged:
    """Return how one random case was judged."""
    case = quiet_case(seed) if quiet else fault_case(seed)
    with TemporaryDirectory() as folder:
        code, place, service = diagnosed(case, Path(folder))
    there = place in case.objects or (service is not None and service == case.service)
    said = json.dumps({"code": code, "object": place, "wanted": case.any_of, "at": case.service})
    return Judged(case.id, case.fault, code in case.any_of, there, said)


def shares(faults: int, quiet: int) -> tuple[float, float, float, list[str]]:
    """Return the shares of right places, right codes and quiet cases left in peace, and what went wrong."""
    with ProcessPoolExecutor(2) as pool:
        ill = list(pool.map(partial(judged, quiet=False), range(SEED, SEED + faults), chunksize=4))
        calm = list(pool.map(partial(judged, quiet=True), range(SEED, SEED + quiet), chunksize=4))
    wrong = [f"{one.id} {one.fault}: {one.said}" for one in ill if not (one.code and one.place)]
    wrong += [f"{one.id} {one.fault}: {one.said}" for one in calm if not one.code]
    return (
        sum(one.place for one in ill) / faults,
        sum(one.code for one in ill) / faults,
        sum(one.code for one in calm) / quiet,
        wrong,
    )


@pytest.mark.timeout(1800)
def test_the_right_service_and_code_come_first_and_quiet_platforms_are_left_in_peace() -> None:
    """Of 70 faults and 30 quiet platforms."""
    place, code, calm, wrong = shares(70, 30)
    assert place >= 0.92, wrong
    assert code >= 0.88, wrong
    assert calm >= 0.98, wrong


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_long_form_holds_too() -> None:
    """Of 500 faults and 300 quiet platforms."""
    place, code, calm, wrong = shares(500, 300)
    print(f"\nright place {place:.3f}, right code {code:.3f}, quiet {calm:.3f}", *wrong, sep="\n")
    assert place >= 0.92, wrong
    assert code >= 0.88, wrong
    assert calm >= 0.98, wrong

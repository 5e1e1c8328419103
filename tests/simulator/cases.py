"""Build cases, a platform with one fault or none, and write them as bundles with what a right answer is."""

import argparse
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.simulator.effects import Effect, Effects
from tests.simulator.faults import FAULTS, Fault, unrelated
from tests.simulator.flow import Flow
from tests.simulator.impact import calm, shows
from tests.simulator.model import Platform
from tests.simulator.objects import objects, stamp
from tests.simulator.places import ancestors
from tests.simulator.quiet import QUIET, distract
from tests.simulator.record import SeriesJson
from tests.simulator.series import record
from tests.simulator.sizing import platform_of

STRENGTHS = (1.0, 1.4, 2.0, 2.8)
LOG_LINES = ("GET /health 200 1ms", "GET /items 200 12ms", "cache refreshed, 120 entries", "GET /items/7 200 9ms")


@dataclass(frozen=True)
class Case:
    """One case: `bundle` maps the path of a file to its text; `objects` are the accepted spellings of Kind/name.

    `any_of` are the accepted codes (`healthy` where nothing is wrong), `service` is the part or node at fault, `fault`
    the kind in the catalogue, `start` when the incident begins (Unix seconds), `doubtful` is set where the figures do
    not settle the code.
    """

    id: str
    seed: int
    fault: str
    bundle: dict[str, str]
    any_of: tuple[str, ...]
    objects: tuple[str, ...]
    service: str | None
    start: float | None = None
    doubtful: bool = False

    def expected(self) -> dict[str, object]:
        """Return what a scorer compares an answer with."""
        if self.any_of == ("healthy",):
            return {
                "status": "healthy",
                "any_of": ["healthy"],
                "objects": [],
                "note": f"simulated, quiet: {self.fault}",
            }
        answer: dict[str, object] = {"status": "diagnosed", "any_of": list(self.any_of), "objects": list(self.objects)}
        answer["causes"] = [{"code": self.any_of[0], "object": self.objects[0]}]
        answer |= {"service": self.service, "note": f"simulated fault: {self.fault}"}
        return answer | ({"doubtful": True} if self.doubtful else {})


def fault_case(seed: int) -> Case:
    """Return a case with one fault at one place; the same seed gives the same case."""
    kind = random.Random(f"kind {seed}").choices(list(FAULTS), [weight for _, weight in FAULTS.values()])[0]
    return fault_case_of(kind, seed)


def fault_case_of(kind: str, seed: int) -> Case:
    """Return a case with a fault of one kind; platforms where it has no place or does not show are passed over."""
    for attempt in range(200):
        for strength in STRENGTHS:
            case = _try_fault(kind, seed, f"{kind} {seed} {attempt}", strength)
            if case == "no place":
                break
            if isinstance(case, Case):
                return case
    raise RuntimeError(f"no platform for a fault of kind {kind} with seed {seed}")


def _try_fault(kind: str, seed: int, key: str, strength: float) -> Case | str:
    platform, rest = platform_of(f"platform {key}")
    rng = random.Random(f"fault {key}")
    fault = FAULTS[kind][0](rng, platform, rest)
    if fault is None:
        return "no place"
    if strength > 1 and kind in ("disk-full", "disk-full-node", "memory-leak"):
        return "no place"
    fault = fault.scaled(strength)
    more = distract(rng, platform, unrelated(platform, fault), fault.start)
    effects = Effects([*fault.effects, *more])
    flow = Flow(platform, effects, rng).run()
    if not shows(flow, fault):
        return "does not show"
    figures = record(flow, effects, rng, _near(platform, fault), fault.start)
    return Case(
        id=f"sim-fault-{seed:05d}",
        seed=seed,
        fault=kind,
        bundle=_bundle(platform, figures, rng),
        any_of=fault.codes,
        objects=fault.objects,
        service=fault.place,
        start=fault.start,
        doubtful=fault.doubtful,
    )


def _near(platform: Platform, fault: Fault) -> set[str]:
    """Return the parts none of whose figures may be left out: the fault's place and all that could hide it."""
    if fault.place not in platform.parts:
        return set(platform.parts)
    near = {fault.place, *ancestors(platform, fault.place), *platform.callees(fault.place), *platform.entries}
    return near | {other for name in list(near) for other in platform.callees(name)}


def quiet_case(seed: int) -> Case:
    """Return a case in which nothing is wrong; the same seed gives the same case."""
    for attempt in range(200):
        for strength in (1.0, 0.6, 0.3):
            case = _try_quiet(seed, f"{seed} {attempt}", strength)
            if case is not None:
                return case
    raise RuntimeError(f"no quiet platform with seed {seed}")


def _try_quiet(seed: int, key: str, strength: float) -> Case | None:
    platform, rest = platform_of(f"quiet {key}")
    rng = random.Random(f"events {key}")
    kinds = rng.sample(sorted(QUIET), rng.choice((1, 1, 2, 3)))
    if {"traffic-falls", "traffic-rises"} <= set(kinds):
        kinds.remove("traffic-falls")
    found: list[Effect] = []
    for kind in kinds:
        found.extend(effect.scaled(strength) for effect in QUIET[kind](rng, platform, rest))
    effects = Effects(found)
    flow = Flow(platform, effects, rng).run()
    if not calm(flow):
        return None
    figures = record(flow, effects, rng, set(), platform.end)
    bundle = _bundle(platform, figures, rng)
    return Case(f"sim-quiet-{seed:05d}", seed, "+".join(kinds), bundle, ("healthy",), (), None)


def _bundle(platform: Platform, figures: list[SeriesJson], rng: random.Random) -> dict[str, str]:
    """Return the files of a bundle."""
    meta = {"version": 1, "collected_at": stamp(platform.end + 5), "namespace": platform.namespace, "service": None}
    listing = {"apiVersion": "v1", "kind": "List", "items": objects(platform)}
    files = {
        "bundle.json": {**meta, "dependencies": platform.dependencies()},
        "metrics.json": {"version": 1, "source": "prometheus", "series": figures},
        "objects.json": listing,
    }
    bundle = {path: json.dumps(body, allow_nan=False, separators=(",", ":")) for path, body in files.items()}
    if rng.random() < 0.2:
        part = platform.parts[rng.choice(platform.services())]
        lines = [f"{stamp(platform.end - 60 + at)} INFO {rng.choice(LOG_LINES)}" for at in range(0, 60, 5)]
        bundle[f"logs/{part.pods[-1].name}/{part.container}.log"] = "\n".join(lines) + "\n"
    return bundle


def write(case: Case, folder: Path) -> Path:
    """Write `bundle/` and `expected.json` of a case under `folder/<id>`, and return that directory."""
    home = folder / case.id
    for path, text in case.bundle.items():
        target = home / "bundle" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    (home / "expected.json").write_text(json.dumps(case.expected(), indent=1) + "\n", "utf-8")
    return home


def main(arguments: list[str] | None = None) -> int:
    """Write cases; their ids go to stdout."""
    parser = argparse.ArgumentParser(prog="python -m simulator.cases", description=main.__doc__)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--kind", choices=("fault", "quiet"), default="fault")
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the others follow it")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="only faults of this kind")
    options = parser.parse_args(arguments)
    for seed in range(options.seed, options.seed + options.count):
        if options.kind == "quiet":
            case = quiet_case(seed)
        else:
            case = fault_case_of(options.fault, seed) if options.fault else fault_case(seed)
        print(write(case, options.outdir).name, case.fault, case.any_of[0], case.service or "-")
    return 0


if __name__ == "__main__":
    sys.exit(main())

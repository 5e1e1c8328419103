"""Check that cases keep to the bundle's contract and that their graphs hang together."""

import argparse
import collections
import itertools
import json
import math
import sys
from typing import Any

from tests.simulator.cases import Case, fault_case, quiet_case
from tests.simulator.evidence import EVIDENCE, Figures
from tests.simulator.record import UNITS

KINDS = {
    "Service",
    "Deployment",
    "StatefulSet",
    "Pod",
    "Container",
    "Node",
    "PersistentVolumeClaim",
    "Queue",
    "Database",
}
FEW = 40  # points before the incident


def problems(case: Case) -> list[str]:
    """Return what is wrong with a case, one sentence each; nothing where it is sound."""
    meta, figures, listing = (json.loads(case.bundle[f"{name}.json"]) for name in ("bundle", "metrics", "objects"))
    found = _expected(case) + _graph(meta["dependencies"], listing["items"])
    if not figures["series"]:
        found.append("no series")
    seen: set[tuple[str, str, str]] = set()
    for series in figures["series"]:
        key = (series["metric"], series["kind"], series["name"])
        if key in seen:
            found.append(f"{key} is there twice")
        seen.add(key)
        found.extend(f"{key}: {text}" for text in _series(series))
    found += _names(figures["series"], listing["items"]) + _healthy(listing["items"])
    return found + _shown(case, figures["series"], meta["dependencies"])


def _expected(case: Case) -> list[str]:
    if case.any_of == ("healthy",):
        return ["a quiet case names an object"] if case.objects or case.service else []
    return [] if case.objects and case.service and case.start else ["a fault without object, service or start"]


def _graph(calls: dict[str, list[str]], items: list[dict[str, Any]]) -> list[str]:
    """Check that entry points reach every part, and that nothing calls itself through others."""
    names = {item["metadata"]["name"] for item in items if item["kind"] == "Service"}
    called = {callee for callees in calls.values() for callee in callees}
    found = [f"{name} is called but is not a Service" for name in sorted((called | set(calls)) - names)]
    reached: set[str] = set()
    todo = [name for name in names if name not in called]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo.extend(calls.get(name, ()))
    found += [f"{name} is not reached from any entry point" for name in sorted(names - reached)]
    found += [f"{name} is neither called nor calls" for name in sorted(names - called - set(calls))]
    services = {item["metadata"]["name"] for item in items if item["kind"] == "Deployment"}
    return found + ([] if 3 <= len(services) <= 31 else [f"{len(services)} services"])


def _series(series: dict[str, Any]) -> list[str]:
    found: list[str] = []
    metric, points = series["metric"], series["points"]
    if series["kind"] not in KINDS:
        found.append(f"unknown kind {series['kind']}")
    if series["unit"] != UNITS.get(metric, ""):
        found.append(f"unit {series['unit']!r}")
    times = [at for at, _ in points]
    if any(late <= early for early, late in itertools.pairwise(times)):
        found.append("times do not ascend")
    values = [value for _, value in points if value is not None]
    if any(not math.isfinite(value) for value in values):
        found.append("a value is not finite")
    if any(value < 0 for value in values):
        found.append("a value is negative")
    if metric == "success" and any(value > 1 for value in values):
        found.append("a ratio above 1")
    if series["unit"] == "percent" and any(value > 100 for value in values):
        found.append("a percentage above 100")
    if metric.startswith("latency") and any(value > 300_000 for value in values):
        found.append("a response time above five minutes")
    return found


def _names(series: list[dict[str, Any]], items: list[dict[str, Any]]) -> list[str]:
    """Check that the objects of the series exist, pods excepted: they may have been replaced."""
    there = {(item["kind"], item["metadata"]["name"]) for item in items}
    found = []
    for kind, name in sorted({(one["kind"], one["name"]) for one in series}):
        real = {"Database": "Service", "Queue": "Service"}.get(kind, kind)
        if real not in ("Pod", "Container") and (real, name) not in there:
            found.append(f"{kind}/{name} has figures but no object")
    return found


def _healthy(items: list[dict[str, Any]]) -> list[str]:
    """Check that everything is ready."""
    found = []
    for item in items:
        name, status = item["metadata"]["name"], item.get("status", {})
        if item["kind"] == "Pod" and not all(one["ready"] for one in status["containerStatuses"]):
            found.append(f"pod {name} is not ready")
        if item["kind"] == "Deployment" and status["readyReplicas"] != item["spec"]["replicas"]:
            found.append(f"deployment {name} is not ready")
    return found


def _shown(case: Case, series: list[dict[str, Any]], calls: dict[str, list[str]]) -> list[str]:
    """Check that figures of the place of the fault cover the time before it and after it, and show it."""
    if case.start is None or case.service is None:
        return []
    own = [one for one in series if f"{one['kind']}/{one['name']}" in case.objects or one["name"] == case.service]
    times = [at for one in own for at in [point[0] for point in one["points"]]]
    if not own:
        return [f"{case.service} has no figures"]
    longest = max(own, key=lambda one: len(one["points"]))
    before = sum(at < case.start for at, _ in longest["points"])
    late = max(times) - case.start
    found = EVIDENCE[case.fault](Figures(series, calls, case.start), case.service, case.objects)
    found += [] if before >= FEW else [f"{before} points before the incident"]
    return found + ([] if late >= 240 else ["too short an incident"])


def main(arguments: list[str] | None = None) -> int:
    """Check cases of both kinds and count them; exit with 1 where one is not sound."""
    parser = argparse.ArgumentParser(prog="python -m simulator.check", description=main.__doc__)
    parser.add_argument("count", type=int, nargs="?", default=150, help="how many of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    bad, kinds = 0, collections.Counter[str]()
    for make in (fault_case, quiet_case):
        for seed in range(options.seed, options.seed + options.count):
            case = make(seed)
            kinds[f"{make.__name__} {case.fault.split('+')[0]} {case.any_of[0]}"] += 1
            for text in problems(case):
                bad += 1
                print(f"{case.id} ({case.fault}): {text}", file=sys.stderr)
    for name, number in sorted(kinds.items()):
        print(f"{number:5} {name}")
    print(f"{bad} problems in {2 * options.count} cases")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

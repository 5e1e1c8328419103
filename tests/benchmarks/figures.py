"""Reading and judging the figures of a large platform."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.pairs import compare, python
from tests.benchmarks.table import Row

SERVICES, POINTS, STEP = 500, 240, 15
METRICS = {
    "requests": ("1/s", 80.0), "errors": ("1/s", 0.1), "latency_p50": ("ms", 12.0), "latency_p95": ("ms", 40.0),
    "latency_p99": ("ms", 90.0), "success": ("ratio", 0.999), "packets_in": ("1/s", 900.0),
    "packets_out": ("1/s", 900.0), "cpu": ("cores", 0.2), "cpu_throttled": ("seconds per second", 0.001),
    "memory": ("bytes", 2e8), "restarts": ("count", 0.0),
}  # fmt: skip
JUDGE = """\
from pathlib import Path
from opsagent.analysis.figures.places import Places
from opsagent.analysis.figures.signals import board_of
from opsagent.analysis.figures.verdict import Known, verdict_of
from opsagent.models.service import CallGraph
{read}
names = sorted({{series.name for series in found}})
calls = {{name: tuple(names[10 * i + 1 : 10 * i + 11]) for i, name in enumerate(names)}}
verdict = verdict_of(board_of(found, Places({{}}, {{}}, {{}}, {{}})), Known(CallGraph(calls), {{}}, {{}}))
assert verdict.suspect == "service-007", verdict
"""
BUNDLE = """\
from opsagent.clients.bundle.metrics import read_figures
found = read_figures(Path({path!r}).read_text()).series
"""
# One answer to query_range a figure, as they come from a server: each is let go of before the next is read.
ANSWERS = """\
from opsagent.clients.answer import Answer
from opsagent.clients.prometheus_json import ranges
from opsagent.models.figures import series_of
found = []
for path in sorted(Path({folder!r}).glob("answer-*.json")):
    _, metric = path.stem.split("-", 1)
    for one in ranges(Answer(200, path.read_bytes()), "a server").series:
        found.append(series_of(metric, "", "Service", one.labels["job"], zip(one.times, one.values)))
"""


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Yield what it costs to read and judge 500 services x 12 figures x 240 points, of a bundle and of a server."""
    path, series = folder / "metrics.json", list(_series())
    path.write_text(json.dumps({"version": 1, "source": "benchmark", "series": series}))
    for metric in METRICS:
        own = [one for one in series if one["metric"] == metric]
        (folder / f"answer-{metric}.json").write_text(json.dumps(_answer(own)))
    what = f"figures of {SERVICES} services × {len(METRICS)} × {POINTS} points"
    for source, read in (
        ("a bundle", BUNDLE.format(path=str(path))),
        ("Prometheus' answers", ANSWERS.format(folder=str(folder))),
    ):
        pair = compare(python(JUDGE.format(read=read)), python("import json"), rounds)
        cpu_s, memory = pair.ours.cpu_s - pair.theirs.cpu_s, pair.ours.memory_mb
        yield Row(
            f"{what}, read from {source} and judged",
            "≤ 4 s of CPU, ≤ 200 MB",
            f"{cpu_s:.1f} s, {memory:.0f} MB",
            cpu_s <= 4 and memory <= 200,
        )


def _answer(series: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a server answers to a query_range: its values are text."""
    result = [
        {"metric": {"job": one["name"]}, "values": [[at, str(value)] for at, value in one["points"]]} for one in series
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def _series() -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    for number in range(SERVICES):
        for metric, (unit, level) in METRICS.items():
            slow = number == 7 and metric.startswith("latency")
            points = [
                [1_780_000_000 + i * STEP, round(level * (8 if slow and i > 180 else 1) * chance.gauss(1, 0.05), 6)]
                for i in range(POINTS)
            ]
            name = f"service-{number:03}"
            yield {"metric": metric, "unit": unit, "kind": "Service", "name": name, "points": points}

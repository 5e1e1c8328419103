"""The log digest beside grep, and the search of a big log beside kubectl and grep."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.api import api_server, environment
from tests.benchmarks.crowd import NAMESPACE, objects
from tests.benchmarks.digest import GREP, binary, distinct, endless, mixed
from tests.benchmarks.pairs import OPSAGENT, Pair, compare, python
from tests.benchmarks.table import Row

DIGEST = """\
import sys
from pathlib import Path
from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef
def chunks():
    with Path({path!r}).open('rb') as file:
        while piece := file.read(256 * 1024):
            yield piece
digest(LogRef('log'), chunks())
"""
SEARCH = "database is locked|payment 99[0-9]{3} failed"
WORTH = 50  # megabytes: enough for a rate, where the log is hostile


def digests(rounds: int, megabytes: int, folder: Path) -> Iterator[Row]:
    """Yield the rates of the digest, the start of Python not counted."""
    mixed_log = _written(folder, mixed, megabytes)
    rate, pair = _rate(mixed_log, rounds)
    grep = compare(("grep", "-cE", GREP, str(mixed_log)), ("true",), rounds, codes=(0, 1)).ours.cpu_s
    beside = mixed_log.stat().st_size / 1e6 / max(grep, 1e-3)
    measured = f"{rate:.0f} MB/s, {pair.ours.memory_mb:.0f} MB; `grep -cE` {beside:.0f} MB/s"
    met = rate >= 70 and pair.ours.memory_mb <= 60
    yield Row(f"digest of a mixed log of {megabytes} MB", "≥ 70 MB/s, ≤ 60 MB", measured, met)
    mixed_log.unlink()
    for name, make in {"every line distinct": distinct, "binary": binary, "no line ends": endless}.items():
        path = _written(folder, make, min(WORTH, megabytes))
        rate, pair = _rate(path, rounds)
        measured = f"{rate:.0f} MB/s, {pair.ours.memory_mb:.0f} MB"
        met = rate >= 40 and pair.ours.memory_mb <= 60
        yield Row(f"digest of a hostile log: {name}", "≥ 40 MB/s, ≤ 60 MB", measured, met)
        path.unlink()


def search(rounds: int, megabytes: int, folder: Path) -> Iterator[Row]:
    """Yield what a search costs beside `kubectl get --raw | grep -E` over the same log from the same server."""
    path = _written(folder, mixed, megabytes)
    app = objects(datetime.now(UTC))
    few = {"pods": app["pods"][:1], "deployments": app["deployments"][:1], "replicasets": app["replicasets"][:1]}
    with api_server(few, path) as url:
        env = environment(url, folder, NAMESPACE)
        pod = few["pods"][0]["metadata"]["name"]
        raw = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/log?container=main&timestamps=true"
        theirs = ("sh", "-c", f"kubectl get --raw '{raw}' | grep -E '{SEARCH}'")
        ours = (*OPSAGENT, "search", "app-000", SEARCH)
        pair = compare(ours, theirs, rounds, env)
        start = compare(ours, (*ours, "--since", "1s"), rounds, env)
    ratio = pair.ours.wall_s / pair.theirs.wall_s
    yield Row(
        f"`opsagent search` over {megabytes} MB from a local API server",
        "≤ 2.5 × `kubectl get --raw \\| grep -E` (wall time), ≤ 80 MB",
        f"{ratio:.2f} × (CPU {pair.ratio:.2f} ×), {pair.ours.memory_mb:.0f} MB",
        ratio <= 2.5 and pair.ours.memory_mb <= 80,
    )
    per_50 = start.more_s * 50 / megabytes
    yield Row("the same, CPU time beyond its start, for each 50 MB", "≤ 0.6 s", f"{per_50:.2f} s", per_50 <= 0.6)
    path.unlink()


def _written(folder: Path, make: Callable[[int], Iterator[bytes]], megabytes: int) -> Path:
    path = folder / f"{make.__name__}.log"
    with path.open("wb") as file:
        file.writelines(make(megabytes * 10**6))
    return path


def _rate(path: Path, rounds: int) -> tuple[float, Pair]:
    whole = DIGEST.format(path=str(path))
    empty = DIGEST.format(path="/dev/null")
    pair = compare(python(whole), python(empty), rounds)
    return path.stat().st_size / 1e6 / max(pair.more_s, 1e-3), pair

"""What a diagnosis costs beside the import of LangGraph, which it cannot do without."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from opsagent.sandbox import Sandbox
from tests.benchmarks.pairs import OPSAGENT, compare, python
from tests.benchmarks.table import Row
from tests.cli.shell import environment

GRAPH = python("import langgraph.graph")


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Yield a diagnosis of a bundle, and of a running platform up to the panel."""
    with Sandbox("oom-killed") as box:
        env = environment(box, folder)
        bundle = folder / "bundle"
        subprocess.run([*OPSAGENT, "collect", "-o", bundle], env=env, capture_output=True, check=True)
        pair = compare((*OPSAGENT, "diagnose", "--from", str(bundle), "--no-model"), GRAPH, rounds, env, codes=(3,))
        target = "≤ `import langgraph.graph` + 0.4 s"
        measured = f"+ {pair.more_s:.2f} s of CPU, + {pair.ours.wall_s - pair.theirs.wall_s:.2f} s"
        yield Row("`diagnose --from` a small bundle, no model", target, measured, pair.more_s <= 0.4)
        slowest = _slowest(env)
        pair = compare((*OPSAGENT, "diagnose", "--no-model"), GRAPH, rounds, env, codes=(3, 8))
        more = pair.ours.wall_s - pair.theirs.wall_s
        yield Row(
            "live `diagnose` up to the panel, no model, sandbox",
            "≤ `import langgraph.graph` + 0.5 s + the slowest look-up, twice",
            f"+ {more:.2f} s ({pair.more_s:.2f} s of CPU); the slowest look-up takes {slowest:.2f} s, twice",
            more - 2 * slowest <= 0.5,
        )


def _slowest(env: Mapping[str, str]) -> float:
    """Return how long the sandbox takes to answer /stats: it hangs as long as what it asks."""
    import httpx

    start = time.perf_counter()
    httpx.get(f"{env['OPSAGENT_STATS_URL'].removesuffix('/stats')}/stats", timeout=30)
    return time.perf_counter() - start

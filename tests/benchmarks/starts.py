"""What the quick commands cost beside the imports that they cannot do without."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from opsagent.sandbox import Sandbox
from tests.benchmarks.pairs import OPSAGENT, PYTHON, Pair, compare, python
from tests.benchmarks.table import Row
from tests.cli.shell import environment

SCRIPT = """\
import typer, rich.table, yaml, httpx
def main(url: str) -> None:
    print(httpx.get(url).json())
typer.run(main)
"""
TYPER = python("import typer")
CLUSTER = python("import kubernetes.config, rich.table")


def bare(rounds: int) -> Iterator[Row]:
    """Yield what needs no platform."""
    pair = compare((*OPSAGENT, "--version"), TYPER, rounds)
    yield _row("`opsagent --version`", "≤ 1.3 × `import typer`", pair, 1.3)
    for words in (("--help",), ("stats", "--help"), ("diagnose", "--help")):
        name = " ".join(words)
        # Help is plain text with headings; there is no view with Rich, whose target would be 2.5.
        yield _row(f"`opsagent {name}`", "≤ 1.5 × `import typer`", compare((*OPSAGENT, *words), TYPER, rounds), 1.5)


def looks(rounds: int, env: Mapping[str, str], folder: Path) -> Iterator[Row]:
    """Yield the quick checks against a local platform."""
    script = folder / "five_lines.py"
    script.write_text(SCRIPT, "utf-8")
    floor = (PYTHON, str(script), f"{env['OPSAGENT_STATS_URL'].removesuffix('/stats')}/stats")
    for words in (("stats",), ("health", "load-balancer"), ("traffic",)):
        pair = compare((*OPSAGENT, *words), floor, rounds, env)
        yield _row(f"`opsagent {' '.join(words)}`", "≤ 1.5 × the script of five lines", pair, 1.5)
    for words in (("pods",), ("logs", "blog")):
        pair = compare((*OPSAGENT, *words), CLUSTER, rounds, env)
        yield _row(f"`opsagent {' '.join(words)}`", "≤ 1.5 × `import kubernetes.config, rich.table`", pair, 1.5)
    yield from crowded(rounds, folder)
    together = ("sh", "-c", f"{OPSAGENT[0]} pods; {OPSAGENT[0]} stats")
    pair = compare((*OPSAGENT, "watch", "--auto-report"), together, max(3, rounds // 2), env)
    yield Row(
        "a healthy `watch --auto-report` pass",
        "like `pods` and `stats` together, ≤ 80 MB",
        f"{pair.ratio:.2f} ×, {pair.ours.memory_mb:.0f} MB",
        pair.ratio <= 1.1 and pair.ours.memory_mb <= 80,
    )


def crowded(rounds: int, folder: Path) -> Iterator[Row]:
    """Yield a list of 2,000 pods beside kubectl's, from a sandbox that answers both as an API server does."""
    with Sandbox("healthy") as box:
        for number in range(2000):
            meta = {"name": f"other-{number:04d}", "labels": {"app": "other"}}
            container = {"name": "main", "image": "other:1"}
            status = {"phase": "Running", "containerStatuses": [container | {"ready": True, "restartCount": 0}]}
            box.state.add({"kind": "Pod", "metadata": meta, "spec": {"containers": [container]}, "status": status})
        (folder / "crowded").mkdir()
        env = environment(box, folder / "crowded")
        pair = compare((*OPSAGENT, "pods"), ("kubectl", "get", "pods"), max(3, rounds // 3), env)
    wall = pair.ours.wall_s / pair.theirs.wall_s
    yield Row(
        "`opsagent pods`, 2,000 pods",
        "≤ 1.5 × `kubectl get pods` (wall time)",
        f"{wall:.2f} × (CPU {pair.ratio:.2f} ×)",
        wall <= 1.5,
    )


def _row(what: str, target: str, pair: Pair, most: float) -> Row:
    return Row(what, target, f"{pair.ratio:.2f} ×", pair.ratio <= most)

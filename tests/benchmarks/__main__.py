"""Measure what "fast" means here, and print the table: python -m tests.benchmarks [--quick] [--write-readme]."""

import argparse
import compileall
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from opsagent.sandbox import Sandbox
from tests.benchmarks import crowd, diagnoses, figures, logs, passes, phrases, prompts, starts
from tests.benchmarks.table import Row, table, write_readme
from tests.cli.shell import environment

ROOT = Path(__file__).parents[2]
Part = Callable[[argparse.Namespace, int, Path], Iterator[Row]]


def _looks(_: argparse.Namespace, rounds: int, folder: Path) -> Iterator[Row]:
    with Sandbox("healthy") as box:
        yield from starts.looks(rounds, environment(box, folder), folder)


PARTS: dict[str, Part] = {
    "starts": lambda _, rounds, __: starts.bare(rounds),
    "looks": _looks,
    "diagnoses": lambda _, rounds, folder: diagnoses.rows(rounds, folder),
    "digest": lambda given, rounds, folder: logs.digests(max(1, rounds // 3), given.digest_mb, folder),
    "search": lambda given, rounds, folder: logs.search(max(1, rounds // 3), given.search_mb, folder),
    "crowd": lambda _, rounds, folder: crowd.rows(max(1, rounds // 3), folder),
    "phrases": lambda _, rounds, __: phrases.rows(rounds),
    "figures": lambda _, rounds, folder: figures.rows(max(1, rounds // 3), folder),
    "passes": lambda given, _, folder: passes.rows(100 if given.quick else 1000, folder),
    "prompts": lambda _, rounds, folder: prompts.rows(rounds, folder),
}


def main() -> None:
    """Compile, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 rounds in place of 10, and smaller logs")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part (may be repeated)")
    parser.add_argument("--digest-mb", type=int, help="size of the mixed log (100; 30 with --quick)")
    parser.add_argument("--search-mb", type=int, help="size of the log that is searched (200; 50 with --quick)")
    parser.add_argument("--write-readme", action="store_true", help="put the table into the README")
    given = parser.parse_args()
    given.digest_mb = given.digest_mb or (30 if given.quick else 100)
    given.search_mb = given.search_mb or (50 if given.quick else 200)
    rounds = 3 if given.quick else 10
    compileall.compile_dir(ROOT / "opsagent", quiet=2)
    rows = []
    for name in given.only or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            for row in PARTS[name](given, rounds, Path(folder)):
                print(row, file=sys.stderr, flush=True)
                rows.append(row)
    said = (
        f"Medians of {rounds} runs in turn with what each is compared to (a third of them for logs and the large "
        f"namespace), byte code compiled, ratios of CPU time, user and system; Python {sys.version.split()[0]}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} while it ran."
    )
    text = f"{said}\n\n{table(rows)}"
    print(text)
    if given.write_readme:
        write_readme(text)


if __name__ == "__main__":
    main()

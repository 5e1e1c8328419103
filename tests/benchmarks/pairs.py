"""Run commands in turn and compare medians: on a machine that does other things too only ratios mean something."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PYTHON = sys.executable
OPSAGENT = (str(Path(sys.executable).with_name("opsagent")),)
_ONCE = Path(__file__).with_name("once.py")


@dataclass(frozen=True)
class Run:
    """What one run of a command cost, with its children."""

    cpu_s: float  # user and system
    wall_s: float
    memory_mb: float  # the highest resident size
    code: int


def python(program: str) -> tuple[str, ...]:
    """Return the command that runs a program of one line."""
    return (PYTHON, "-c", program)


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, its output thrown away."""
    done = subprocess.run(
        [PYTHON, "-S", "-E", str(_ONCE), *command],
        capture_output=True,
        env={**os.environ, **(env or {})},
        cwd=_ONCE.parents[2],
        check=True,
    )
    return Run(**json.loads(done.stdout))


@dataclass(frozen=True)
class Pair:
    """Medians of two commands that ran in turn."""

    ours: Run
    theirs: Run

    @property
    def ratio(self) -> float:
        """Our CPU time by theirs."""
        return self.ours.cpu_s / self.theirs.cpu_s

    @property
    def more_s(self) -> float:
        """Our CPU time beyond theirs."""
        return self.ours.cpu_s - self.theirs.cpu_s


def compare(
    ours: Sequence[str],
    theirs: Sequence[str],
    rounds: int,
    env: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> Pair:
    """Run both once for nothing, then in turn `rounds` times; a command that fails is not a figure and stops all."""
    pairs = [(run(ours, env), run(theirs, env)) for _ in range(rounds + 1)][1:]
    for mine, _ in pairs:
        if mine.code not in codes:
            raise SystemExit(f"{' '.join(ours)} ended with {mine.code}")
    return Pair(_median([mine for mine, _ in pairs]), _median([other for _, other in pairs]))


def _median(runs: Sequence[Run]) -> Run:
    return Run(
        statistics.median(one.cpu_s for one in runs),
        statistics.median(one.wall_s for one in runs),
        max(one.memory_mb for one in runs),
        runs[0].code,
    )

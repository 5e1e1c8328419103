"""What it costs to build the questions to a model."""

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from opsagent.agent import wiring
from opsagent.agent.model import prompts
from opsagent.agent.model.questions import questions
from opsagent.agent.quiet import Quiet
from opsagent.clients.bundle.platform import open_bundle
from opsagent.config.settings import Settings
from opsagent.redact import Redactor
from opsagent.sandbox import Sandbox
from tests.benchmarks.pairs import OPSAGENT
from tests.benchmarks.table import Row
from tests.cli.shell import environment


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Yield the time that the questions of one incident take to build."""
    bundle = folder / "bundle"
    with Sandbox("db-locked") as box:
        command = [*OPSAGENT, "collect", "-o", str(bundle)]
        subprocess.run(command, env=environment(box, folder), capture_output=True, check=True)
    opened = open_bundle(str(bundle))
    ctx = wiring.bundled(Settings(), opened, Redactor(), progress=Quiet(), environ={}, model=False)
    took: list[float] = []
    for name in ("analyze_prompt", "root_cause_prompt"):
        setattr(prompts, name, _timed(getattr(prompts, name), took))
    for _ in range(rounds):
        questions(ctx, None, force=True)
    slowest = statistics.median(took) * 1000
    yield Row("the prompts", "≤ 50 ms", f"{slowest:.0f} ms each (median)", bool(took) and slowest <= 50)


def _timed(build: Callable[..., Any], took: list[float]) -> Callable[..., Any]:
    def timed(*args: Any, **more: Any) -> Any:
        start = time.process_time()
        try:
            return build(*args, **more)
        finally:
            took.append(time.process_time() - start)

    return timed

"""What it costs to build the questions to a model."""

import json
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
from tests import model_server
from tests.benchmarks.pairs import OPSAGENT, compare, python
from tests.benchmarks.table import Row
from tests.cli.shell import environment
from tests.model_server import replies


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Yield the time that the questions of one incident take to build."""
    bundle = folder / "bundle"
    with Sandbox("db-locked") as box:
        command = [*OPSAGENT, "collect", "-o", str(bundle)]
        subprocess.run(command, env=environment(box, folder), capture_output=True, check=True)
    opened = open_bundle(str(bundle))
    ctx = wiring.bundled(Settings(), opened, Redactor(), progress=Quiet(), environ={}, model=False)
    took: list[float] = []
    for name in ("first_prompt", "root_cause_prompt"):
        setattr(prompts, name, _timed(getattr(prompts, name), took))
    for _ in range(rounds):
        questions(ctx, None, "en", force=True)
    slowest = statistics.median(took) * 1000
    yield Row("the prompts", "≤ 50 ms", f"{slowest:.0f} ms each (median)", bool(took) and slowest <= 50)
    yield _model(rounds, folder, bundle)


def _model(rounds: int, folder: Path, bundle: Path) -> Row:
    """Return what a model on loopback that answers at once adds to a diagnosis of a bundle: its client is imported.

    Beside it what importing the complete library costs, which takes several times as long on a busy machine.
    """
    good = replies(json.dumps({"code": "unknown", "object": None, "evidence": [], "summary": "It does not show."}))
    command = [*OPSAGENT, "diagnose", "--from", str(bundle)]
    with model_server.running() as server:
        server.scripts = [good] * (4 * (rounds + 1))
        env = {"OPSAGENT_STATE_DIR": str(folder / "model-state"), "OPSAGENT_MODEL_NAME": "small",
               "OPSAGENT_MODEL_BASE_URL": server.url, "OPSAGENT_MODEL_WHEN": "always",
               "OPSAGENT_MODEL_API_KEY_ENV": ""}  # fmt: skip
        pair = compare(command, [*command, "--no-model"], rounds, env, codes=(3,))
        asked = len(server.requests)
    if asked < 2 * rounds:
        raise SystemExit(f"the model was asked {asked} questions in {rounds} rounds")
    library = compare(python("import langgraph.graph, langchain_openai"), python("import langgraph.graph"), rounds)
    complete = f"a complete `import langchain_openai` ({library.more_s:.2f} s)"
    measured = f"+ {pair.more_s:.2f} s of CPU, {pair.more_s / library.more_s:.2f} × {complete}"
    return Row("a model that answers at once, two questions", "+ 0.6 s of CPU", measured, pair.more_s <= 0.6)


def _timed(build: Callable[..., Any], took: list[float]) -> Callable[..., Any]:
    def timed(*args: Any, **more: Any) -> Any:
        start = time.process_time()
        try:
            return build(*args, **more)
        finally:
            took.append(time.process_time() - start)

    return timed

"""Metrics of `watch` as a file for the node exporter's textfile collector, replaced at once so that no half is read."""

import os
import tempfile
from pathlib import Path

from opsagent.agent.metrics import metrics_text
from opsagent.agent.watch_pass import standing
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode, OpsagentError, UsageError
from opsagent.store.store import sample_key

_MODE = 0o644  # the node exporter is somebody else


def check_metrics_file(path: Path) -> None:
    """Refuse a place that cannot be written before a pass begins."""
    if path.suffix != ".prom":
        raise UsageError(f"--metrics-file: {path} does not end in .prom", hint="the node exporter reads *.prom alone")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"--metrics-file: {path.parent} cannot be written", hint="name a directory that is there")


def write_metrics(setup: Setup, path: Path, code: ExitCode) -> None:
    """Write what is known after a pass that ended with `code`; OpsagentError where it cannot be written."""
    known = standing(setup.store, sample_key(setup.settings))
    text = metrics_text(known, setup.store.incidents.list(), pass_end=setup.platform.now(), exit_code=code)
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(text)
        temporary.chmod(_MODE)
        temporary.replace(path)
    except OSError as error:
        raise OpsagentError(
            f"{path} cannot be written: {error.strerror}", hint="the pass itself is complete"
        ) from error

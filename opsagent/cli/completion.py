"""What Tab offers: names from configuration, state and catalogue, and those last seen in the cluster.

Nothing here asks a cluster: a check takes longer than a finger rests on Tab. What was seen is offered, and where it is
old a process in the background checks again for the next time. Whatever goes wrong, Tab is silent.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer

from opsagent.cli.setup import Setup
from opsagent.errors import OpsagentError

FLAGS = ("namespace", "context", "kubeconfig", "config")
Offer = Callable[[typer.Context, str], list[str]]


def _quietly(find: Callable[[Setup], Iterable[str]]) -> Offer:
    """Make a completion of a function that finds names."""

    def offer(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            names = find(Setup.from_flags(os.environ, **_flags(ctx)))
            return [name for name in names if name.startswith(incomplete)]
        except (OpsagentError, OSError):
            return []  # a shell's line is no place for an error; the command itself will state it

    return offer


def _flags(ctx: typer.Context) -> dict[str, Any]:
    before = ctx.find_root().params  # `opsagent -n shop logs <Tab>`
    given = {flag: ctx.params.get(flag) or before.get(flag) for flag in FLAGS}
    return {flag: Path(value) if flag in ("kubeconfig", "config") and value else value for flag, value in given.items()}


def _services(setup: Setup) -> Iterable[str]:
    named = [service.name for service in setup.named_services]
    return named or _seen(setup, "services")


def _pods(setup: Setup) -> Iterable[str]:
    return _seen(setup, "pods")


def _targets(setup: Setup) -> Iterable[str]:
    return [*_services(setup), *_pods(setup)]


def _ids(setup: Setup) -> Iterable[str]:
    return [incident.id for incident in setup.store.incidents.list()]


def _report_ids(setup: Setup) -> Iterable[str]:
    return [path.stem for path in sorted((setup.store.reports.state_dir / "reports").glob("[a-z0-9]*.json"))]


def _codes(setup: Setup) -> Iterable[str]:
    return setup.catalog.codes


def _scenarios(setup: Setup) -> Iterable[str]:  # noqa: ARG001  (every finder's signature)
    from opsagent.sandbox.scenarios import SCENARIOS

    return [*SCENARIOS, "list"]


def _namespaces(setup: Setup) -> Iterable[str]:
    """Offer the configured namespace and those of the kubeconfig's contexts: a role may not list the cluster's."""
    found = [setup.settings.kubernetes.namespace]
    found += [str(entry.get("namespace") or "") for entry in _contexts_of(setup) if isinstance(entry, dict)]
    return sorted({name for name in found if name})


def _contexts_of(setup: Setup) -> list[Any]:
    import yaml

    paths = setup.settings.kubernetes.kubeconfig or setup.environ.get("KUBECONFIG") or "~/.kube/config"
    found: list[Any] = []
    for path in filter(None, paths.split(os.pathsep)):
        try:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            document = yaml.load(Path(path).expanduser().read_text("utf-8"), Loader=loader)  # noqa: S506  a safe one
        except (OSError, ValueError, yaml.YAMLError):
            continue
        contexts = document.get("contexts") if isinstance(document, dict) else None
        found += [entry.get("context") for entry in contexts or () if isinstance(entry, dict)]
    return found


def _seen(setup: Setup, what: str) -> tuple[str, ...]:
    from opsagent.store.names import may_check, read_names
    from opsagent.store.store import sample_key

    state_dir = setup.store.incidents.state_dir
    known = read_names(state_dir, sample_key(setup.settings))
    if (known is None or not known.fresh(time.time())) and may_check(state_dir):
        _check_again(setup)
    return getattr(known, what) if known else ()


def _check_again(setup: Setup) -> None:
    """Start a process that checks and keeps what it saw; it outlives this one and reports nothing."""
    place = setup.settings.kubernetes
    flags = {"namespace": place.namespace, "context": place.context, "kubeconfig": place.kubeconfig}
    given = json.dumps(flags | {"config": str(setup.file) if setup.file else None})
    nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    environ = {key: value for key, value in setup.environ.items() if key != "_OPSAGENT_COMPLETE"}
    # Nobody waits for it: the shell goes on at once, and this process ends before it.
    command = [sys.executable, "-m", "opsagent.cli.work.completion", given]
    os.posix_spawn(sys.executable, command, environ, file_actions=nowhere, setsid=True)  # our own module


services, pods, namespaces = _quietly(_services), _quietly(_pods), _quietly(_namespaces)
targets = _quietly(_targets)
incident_ids, report_ids = _quietly(_ids), _quietly(_report_ids)
codes, scenarios = _quietly(_codes), _quietly(_scenarios)

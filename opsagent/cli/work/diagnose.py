"""Run a diagnosis to its end, or to the approval that nobody answers now."""

from typing import TYPE_CHECKING

from opsagent.cli.garbage import HARDLY_EVER, collected
from opsagent.cli.setup import Setup
from opsagent.cli.work import surroundings
from opsagent.cli.work.after import settled
from opsagent.cli.work.approver import prompter
from opsagent.cli.work.ending import close, worst
from opsagent.cli.work.interruption import resumable
from opsagent.errors import ExitCode
from opsagent.models.service import resolve

if TYPE_CHECKING:
    from opsagent.clients.bundle.platform import BundlePlatform


def diagnose(
    setup: Setup, service: str | None, *, force: bool, bundle: "BundlePlatform | None", model: bool, as_json: bool
) -> ExitCode:
    """Diagnose the live system, or what was handed over."""
    with collected(HARDLY_EVER):
        if bundle is not None:
            return from_bundle(setup, service, bundle, force=force, model=model, as_json=as_json)
        return _live(setup, service, force=force, model=model, as_json=as_json)


def _live(setup: Setup, service: str | None, *, force: bool, model: bool, as_json: bool) -> ExitCode:
    name = setup.service(service).name if service else None
    with resumable(setup), surroundings.live(setup, model=model) as ctx:
        _load_clients()
        ctx.seen.peek()
        # The graph and its saver cost over a second at import: the platform answers meanwhile.
        from opsagent.agent import run, unkept

        asker = prompter()
        reports = unkept.diagnose(ctx, run.DiagnosisRequest(name, force=force), setup.store, asker)
        return worst(close(settled(setup, reports), as_json=as_json, asked=asker is not None))


def _load_clients() -> None:
    """Import what the checks use before they begin: two threads that import the same packages may meet in a cycle."""
    from opsagent.clients import cluster, http  # noqa: F401


def from_bundle(
    setup: Setup, service: str | None, bundle: "BundlePlatform", *, force: bool, model: bool, as_json: bool
) -> ExitCode:
    """Diagnose what was handed over: the same graph and conclusions, no network, and never an action."""
    with surroundings.bundled(setup, bundle, model=model) as ctx:
        asked = service or bundle.service
        name = resolve(asked, ctx.seen.services).name if asked else None
        from opsagent.agent import run

        return worst(close(run.diagnose(ctx, run.DiagnosisRequest(name, force=force), None), as_json=as_json))

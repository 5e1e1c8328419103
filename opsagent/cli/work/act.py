"""Carry out the operator's own command, after the panel or after its own --yes."""

from collections.abc import Mapping
from dataclasses import replace

from opsagent.agent import wiring
from opsagent.cli.setup import Setup
from opsagent.cli.work import surroundings
from opsagent.cli.work.after import settled
from opsagent.cli.work.approver import prompter
from opsagent.cli.work.ending import close, worst
from opsagent.cli.work.interruption import resumable
from opsagent.cli.yes import Yes
from opsagent.errors import ExitCode, UsageError
from opsagent.models.plan import Action, Order

_RESTARTS: Mapping[str, Action] = {
    **dict.fromkeys(("statefulset", "statefulsets", "sts"), "restart_statefulset"),
    **dict.fromkeys(("daemonset", "daemonsets", "ds"), "restart_daemonset"),
}  # by the prefixes that kubectl takes


def restart(setup: Setup, service: str, *, yes: bool, accept_data_loss: bool, as_json: bool) -> ExitCode:
    """Restart the service's Deployment, or the object that is named: "statefulset/db", "ds/agent"."""
    kind, _, name = service.rpartition("/")
    order = Order(_RESTARTS.get(kind.lower(), "restart_deployment"), name if kind.lower() in _RESTARTS else "")
    return _act(
        setup, name if order.name else service, order, yes=yes, accept_data_loss=accept_data_loss, as_json=as_json
    )


def scale(setup: Setup, service: str, replicas: int, *, yes: bool, accept_data_loss: bool, as_json: bool) -> ExitCode:
    """Scale the service's Deployment, within the configured bounds."""
    bounds = setup.settings.actions
    if not bounds.min_replicas <= replicas <= bounds.max_replicas:
        raise UsageError(
            f"{replicas} replicas are outside the configured bounds of {bounds.min_replicas} to {bounds.max_replicas}",
            hint="set actions.min_replicas and actions.max_replicas",
        )
    order = Order("scale_deployment", "", replicas)
    return _act(setup, service, order, yes=yes, accept_data_loss=accept_data_loss, as_json=as_json)


def _act(setup: Setup, service: str, order: Order, *, yes: bool, accept_data_loss: bool, as_json: bool) -> ExitCode:
    patient = setup.service(service)
    wanted = order.name or patient.deployment
    if wanted is None:
        raise UsageError(
            f"{patient.name} is not a Deployment", hint=f"to restart it: opsagent restart statefulset/{patient.name}"
        )
    if accept_data_loss and not yes:
        raise UsageError("--accept-data-loss goes with --yes alone", hint="in a terminal the panel asks for it")
    flagged = Yes("--yes", accept_data_loss=accept_data_loss)
    answerer = flagged if yes else prompter()
    if answerer is None:
        raise UsageError("there is no terminal to ask on", hint="--yes is required without a terminal")
    # Whoever is refused above has not waited for the graph, which costs over a second at import.
    from opsagent.agent import run

    with resumable(setup), wiring.desk(setup.store) as desk, surroundings.live(setup, model=False) as ctx:
        report = run.carry_out(ctx, replace(order, name=wanted), patient.name, desk, answerer)
        code = worst(close(settled(setup, (report,)), as_json=as_json, asked=True))
    if flagged.refused:
        raise UsageError(
            f"not done: {report.plan.change} loses data",
            hint="--accept-data-loss states that you know, or answer the panel in a terminal",
        )
    return code

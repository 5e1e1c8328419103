"""A change that another client asks for: planned, stored, and left to a human. Nothing is executed here."""

from dataclasses import replace
from typing import Any

from opsagent.agent import run, wiring
from opsagent.agent.quiet import Quiet
from opsagent.errors import UsageError
from opsagent.models.incident import Report
from opsagent.models.plan import Order
from opsagent.models.service import Service, resolve
from opsagent.serving.source import Source

ASKED_BY = "a client over MCP, not a human,"


def restart_deployment(source: Source, deployment: str) -> dict[str, Any]:
    """Plan the restart of a Deployment's pods, as `kubectl rollout restart` does; a human has to approve it.

    deployment: any of the service's names. Nothing is changed by this call: the plan is stored, and the answer holds
    its risks and the command with which a human approves it in a terminal.
    """
    return _stored(source, deployment, Order("restart_deployment", ""))


def scale_deployment(source: Source, deployment: str, replicas: int) -> dict[str, Any]:
    """Plan the scaling of a Deployment, as `kubectl scale` does; a human has to approve it.

    deployment: any of the service's names. replicas: how many, within the configured bounds. Nothing is changed by
    this call: the plan is stored, and the answer holds its risks and the command with which a human approves it in a
    terminal.
    """
    bounds = source.settings.actions
    if not bounds.min_replicas <= replicas <= bounds.max_replicas:
        raise UsageError(
            f"{replicas} replicas are outside the configured bounds of {bounds.min_replicas} to {bounds.max_replicas}",
            hint="the operator sets actions.min_replicas and actions.max_replicas",
        )
    return _stored(source, deployment, Order("scale_deployment", "", replicas))


def _stored(source: Source, name: str, order: Order) -> dict[str, Any]:
    service = resolve(name, source.find_services())
    if service.deployment is None:
        raise UsageError(f"{service.name} is not a Deployment", hint="only Deployments can be restarted or scaled")
    wanted = replace(order, name=service.deployment, asked_by=ASKED_BY)
    waiting = _waiting(source, service, wanted)
    if waiting is not None:
        return _answer(waiting)
    with wiring.desk(source.store) as desk:
        ctx = source.context(Quiet(), model=False)
        report = run.carry_out(ctx, wanted, service.name, desk, None)
    return _answer(report)


def _waiting(source: Source, service: Service, order: Order) -> Report | None:
    """Return the report of the same wish that waits already: asking again must not fill the operator's list."""
    wish = (order.action, order.name, order.replicas)
    for incident in source.store.incidents.list():
        if incident.stage != "awaiting_approval" or incident.service != service.name:
            continue
        report = source.store.reports.load(incident.id)
        plan = report.plan
        if plan.target is not None and (plan.action, plan.target.name, plan.replicas) == wish:
            return report
    return None


def _answer(report: Report) -> dict[str, Any]:
    return {
        "status": report.status,
        "done": False,
        "incident_id": report.incident_id,
        "plan": report.plan.change,
        "risks": [risk.text for risk in report.plan.risks],
        "approve": f"opsagent approve {report.incident_id}",
        "note": "Nothing was changed. A human approves it in a terminal with the command under `approve`, which checks "
        "again and shows the plan and its risks first; `opsagent reject` closes it.",
    }

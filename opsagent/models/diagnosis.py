"""What `diagnose --json` answers: the report in the contract that scripts and the score rely on."""

from typing import Any

from opsagent.models.incident import Analysis, Report
from opsagent.models.plain import plain, stamp
from opsagent.models.plan import Plan

SCHEMA = "opsagent.diagnosis/1"


def diagnosis(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON, schema "opsagent.diagnosis/1".

    Keys beyond the contract (steps, trend, changes, digests …) may be added; those of the contract stay as they are.
    """
    return {
        "schema": SCHEMA,
        "incident_id": report.incident_id,
        "service": report.service,
        "status": report.status,
        "closing": report.closing,
        "causes": [{"basis": None, **plain(cause), "variant": cause.variant or None} for cause in report.causes],
        "evidence": plain(report.evidence),
        "plan": _plan(report.plan),
        "actions": plain(report.actions),
        "verification": plain(report.verification),
        "read": [{"service": name, "sources": list(sources)} for name, sources in _read(report)],
        "over": plain(report.over),
        "not_checked": [{"source": skipped.source, "why": skipped.why} for skipped in report.not_checked],
        "analysis": _analysis(report.analysis),
        "where": plain(report.where),
        "started_at": stamp(report.started_at),
        "ended_at": stamp(report.ended_at),
        "symptoms": plain(report.symptoms),
        "answers": plain(report.answers),
        "trend": plain(report.trend),
        "changes": plain(report.changes),  # null: not looked up
        "digests": plain(report.digests),
        "steps": plain(report.steps),
        "ignored": plain(report.ignored),
        "looked": plain(report.looked),
        "confidence_note": report.confidence_note,
        "audit": plain(report.audit),
        "traffic": plain(report.traffic),
        "charts": plain(report.charts),
        "history": report.history,
        "aftermath": plain(report.aftermath),
    }


def _read(report: Report) -> list[tuple[str, tuple[str, ...]]]:
    """Return each service whose state was read, and where."""
    if report.coverage is None:
        return []
    return [(name, sources) for name in report.services if (sources := report.coverage.read_of(name))]


def _analysis(analysis: Analysis) -> dict[str, Any]:
    """Return who judged; the model's opinion with its claims, its advice and what it cost."""
    said = analysis.opinion
    shown: dict[str, Any] = plain(analysis)
    if said is not None:
        advice, cost = list(said.recommendations), {"tokens": analysis.tokens, "seconds": analysis.took_s}
        shown["opinion"] = {**plain(said), "advice": advice, **cost}
    return shown


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "action": plan.action,
        "target": plan.target.ref if plan.target else None,
        "replicas": plan.replicas,
        "reason": plan.reason,
        "risks": [risk.text for risk in plan.risks],
        "recommendations": list(plan.recommendations),
        "change": plan.change,
        "loses_data": plan.loses_data,
        "on": plain(plan.target),
        "from": plain(plan.from_),
        "to": plain(plan.to),
        "platform": plain(plan.platform),
        "differences": list(plan.differences),
    }

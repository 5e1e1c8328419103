"""Rows of HorizontalPodAutoscalers as the objects that they stand for."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opsagent.clients.handed_over.stated import number, stated

_TARGET = re.compile(r"(?:(?P<name>[\w.-]+): )?(?:(?P<now>\d+)%|<unknown>)/(?P<wanted>\d+)%")


def autoscaler_row(row: Mapping[str, str], _now: datetime) -> dict[str, Any]:
    """Return spec and status: at its limit where the row shows as many pods as are allowed, and a target exceeded."""
    kind, _, name = row.get("REFERENCE", "").partition("/")
    targets = list(_TARGET.finditer(row.get("TARGETS", "")))
    spec: dict[str, Any] = {"scaleTargetRef": {"kind": kind, "name": name}} if name else {}
    spec |= {"minReplicas": number(row.get("MINPODS")), "maxReplicas": number(row.get("MAXPODS"))}
    spec["metrics"] = [_metric(hit, "target", "wanted") for hit in targets]
    current = number(row.get("REPLICAS"))
    status: dict[str, Any] = {"currentReplicas": current, "desiredReplicas": current}
    status["currentMetrics"] = [_metric(hit, "current", "now") for hit in targets if hit["now"]]
    status["conditions"] = list(_conditions(row, targets, full=current is not None and current == spec["maxReplicas"]))
    return {"spec": stated(spec), "status": stated(status)}


def _conditions(row: Mapping[str, str], targets: list[re.Match[str]], *, full: bool) -> list[dict[str, str]]:
    if "<unknown>" in row.get("TARGETS", ""):
        message = f"kubectl shows {row['TARGETS']} for the targets"
        return [{"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": message}]
    above = next((hit for hit in targets if hit["now"] and int(hit["now"]) > int(hit["wanted"])), None)
    if not full or above is None:
        return []
    message = f"kubectl shows {above[0]} with as many pods as are allowed"
    return [{"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "message": message}]


def _metric(hit: re.Match[str], side: str, group: str) -> dict[str, Any]:
    amount: dict[str, Any] = {"averageUtilization": int(hit[group])}
    amount |= {"type": "Utilization"} if side == "target" else {}
    return {"type": "Resource", "resource": {"name": hit["name"] or "cpu", side: amount}}

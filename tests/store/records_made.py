"""Records to keep, each made up whole."""

from datetime import UTC, datetime
from typing import Any

from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.evidence import Cause, Change, Evidence, Observation, Symptom, Trend
from opsagent.models.incident import Analysis, Report, Step
from opsagent.models.observed import Skipped, Where
from opsagent.models.plan import ActionRecord, Answer, Plan, Risk, Target, Verification

AT = datetime(2026, 11, 22, 12, 26, 20, 123456, tzinfo=UTC)
WHERE = Where("shop", "https://10.0.0.5:6443", "kind-shop")
TARGET = Target("web", "shop", "3f2504e0", 4, "871", 1, "7")
PLAN = Plan("restart_deployment", TARGET, None, "hung", (Risk("data-loss", "all carts"),), ("wait",), "restart web")
ANSWER = Answer("approve", "f00d", "operator@host", "pts/3", AT, "panel")


def action(incident_id: str = "b7k2", **other: Any) -> ActionRecord:
    """Return a line of the history."""
    values: dict[str, Any] = {"replicas": None, "at": AT, "by": "operator@host", "how": "panel", "outcome": "done"}
    return ActionRecord(incident_id, "restart_deployment", "Deployment/web", **(values | other))


def report(incident_id: str = "b7k2", **other: Any) -> Report:
    """Return a report with something in every field."""
    group = LogGroup("error", "x", 2, 1, 9)
    seen = Observation("logs", "logs/web/web.log:L88", "database is locked \x1b[31m[/red] \ud800 한국어", AT)
    values: dict[str, Any] = {
        "service": "web",
        "where": WHERE,
        "status": "recovered",
        "started_at": AT,
        "ended_at": AT,
        "symptoms": (Symptom("web", "offline", "offline in 2 of 2 checks", seen),),
        "causes": (Cause("db.locked", "Deployment/web", "web", 0.86, "it waits", ("E1",)),),
        "evidence": (Evidence("E1", seen.source, seen.where, seen.text, seen.at),),
        "plan": PLAN,
        "answers": (ANSWER,),
        "actions": (action(incident_id, detail={"restarted_at": "x"}),),
        "verification": Verification(True, "1/1 in 14 s", "online", {"ms": 1531.5}, {"ms": None}, 14.5, "well"),
        "trend": Trend(4, AT, 38.0, 61.0, 5.0, None, 2.01, "up"),
        "changes": (Change(AT, "Deployment/web", "revision 7", seen),),
        "digests": (LogDigest("logs/web/web.log", "web", "web", False, "web", 9, 99, (group,), ("x",)),),
        "not_checked": (Skipped("events", "forbidden"),),
        "analysis": Analysis("model+rules", "m", None, 2, 10, 20, 1.5),
        "steps": (Step("detect", AT, 2.0, "offline"),),
        "closing": "recovered",
        "looked": ("stats", "pods"),
    }
    return Report(incident_id, **(values | other))

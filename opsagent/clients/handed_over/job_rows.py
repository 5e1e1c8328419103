"""Rows of Jobs and CronJobs as the objects that they stand for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opsagent.clients.handed_over import ages
from opsagent.clients.handed_over.stated import condition, number, of_ready


def job_row(row: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return spec and status of the Job behind a row."""
    done, wanted = of_ready(row.get("COMPLETIONS", "").split(" ")[0]) or (None, None)
    status: dict[str, Any] = {"succeeded": done} if done is not None else {}
    state = row.get("STATUS", "")
    if state in ("Failed", "Complete"):
        status["conditions"] = [condition(state, "True")]
    elif done is not None and done == wanted:
        status["conditions"] = [condition("Complete", "True")]
    took = ages.age(row.get("DURATION", ""))
    if state == "Running" and took is not None:
        # Until a Job ends, its duration counts from its start to now.
        status |= {"active": 1, "startTime": ages.stamp(now - took)}
    return {"spec": {"completions": wanted} if wanted is not None else {}, "status": status}


def cron_job_row(row: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return spec and status of the CronJob behind a row."""
    last, active = ages.age(row.get("LAST SCHEDULE", "")), number(row.get("ACTIVE"))
    spec = {"schedule": row.get("SCHEDULE"), "suspend": row.get("SUSPEND") == "True"}
    status: dict[str, Any] = {"lastScheduleTime": ages.stamp(now - last)} if last is not None else {}
    if active:
        status["active"] = [{"kind": "Job"} for _ in range(active)]  # which, the row does not name
    return {"spec": spec, "status": status}

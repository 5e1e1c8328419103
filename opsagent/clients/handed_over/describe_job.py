"""Jobs, CronJobs and pod templates as `kubectl describe` prints them, read back into the API's own JSON."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from opsagent.clients.handed_over import ages
from opsagent.clients.handed_over.describe_pod import conditions_of, pod_of
from opsagent.clients.handed_over.describe_text import NOTHING, Field, fields, map_of, text_of
from opsagent.clients.handed_over.stated import stated


def job_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return spec, status and metadata of a Job."""
    figures = {"parallelism": "Parallelism", "completions": "Completions", "backoffLimit": "Backoff Limit",
               "activeDeadlineSeconds": "Active Deadline Seconds"}  # fmt: skip
    spec: dict[str, Any] = {
        key: int(value)
        for key, name in figures.items()
        if (value := text_of(found, name).removesuffix("s")).isdecimal()
    }
    counts = re.findall(r"(\d+) (Active|Succeeded|Failed)", text_of(found, "Pods Statuses"))
    status: dict[str, Any] = {word.lower(): int(number) for number, word in counts}
    status["conditions"] = conditions_of(found.get("Conditions", NOTHING))
    metadata = owner_of(found)
    started = ages.moment(text_of(found, "Start Time"))
    if started:
        status["startTime"] = ages.stamp(started)
        metadata["creationTimestamp"] = ages.stamp(started)
    ended = ages.moment(text_of(found, "Completed At"))
    if ended:
        status["completionTime"] = ages.stamp(ended)
    return {"spec": {**spec, "template": template_of(found)}, "status": status, "metadata": metadata}


def cron_job_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return spec and status of a CronJob."""
    last = ages.moment(text_of(found, "Last Schedule Time"))
    spec = {
        "schedule": text_of(found, "Schedule") or None,
        "suspend": text_of(found, "Suspend") == "True",
        "concurrencyPolicy": text_of(found, "Concurrency Policy") or None,
        "jobTemplate": {"spec": {"template": template_of(found)}},
    }
    active = [
        {"kind": "Job", "name": name.strip()} for name in text_of(found, "Active Jobs").split(",") if name.strip()
    ]
    status = {"lastScheduleTime": ages.stamp(last) if last else None, "active": active or None}
    return {"spec": stated(spec), "status": stated(status)}


def template_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return the pod template of a workload."""
    inner = fields(found.get("Pod Template", NOTHING).below)
    if not inner:
        return {}
    pod = pod_of(inner, datetime.min.replace(tzinfo=UTC))
    labels = map_of(inner.get("Labels", NOTHING))
    return {"metadata": {"labels": labels} if labels else {}, "spec": pod["spec"]}


def owner_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return the metadata that names the controller."""
    owner = text_of(found, "Controlled By")
    if "/" not in owner:
        return {}
    kind, name = owner.split("/", 1)
    return {"ownerReferences": [{"kind": kind, "name": name, "controller": True}]}

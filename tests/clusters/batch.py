"""Jobs and CronJobs with their pods.

https://kubernetes.io/docs/concepts/workloads/controllers/job/ and .../cron-jobs/
"""

from __future__ import annotations

from datetime import datetime, timedelta

from . import names, pods
from .model import Obj, Revision, Workload, name_of, stamp
from .world import World, condition


def template(world: World, name: str) -> Obj:
    """Return a Job's pod template."""
    image = f"{world.registry}/{name}:{names.tag(world.rng)}"
    container: Obj = {"name": "job", "image": image, "args": ["--once"], "env": []}
    container["resources"] = {
        "requests": {"cpu": "20m", "memory": "32Mi"},
        "limits": {"cpu": "500m", "memory": "256Mi"},
    }
    spec = {"containers": [container], "restartPolicy": "Never", "volumes": [], "serviceAccountName": "default"}
    return {"metadata": {"labels": {"job-name": name}}, "spec": spec}


def job(world: World, name: str, at: datetime, *, owner: Obj | None = None, **spec: object) -> Obj:
    """Add a Job without pods."""
    labels = {"job-name": name, "batch.kubernetes.io/job-name": name}
    body: Obj = {"backoffLimit": 6, "completions": 1, "parallelism": 1, "template": template(world, name), **spec}
    body["selector"] = {"matchLabels": {"batch.kubernetes.io/job-name": name}}
    body["template"]["metadata"]["labels"] = labels
    found = world.new(
        "batch/v1", "Job", name, at, labels=labels, owner=owner, spec=body, status={"startTime": stamp(at)}
    )
    return world.add(found)


def job_pod(world: World, owner: Obj, at: datetime, *, code: int | None, took: float) -> Obj:
    """Add a pod of a Job that ended with a code after `took` seconds, or still runs where the code is None."""
    shell = Workload(name_of(owner), owner, {}, 0, "go", at, 1, "job")
    pod = pods.new_pod(world, shell, Revision(1, owner["spec"]["template"], "", at), at)
    world.extra.append(pod)
    if code is None:
        return pod
    end = min(at + timedelta(seconds=took), world.ago(2))
    status = pods.container_status(pod, "job")
    began = min(status["state"]["running"]["startedAt"], stamp(end))
    reason = "Error" if code else "Completed"
    done = {"exitCode": code, "reason": reason, "startedAt": began, "finishedAt": stamp(end)}
    status |= {"ready": False, "started": False, "state": {"terminated": done}}
    pod["status"]["phase"] = "Failed" if code else "Succeeded"
    for kind in ("Ready", "ContainersReady"):
        pods.put(pod, condition(kind, "False", end, "PodFailed" if code else "PodCompleted"))
    return pod


def finish(world: World, found: Obj, at: datetime) -> None:
    """Let a Job complete at a time."""
    status = found["status"]
    status |= {"succeeded": 1, "completionTime": stamp(at), "ready": 0, "uncountedTerminatedPods": {}}
    status["conditions"] = [condition("Complete", "True", at, lastProbeTime=stamp(at))]
    world.event(found, "Completed", "Job completed", by="job-controller", first=at)


def fail(world: World, found: Obj, at: datetime, reason: str, message: str, failed: int) -> None:
    """Let a Job fail at a time."""
    status = found["status"]
    status |= {"failed": failed, "ready": 0, "uncountedTerminatedPods": {}}
    status["conditions"] = [condition("Failed", "True", at, reason, message, lastProbeTime=stamp(at))]
    world.event(found, reason, message, by="job-controller", first=at, warning=True)


def cron_job(world: World, name: str, schedule: str, **spec: object) -> Obj:
    """Add a CronJob."""
    at = world.ago(world.rng.randint(20, 300) * 86400)
    body: Obj = {"schedule": schedule, "suspend": False, "concurrencyPolicy": "Allow", "successfulJobsHistoryLimit": 3}
    body |= {"failedJobsHistoryLimit": 1, "jobTemplate": {"spec": {"template": template(world, name)}}, **spec}
    return world.add(world.new("batch/v1", "CronJob", name, at, spec=body, status={}))


def history(world: World, cron: Obj, ages: list[float]) -> None:
    """Give a CronJob completed Jobs that were scheduled that many seconds ago."""
    for age in sorted(ages, reverse=True):
        at = world.ago(age)
        found = job(world, f"{name_of(cron)}-{int(at.timestamp()) // 60}", at, owner=cron)
        took = min(world.rng.randint(5, 90), age - 5)
        job_pod(world, found, at, code=0, took=took)
        finish(world, found, at + timedelta(seconds=took))
        cron["status"] |= {"lastScheduleTime": stamp(at), "lastSuccessfulTime": stamp(at + timedelta(seconds=took))}

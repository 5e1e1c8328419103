"""Jobs and CronJobs that fail: family `job`.

https://kubernetes.io/docs/concepts/workloads/controllers/job/#handling-pod-and-container-failures
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.clusters import batch, names
from tests.clusters.model import Expect, Obj, name_of, ref
from tests.clusters.registry import mechanism

from . import kit

if TYPE_CHECKING:
    from tests.clusters.world import World


def about(code: str, *objects: Obj, other: tuple[str, ...] = ()) -> Expect:
    """Return the expectation of a failed Job: no action on a Deployment helps."""
    return Expect((code, *other), tuple(map(ref, objects)), frozenset({"none"}), kit.ALL, None)


def job_name(world: World) -> str:
    """Return a name for a Job."""
    what = world.rng.choice(("migrate", "reindex", "nightly-export", "backfill", "cleanup", "invoice-run"))
    return f"{what}-{names.suffix(world.rng)}"


@mechanism("job.deadline")
def deadline(world: World) -> Expect:
    """A Job ran longer than its activeDeadlineSeconds, so its pods were stopped.

    https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup
    """
    seconds = world.rng.choice((60, 300, 600))
    begin = world.since - timedelta(seconds=seconds)
    found = batch.job(world, job_name(world), begin, activeDeadlineSeconds=seconds)
    text = "Job was active longer than specified deadline"
    batch.fail(world, found, world.since, "DeadlineExceeded", text, 1)
    return about("job.deadline", found)


@mechanism("job.backoff-limit")
def backoff_limit(world: World) -> Expect:
    """Every pod of a Job failed, as often as its backoffLimit allows.

    https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
    """
    limit = world.rng.choice((2, 3, 4))
    span = 10.0 * (2**limit - 1) + 12 * (limit + 1)
    begin = world.since - timedelta(seconds=span)
    found = batch.job(world, job_name(world), begin, backoffLimit=limit)
    pods, code = [], world.rng.choice((1, 2, 3))
    for i in range(limit + 1):
        at = begin + timedelta(seconds=10.0 * (2**i - 1) + 12 * i)
        pod = batch.job_pod(world, found, at, code=code, took=9)
        world.event(found, "SuccessfulCreate", f"Created pod: {name_of(pod)}", by="job-controller", first=at)
        world.log(pod, "job", [(at + timedelta(seconds=5), "processed 1200 of 5000 records")])
        pods.append(pod)
    text = "Job has reached the specified backoff limit"
    batch.fail(world, found, world.since, "BackoffLimitExceeded", text, limit + 1)
    return about("job.backoff-limit", found, *pods, other=("pod.crash-app-error",))


@mechanism("job.missed-schedule")
def too_many_missed(world: World) -> Expect:
    """A CronJob missed more than 100 start times, so its controller gives up counting and starts nothing.

    https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#cron-job-limitations
    """
    cron = batch.cron_job(world, job_name(world).rsplit("-", 1)[0], "* * * * *")
    batch.history(world, cron, [60.0 * 130, 60.0 * 131])
    text = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
    count = max(2, int((world.now - world.since).total_seconds() // 10))
    by = "cronjob-controller"
    world.event(
        cron, "TooManyMissedTimes", text, by=by, first=world.since, last=world.ago(8), count=count, warning=True
    )
    return about("job.missed-schedule", cron)


@mechanism("job.missed-schedule")
def forbidden_by_running_job(world: World) -> Expect:
    """concurrencyPolicy Forbid: a Job that never ends keeps its CronJob from starting the next ones.

    https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy
    """
    cron = batch.cron_job(world, job_name(world).rsplit("-", 1)[0], "*/5 * * * *", concurrencyPolicy="Forbid")
    at = world.since - timedelta(hours=world.rng.randint(3, 30))
    found = batch.job(world, f"{name_of(cron)}-{int(at.timestamp()) // 60}", at, owner=cron)
    batch.job_pod(world, found, at, code=None, took=0)
    found["status"] |= {"active": 1, "ready": 1}
    about_job = {"apiVersion": "batch/v1", "kind": "Job", "name": name_of(found), "uid": found["metadata"]["uid"]}
    cron["status"] = {"active": [about_job | {"namespace": world.namespace}]}
    cron["status"]["lastScheduleTime"] = found["metadata"]["creationTimestamp"]
    text = "Not starting job because prior execution is running and concurrency policy is Forbid"
    count = max(2, int((world.now - world.since).total_seconds() // 300) + 1)
    world.event(
        cron, "JobAlreadyActive", text, by="cronjob-controller", first=world.since, last=world.ago(30), count=count
    )
    return about("job.missed-schedule", cron, found)

"""Jobs that failed for good, and CronJobs that start none."""

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_LONG_RUN_S = 3600.0
_MISSED = ("TooManyMissedTimes", "MissSchedule", "FailedNeedsStart")


def job_findings(scene: Scene, job: KubeObject, explained: list[Finding]) -> list[Finding]:
    """Return that a Job failed where its pods do not state why; nothing for one that succeeded after retries."""
    if kube.deleting(job) or is_over(scene, job):
        return []
    failed = kube.condition(job, "Failed")
    given_up = kube.text(failed, "status") == "True"
    tries = kube.integer(job, "status", "failed")
    if not given_up and (tries == 0 or kube.integer(job, "status", "active") > 0):
        return []
    reason = kube.text(failed, "reason") or _event_reason(scene, job)
    if reason == "DeadlineExceeded":
        limit = kube.integer(job, "spec", "activeDeadlineSeconds")
        text = f"DeadlineExceeded: it may take {limit} s" if limit else "DeadlineExceeded"
        seen = [observe(job, "status.conditions[Failed]", text, kube.moment(failed, "lastTransitionTime"))]
        summary = "The Job was ended because it ran longer than its activeDeadlineSeconds."
        return [scene.finding("job.deadline", job, 0.6 if explained else 0.88, summary, seen)]
    if explained:
        return []
    seen = [observe(job, "status.failed", f"{tries} failed" + (f": {reason}" if reason else ""))]
    seen += [
        observe_event(event)
        for event in newest(scene.cluster.events_of(job), "BackoffLimitExceeded", "DeadlineExceeded")[:1]
    ]
    row = scene.catalog.reason(reason, "condition")
    if row is not None and row.failing and row.code:
        return [scene.finding(row.code, job, 0.8, row.meaning, seen)]
    return [scene.unexplained(job, 0.5, "The Job failed, and nothing states why.", seen)]


def cron_findings(scene: Scene, cron: KubeObject) -> list[Finding]:
    """Return that a CronJob missed its schedule so often that it starts no Job any more."""
    if kube.dig(cron, "spec", "suspend") is True or kube.deleting(cron):
        return []
    told = [e for e in newest(scene.cluster.events_of(cron), *_MISSED) if scene.recent(e.last, 86_400)]
    if not told and (blocked := _blocked(scene, cron)):
        return blocked
    # https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/: over 100 missed starts, and it stops trying.
    if not told:
        return []
    seen = [observe_event(event) for event in told[:2]]
    deadline = kube.integer(cron, "spec", "startingDeadlineSeconds")
    if deadline:
        seen.append(observe(cron, "spec.startingDeadlineSeconds", str(deadline)))
    return [
        scene.finding("job.missed-schedule", cron, 0.85, "The CronJob misses its schedule and starts no Job.", seen)
    ]


def _blocked(scene: Scene, cron: KubeObject) -> list[Finding]:
    """With concurrencyPolicy Forbid a Job that never ends keeps its CronJob from starting the next ones.

    https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy
    """
    told = [e for e in newest(scene.cluster.events_of(cron), "JobAlreadyActive") if scene.recent(e.last, 3600)]
    running = [job for job in scene.cluster.owned(cron, "Job") if kube.integer(job, "status", "active") > 0]
    began = min((at for job in running if (at := kube.moment(job, "status", "startTime"))), default=None)
    if not told or began is None or (scene.age(began) or 0.0) < _LONG_RUN_S:
        return []
    seen = [observe_event(told[0]), observe(running[0], "status.startTime", "active since", began)]
    summary = f"{kube.ref(running[0])} does not end, and the CronJob may start no other beside it."
    return [scene.finding("job.missed-schedule", cron, 0.88, summary, seen)]


def _event_reason(scene: Scene, job: KubeObject) -> str:
    told = newest(scene.cluster.events_of(job), "DeadlineExceeded", "BackoffLimitExceeded")
    return told[0].reason if told else ""


def is_over(scene: Scene, job: KubeObject) -> bool:
    """Return whether a Job is no fault: complete, suspended, or followed by a later run that succeeded."""
    if (
        kube.is_true(job, "Complete")
        or kube.is_true(job, "SuccessCriteriaMet")
        or kube.dig(job, "spec", "suspend") is True
    ):
        return True
    wanted = kube.integer(job, "spec", "completions", default=1)
    if kube.integer(job, "status", "succeeded") >= max(1, wanted):
        return True
    owner = scene.cluster.owner(job)
    if owner is None or kube.kind(owner) != "CronJob":
        return False
    began = kube.created(job)
    return began is not None and any(
        (other_began := kube.created(other)) is not None
        and other_began > began
        and kube.integer(other, "status", "succeeded") > 0
        for other in scene.cluster.owned(owner, "Job")
    )

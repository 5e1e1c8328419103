"""Jobs that failed for good."""

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.models.evidence import Finding
from opsagent.models.look import KubeObject


def job_findings(scene: Scene, job: KubeObject, explained: list[Finding]) -> list[Finding]:
    """Return that a Job failed where its pods do not say why; nothing for one that succeeded after retries."""
    if kube.deleting(job) or is_over(scene, job):
        return []
    failed = kube.condition(job, "Failed")
    given_up = kube.text(failed, "status") == "True"
    tries = kube.integer(job, "status", "failed")
    if not given_up and (tries == 0 or kube.integer(job, "status", "active") > 0):
        return []
    if explained:
        return []
    reason = kube.text(failed, "reason")
    seen = [observe(job, "status.failed", f"{tries} failed" + (f": {reason}" if reason else ""))]
    seen += [
        observe_event(event)
        for event in newest(scene.cluster.events_of(job), "BackoffLimitExceeded", "DeadlineExceeded")[:1]
    ]
    row = scene.catalog.reason(reason, "condition")
    if row is not None and row.failing and row.code:
        return [scene.finding(row.code, job, 0.55, row.meaning, seen)]
    return [scene.finding("unknown", job, 0.5, "The Job failed, and nothing says why.", seen)]


def is_over(scene: Scene, job: KubeObject) -> bool:
    """Return whether a Job is no worry: complete, suspended, or followed by a later run that went well."""
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

"""CronJobs whose run was due and did not start, or never will be due.

https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
"""

from datetime import datetime, timedelta

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.nodes import control_plane_pod
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.analysis.objects.schedule import Schedule, known_zone, last_due, no_such_zone, parse_schedule
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_LATE_S = 180.0  # the controller wakes at the due time itself; a busy one is late by seconds
_NEVER = "The CronJob's schedule names a day that never comes, so that it starts no Job."
_ZONE = "The CronJob's time zone does not exist, so that its controller starts no Job."
_SILENT = "The CronJob controller does not act: a run was due, and neither a Job nor an event of it is there."
_MISSED = "The CronJob's last run was due and did not start, while other CronJobs' runs did."


def schedule_findings(scene: Scene, cron: KubeObject) -> list[Finding]:
    """Return that a CronJob can never start a Job, or did not start the one that was due."""
    if kube.dig(cron, "spec", "suspend") is True or kube.deleting(cron):
        return []
    text, zone = kube.text(cron, "spec", "schedule"), kube.text(cron, "spec", "timeZone")
    schedule = parse_schedule(text)
    no_zone = bool(zone) and no_such_zone(zone)
    if schedule is None and not no_zone:
        return []  # the API server takes no other: `@every`, or a table's shortened text
    if no_zone or not (schedule and schedule.ever):
        summary, field, value = (_ZONE, "spec.timeZone", zone) if no_zone else (_NEVER, "spec.schedule", text)
        return [scene.finding("job.missed-schedule", cron, 0.89, summary, [observe(cron, field, value)])]
    return _unfired(scene, cron, schedule, zone)


def _unfired(scene: Scene, cron: KubeObject, schedule: Schedule, zone: str) -> list[Finding]:
    """A run was due minutes ago, and nobody started or refused it: where no CronJob's did, their controller is silent.

    What the status states comes first: without a status or a last run since then it counts, an event is no proof.
    """
    at = known_zone(zone) if zone else None
    if (zone and at is None) or not scene.cluster.of("CronJob") or kube.mapping(cron, "status").get("active"):
        return []
    due = last_due(schedule, scene.now - timedelta(seconds=_LATE_S), at)
    if due is None or not _counts_since(cron, due):
        return []
    if any((e.last is None or e.last >= due) for e in scene.cluster.events_of(cron)):
        return []  # it acts, and states what keeps it from starting
    if any((made := kube.created(job)) is None or made >= due for job in scene.cluster.owned(cron, "Job")):
        return []
    seen = [
        observe(cron, "status.lastScheduleTime", kube.text(cron, "status", "lastScheduleTime") or "none"),
        observe(cron, "spec.schedule", f"{kube.text(cron, 'spec', 'schedule')}: a run was due", due),
    ]
    if _others_fired(scene, due):
        return [scene.finding("job.missed-schedule", cron, 0.6, _MISSED, seen, at=due)]
    strength, manager = 0.85 if scene.events_reach(due) else 0.6, control_plane_pod(scene, "kube-controller-manager")
    return [scene.finding("node.controller-manager-down", cron, strength, _SILENT, seen, change=manager, at=due)]


def _counts_since(cron: KubeObject, due: datetime) -> bool:
    """Whether the CronJob was there when the run was due, as it is now, and has had no run since."""
    made, last = kube.created(cron), kube.moment(cron, "status", "lastScheduleTime")
    changed = [
        when
        for entry in kube.dicts(cron, "metadata", "managedFields")
        if entry.get("subresource") != "status" and (when := kube.moment(entry, "time")) is not None
    ]
    if made is None or made > due or any(when > due for when in changed):
        return False
    return last is None or last < due


def _others_fired(scene: Scene, due: datetime) -> bool:
    lasts = (kube.moment(item, "status", "lastScheduleTime") for item in scene.cluster.of("CronJob"))
    return any(last is not None and last >= due for last in lasts)

"""What a container complained of in an earlier run, while the run after it has been ready for long: over."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.containers import crash
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.reasoning.within_pod import pods_by_name
from opsagent.models.evidence import Finding

_PREVIOUS = ".previous.log"


def judged_by_run(
    findings: Iterable[Finding], cluster: Cluster, *, now: datetime, crash_window_s: float
) -> tuple[Finding, ...]:
    """Return the findings of logs, those of an earlier run over where its crash counts no longer.

    That is so where the container is ready and its last end is older than `crash_window_s` seconds and than the life
    that it had: the checks of the objects judge by the same.
    """
    scene = Scene(cluster, now, crash_window_s)
    return tuple(
        replace(finding, over=True) if not finding.over and _is_past(scene, finding) else finding
        for finding in findings
    )


def _is_past(scene: Scene, finding: Finding) -> bool:
    if not finding.observations:
        return False
    return all(_PREVIOUS in seen.where and _serves_since(scene, seen.where) for seen in finding.observations)


def _serves_since(scene: Scene, where: str) -> bool:
    parts = where.partition(_PREVIOUS)[0].split("/")
    pod = pods_by_name(scene.cluster).get(parts[1]) if len(parts) == 3 else None
    status = next((item for item in kube.container_statuses(pod or {}) if item.name == parts[-1]), None)
    if status is None or not status.ready or status.started_at is None or not status.last_terminated:
        return False
    return crash(scene, status) is None

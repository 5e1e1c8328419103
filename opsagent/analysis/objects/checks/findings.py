"""All rules over the objects of one check, and their findings as one list."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.evidence.log_facts import Told
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.addresses import address_findings
from opsagent.analysis.objects.checks.claims import claim_findings
from opsagent.analysis.objects.checks.conditions import condition_findings
from opsagent.analysis.objects.checks.control_plane import control_plane_findings
from opsagent.analysis.objects.checks.creation import MAKERS, creation_findings
from opsagent.analysis.objects.checks.disruption import disruption_findings
from opsagent.analysis.objects.checks.event_words import event_word_findings
from opsagent.analysis.objects.checks.gaps import gap_findings
from opsagent.analysis.objects.checks.ingresses import ingress_findings
from opsagent.analysis.objects.checks.jobs import cron_findings, is_over, job_findings
from opsagent.analysis.objects.checks.load import autoscaler_findings, node_usage_findings, usage_findings
from opsagent.analysis.objects.checks.nodes import is_system, node_findings, system_findings
from opsagent.analysis.objects.checks.old_revision import of_old_revision
from opsagent.analysis.objects.checks.pods import pod_findings
from opsagent.analysis.objects.checks.policies import policy_findings
from opsagent.analysis.objects.checks.resolving import resolver_findings
from opsagent.analysis.objects.checks.rollouts import rollout_findings
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.checks.schedules import schedule_findings
from opsagent.analysis.objects.checks.services import service_findings
from opsagent.analysis.objects.checks.silence import silence_findings
from opsagent.analysis.objects.checks.silent_calls import silent_call_findings
from opsagent.analysis.objects.index import cluster_of
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject, Objects

_CARRIES = 0.5
_MOST_SEEN = 6  # observations kept of findings that state the same of several pods


def object_findings(
    objects: Objects,
    *,
    now: datetime,
    crash_window_s: float = 600.0,
    told: Told | None = None,
    catalog: Catalog | None = None,
) -> tuple[Finding, ...]:
    """Return what the objects show to be wrong, strongest first; findings about replicas of one workload are one.

    A container that crashed within `crash_window_s` seconds before `now` counts although it is ready again. `told` is
    what the logs add: ports that programs listen on, hosts that do not answer them.
    """
    scene = Scene(cluster_of(objects), now, crash_window_s, told or Told(), catalog or builtin())
    found = _pods(scene)
    claims = [*scene.cluster.of(_CLAIM), *scene.cluster.stand_ins(_CLAIM)]
    found += [finding for claim in claims for finding in claim_findings(scene, claim)]
    found += _makers(scene)
    by_object: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.strength >= _CARRIES and finding.object:
            by_object[finding.object].append(finding)
    for workload in scene.cluster.workloads():
        explained = by_object.get(kube.ref(workload), [])
        found += rollout_findings(scene, workload, explained) + resolver_findings(scene, workload)
        if kube.kind(workload) in ("Job", "CronJob"):
            found += [f for job in _jobs(scene, workload) for f in job_findings(scene, job, explained)]
    found += [finding for node in _seen_or_named(scene, "Node") for finding in node_findings(scene, node)]
    found += system_findings(scene) + control_plane_findings(scene)
    found += service_findings(scene)
    found += [finding for item in scene.cluster.of("Ingress") for finding in ingress_findings(scene, item)]
    found += address_findings(scene) + policy_findings(scene) + silent_call_findings(scene)
    found += gap_findings(scene)
    found += [f for item in _seen_or_named(scene, _AUTOSCALER) for f in autoscaler_findings(scene, item)]
    found += [
        f
        for item in _seen_or_named(scene, "CronJob")
        for f in cron_findings(scene, item) or schedule_findings(scene, item)
    ]
    found += disruption_findings(scene) + condition_findings(scene)
    found += [finding for item in scene.cluster.of("PodMetrics") for finding in usage_findings(scene, item)]
    found += [finding for item in scene.cluster.of("NodeMetrics") for finding in node_usage_findings(scene, item)]
    found += event_word_findings(scene, found)
    found += silence_findings(scene, {f.object or "" for f in found if f.strength >= _CARRIES and not f.unexplained})
    return tuple(sorted(_merged(_later_links(found, scene.catalog)), key=lambda finding: -finding.strength))


_CLAIM = "PersistentVolumeClaim"
_AUTOSCALER = "HorizontalPodAutoscaler"


def _seen_or_named(scene: Scene, kind: str) -> list[KubeObject]:
    """Return the objects of a kind, and those that only events name."""
    return [*scene.cluster.of(kind), *scene.cluster.stand_ins(kind)]


def _pods(scene: Scene) -> list[Finding]:
    found: list[Finding] = []
    for pod in [*scene.cluster.of("Pod"), *scene.cluster.stand_ins("Pod")]:
        job = scene.cluster.owner(pod)
        if is_system(pod) or (job is not None and kube.kind(job) == "Job" and is_over(scene, job)):
            continue
        found += [of_old_revision(scene, pod, finding) for finding in pod_findings(scene, pod)]
    return found


def _makers(scene: Scene) -> list[Finding]:
    found: list[Finding] = []
    for kind in MAKERS:
        for maker in [*scene.cluster.of(kind), *scene.cluster.stand_ins(kind)]:
            if not kube.deleting(maker):
                found += creation_findings(scene, maker)
    return found


def _jobs(scene: Scene, workload: dict[str, object]) -> list[dict[str, object]]:
    return [workload] if kube.kind(workload) == "Job" else scene.cluster.owned(workload, "Job")


def _later_links(found: list[Finding], catalog: Catalog) -> list[Finding]:
    """Weaken what only follows: `unknown` and unserved Services where the same service has a cause that states why."""
    later = catalog.tagged("remainder")
    explained = {f.service for f in found if f.strength >= _CARRIES and f.service and f.code not in later}
    return [
        replace(f, strength=min(f.strength, 0.3)) if f.code in later and f.service in explained else f for f in found
    ]


def _merged(found: list[Finding]) -> list[Finding]:
    groups: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in found:
        groups.setdefault((finding.code, finding.object), []).append(finding)
    return [_one(same) for same in groups.values()]


def _one(same: list[Finding]) -> Finding:
    best = max(same, key=lambda finding: finding.strength)
    if len(same) == 1:
        return best
    seen: dict[Observation, None] = dict.fromkeys(best.observations)
    for finding in same:
        if len(seen) >= _MOST_SEEN:
            break
        seen.update(dict.fromkeys(finding.observations))
    began = min((finding.at for finding in same if finding.at), default=None)
    return replace(best, observations=tuple(seen)[:_MOST_SEEN], at=began)

"""Complaints of what ended successfully: init containers that got what they waited for, tries of complete Jobs."""

from collections.abc import Iterator

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.index import cluster_of
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject, Objects


def ended_well(objects: Objects) -> frozenset[str]:
    """Return the places of the logs ("logs/<pod>/<container>") of init containers that ended with exit code 0.

    And of the pods of Jobs that are complete: a try that failed was made good by a later one.
    """
    cluster = cluster_of(objects)
    found: set[str] = set()
    for pod in cluster.of("Pod"):
        job = cluster.owner(pod)
        complete = job is not None and kube.kind(job) == "Job" and kube.is_true(job, "Complete")
        found.update(_places(pod, every=complete is True))
    return frozenset(found)


def is_of_ended(finding: Finding, places: frozenset[str]) -> bool:
    """Return whether a finding was seen in such logs alone."""
    return bool(places) and all(
        seen.source == "logs" and seen.where.split(":", 1)[0].removesuffix(".log") in places
        for seen in finding.observations
    )


def _places(pod: KubeObject, *, every: bool) -> Iterator[str]:
    for status in kube.container_statuses(pod):
        # A sidecar (restartPolicy Always) is an init container, too; it runs on and is not meant here.
        if every or (status.group == "init" and kube.optional_integer(status.terminated, "exitCode") == 0):
            yield f"logs/{kube.name(pod)}/{status.name}"

"""Complaints of init containers that ended well: what they waited for has come."""

from collections.abc import Iterator

from opsagent.analysis.objects import kube
from opsagent.models.evidence import Finding
from opsagent.models.look import Objects


def ended_well(objects: Objects) -> frozenset[str]:
    """Return the places of the logs ("logs/<pod>/<container>") of init containers that ended with exit code 0."""
    return frozenset(place for pod in objects.items if kube.kind(pod) == "Pod" for place in _places(pod))


def is_of_ended(finding: Finding, places: frozenset[str]) -> bool:
    """Return whether a finding was seen in such logs alone."""
    return bool(places) and all(
        seen.source == "logs" and seen.where.split(":", 1)[0].removesuffix(".log") in places
        for seen in finding.observations
    )


def _places(pod: dict[str, object]) -> Iterator[str]:
    for status in kube.container_statuses(pod):
        # A sidecar (restartPolicy Always) is an init container, too; it runs on and is not meant here.
        if status.group == "init" and kube.optional_integer(status.terminated, "exitCode") == 0:
            yield f"logs/{kube.name(pod)}/{status.name}"

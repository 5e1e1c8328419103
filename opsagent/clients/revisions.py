"""Going back to a revision, as `kubectl rollout undo` writes it."""

from collections.abc import Mapping
from typing import Any

from opsagent.models.json_values import mapping_at
from opsagent.models.observed import KubeObject
from opsagent.models.revision import HISTORY, REVISION, template_of

# kubectl leaves these to the Deployment when it takes over a revision's annotations.
_KEPT = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        HISTORY,
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)


def undo_patch(deployment: KubeObject, replica_set: KubeObject, mark: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the JSON patch of `kubectl rollout undo`, on condition of the resourceVersion that was read.

    mark: annotations for the Deployment's own metadata, by which the change is known again.
    """
    own, earlier = (mapping_at(item, "metadata", "annotations") for item in (deployment, replica_set))
    notes = {key: value for key, value in own.items() if key in _KEPT}
    notes |= {key: value for key, value in earlier.items() if key not in _KEPT}
    notes |= mark
    version = mapping_at(deployment, "metadata").get("resourceVersion")
    return [
        {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
        {"op": "replace", "path": "/spec/template", "value": template_of(replica_set)},
        {"op": "replace", "path": "/metadata/annotations", "value": notes},
    ]

"""The revisions of a Deployment, as its ReplicaSets keep them."""

from collections.abc import Iterable, Mapping
from typing import Any

from opsagent.errors import ActionError
from opsagent.models.look import KubeObject

_REVISION = "deployment.kubernetes.io/revision"
_HISTORY = "deployment.kubernetes.io/revision-history"
_HASH = "pod-template-hash"
# kubectl leaves these to the Deployment when it takes over a revision's annotations.
_KEPT = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        _REVISION,
        _HISTORY,
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)


def previous_revision(deployment: KubeObject, sets: Iterable[KubeObject], revision: str | None) -> KubeObject:
    """Return the ReplicaSet of the newest revision before `revision` (None: before the Deployment's own).

    A ReplicaSet that was gone back to has a new revision number; its earlier ones count, so that the answer stays the
    same after the rollback. ActionError where there is no earlier revision.
    """
    uid = _meta(deployment).get("uid")
    name = _meta(deployment).get("name")
    current = _number(revision) or _number(_notes(deployment).get(_REVISION))
    if current is None:
        raise ActionError(f"Deployment {name} carries no revision; nothing was done")
    before = [
        (max(earlier), item)
        for item in sets
        if _owned(item, uid)
        and (earlier := [n for n in _revisions(item) if n < current])
        and current not in _revisions(item)
    ]
    if not before:
        raise ActionError(
            f"Deployment {name} has no revision before {current}; nothing was done",
            hint=f"kubectl rollout history deployment/{name}",
        )
    return max(before, key=lambda pair: pair[0])[1]


def same_template(deployment: KubeObject, replica_set: KubeObject) -> bool:
    """Return whether the Deployment's template is the ReplicaSet's, but for the hash label."""
    return _template(deployment) == _template(replica_set)


def undo_patch(deployment: KubeObject, replica_set: KubeObject, mark: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the JSON patch of `kubectl rollout undo`, on condition of the resourceVersion that was read.

    mark: annotations for the Deployment's own metadata, by which the change is known again.
    """
    notes = {key: value for key, value in _notes(deployment).items() if key in _KEPT}
    notes |= {key: value for key, value in _notes(replica_set).items() if key not in _KEPT}
    notes |= mark
    return [
        {"op": "replace", "path": "/metadata/resourceVersion", "value": _meta(deployment).get("resourceVersion")},
        {"op": "replace", "path": "/spec/template", "value": _template(replica_set)},
        {"op": "replace", "path": "/metadata/annotations", "value": notes},
    ]


def _template(item: KubeObject) -> dict[str, Any]:
    template = dict(_dict(_dict(item.get("spec")).get("template")))
    meta = dict(_dict(template.get("metadata")))
    meta["labels"] = {key: value for key, value in _dict(meta.get("labels")).items() if key != _HASH}
    meta.pop("creationTimestamp", None)  # older API servers write it as null
    return template | {"metadata": meta}


def _revisions(item: KubeObject) -> set[int]:
    notes = _notes(item)
    history = notes.get(_HISTORY)
    texts = [notes.get(_REVISION), *(history.split(",") if isinstance(history, str) else ())]
    return {number for number in map(_number, texts) if number is not None}


def _owned(item: KubeObject, uid: object) -> bool:
    owners = _meta(item).get("ownerReferences")
    return isinstance(owners, list) and any(isinstance(owner, dict) and owner.get("uid") == uid for owner in owners)


def _number(text: object) -> int | None:
    return int(text) if isinstance(text, str) and text.strip().isdecimal() else None


def _meta(item: KubeObject) -> dict[str, Any]:
    return _dict(item.get("metadata"))


def _notes(item: KubeObject) -> dict[str, Any]:
    return _dict(_meta(item).get("annotations"))


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

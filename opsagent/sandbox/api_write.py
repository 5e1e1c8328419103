"""Change a workload, a Deployment's scale, or delete a pod."""

import json
from copy import deepcopy
from typing import Any

from . import patches
from .api_errors import ApiError, conflict, not_found
from .facts import Json
from .faults import ServedRequest
from .kinds import ApiResource
from .objects import meta
from .simulation import Simulation

_CHANGEABLE = ("deployments", "statefulsets", "daemonsets")
_APPLIERS = {
    "application/strategic-merge-patch+json": patches.strategic,
    "application/merge-patch+json": patches.merge,
    "application/json-patch+json": patches.json_patch,
}


def decode(body: bytes) -> Any:
    """Return the JSON of a request's body."""
    if body.startswith(b"k8s\0"):  # kubectl's own commands prefer protobuf where they may
        raise ApiError(415, "UnsupportedMediaType", "the sandbox reads JSON only")
    try:
        return json.loads(body)
    except ValueError as error:
        raise ApiError(400, "BadRequest", f"the request body is not JSON: {error}") from error


def scale_of(item: Json) -> Json:
    """Return the Scale of a Deployment or ReplicaSet."""
    head = item["metadata"]
    shown = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    chosen = item["spec"]["selector"]["matchLabels"]
    selector = ",".join(f"{key}={value}" for key, value in sorted(chosen.items()))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: head[key] for key in shown},
        "spec": {"replicas": item["spec"].get("replicas", 1)},
        "status": {"replicas": item["status"].get("replicas", 0), "selector": selector},
    }


def change(simulation: Simulation, kind: ApiResource, request: ServedRequest, content_type: str, body: bytes) -> Json:
    """Carry out a PATCH or PUT of a workload or a Deployment's scale, and return the object after it."""
    item = simulation.cluster.store.get(kind.plural, request.namespace, request.name)
    if item is None:
        raise not_found(kind, request.name)
    scalable = kind.plural == "deployments"
    if kind.plural not in _CHANGEABLE or request.subresource not in ("", *(("scale",) if scalable else ())):
        raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    scaling = request.subresource == "scale"
    before = scale_of(item) if scaling else {**item, "apiVersion": kind.api_version, "kind": kind.kind}
    after = _applied(before, request, content_type, decode(body))
    asked = after.get("metadata", {}).get("resourceVersion") if isinstance(after, dict) else None
    if asked and asked != item["metadata"]["resourceVersion"]:
        raise conflict(kind, request.name)
    fresh = _with_replicas(item, after) if scaling else _checked(item, after)
    if request.query.get("dryRun"):
        return scale_of(fresh) if scaling else fresh
    _store(simulation, kind, item, fresh)
    return scale_of(fresh) if scaling else fresh


def _applied(before: Json, request: ServedRequest, content_type: str, patch: Any) -> Any:
    if request.method == "PUT":
        return patch
    apply = _APPLIERS.get(content_type.partition(";")[0].strip())
    if apply is None:
        allowed = ", ".join(_APPLIERS)
        message = f"the body of the request was in an unknown format - accepted media types include: {allowed}"
        raise ApiError(415, "UnsupportedMediaType", message)
    try:
        return apply(deepcopy(before), patch)
    except patches.BadPatchError as error:
        raise ApiError(422, "Invalid", str(error)) from error


def _with_replicas(item: Json, scale: Any) -> Json:
    replicas = scale.get("spec", {}).get("replicas", 0) if isinstance(scale, dict) else None
    if not isinstance(replicas, int) or isinstance(replicas, bool) or replicas < 0:
        name = item["metadata"]["name"]
        message = (
            f'Scale.autoscaling "{name}" is invalid: spec.replicas: Invalid value: {replicas!r}: must be at least 0'
        )
        raise ApiError(422, "Invalid", message)
    fresh = deepcopy(item)
    fresh["spec"]["replicas"] = replicas
    return fresh


def _checked(item: Json, after: Any) -> Json:
    name = item["metadata"]["name"]
    try:
        spec, head = after["spec"], after["metadata"]
        containers = spec["template"]["spec"]["containers"]
        chosen = spec["selector"]
        fits = isinstance(containers, list) and bool(containers) and isinstance(spec.get("replicas", 1), int)
    except (KeyError, TypeError, AttributeError) as error:
        raise ApiError(422, "Invalid", f'Deployment.apps "{name}" is invalid: {error}: Required value') from error
    if not fits or chosen != item["spec"]["selector"]:
        raise ApiError(
            422, "Invalid", f'Deployment.apps "{name}" is invalid: spec: field is immutable or of a wrong type'
        )
    fresh = deepcopy(item)
    fresh["spec"] = _without_nulls(spec)
    for part in ("labels", "annotations"):
        fresh["metadata"][part] = deepcopy(head.get(part) or {})
    if item.get("kind") != "DaemonSet":
        fresh["spec"].setdefault("replicas", 1)
    return fresh


def _without_nulls(value: Any) -> Any:
    """Drop null fields, as the server does: `kubectl rollout undo` sends `creationTimestamp: null`."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _store(simulation: Simulation, kind: ApiResource, item: Json, fresh: Json) -> None:
    if fresh == item:
        return  # a patch that changes nothing makes no new version
    changed_spec = fresh["spec"] != item["spec"]
    if kind.plural == "deployments" and fresh["spec"]["template"] != item["spec"]["template"]:
        simulation.changed_template(fresh["metadata"]["name"])
    if changed_spec:
        fresh["metadata"]["generation"] += 1
    simulation.cluster.store.save(kind.plural, fresh)
    if changed_spec and kind.plural == "deployments":
        simulation.controllers.spec_changed(fresh)
    elif changed_spec:
        simulation.controllers.rolled_out(kind.plural, fresh)


def delete_pod(simulation: Simulation, kind: ApiResource, request: ServedRequest) -> Json:
    """Begin to delete a pod; its ReplicaSet makes another."""
    item = simulation.cluster.store.get(kind.plural, request.namespace, request.name)
    if item is None:
        raise not_found(kind, request.name)
    if kind.plural != "pods" or request.subresource:
        raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    simulation.kubelet.terminate(item)
    return item


def review(simulation: Simulation, body: bytes, *, denied: bool) -> Json:
    """Answer a SelfSubjectAccessReview."""
    asked = decode(body)
    head = meta("", simulation.cluster.now, namespace=None)
    allowed = {"allowed": not denied, **({"reason": "RBAC: not allowed in the sandbox"} if denied else {})}
    base = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1"}
    return {
        **base,
        "metadata": {"creationTimestamp": head["creationTimestamp"]},
        "spec": asked["spec"],
        "status": allowed,
    }

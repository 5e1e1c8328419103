"""The three kinds of patch that Kubernetes clients send."""

from copy import deepcopy
from typing import Any

# the list fields of a Deployment that a strategic merge joins by a key instead of replacing
_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
    "conditions": "type",
    "imagePullSecrets": "name",
}


class BadPatchError(ValueError):
    """A patch that cannot be applied."""


def merge(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7386) and return the result."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def strategic(target: Any, patch: Any) -> Any:
    """Apply a strategic merge patch and return the result."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    directive = patch.get("$patch")
    if directive == "delete":
        return None
    body = {key: value for key, value in patch.items() if not key.startswith("$")}
    if directive == "replace":
        return deepcopy(body)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in body.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, list) and key in _MERGE_KEYS:
            result[key] = _join(result.get(key) or [], value, _MERGE_KEYS[key])
        else:
            result[key] = strategic(result.get(key), value)
    return result


def _join(target: list[Any], patch: list[Any], key: str) -> list[Any]:
    result = list(target)
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            raise BadPatchError(f"map: does not contain declared merge key: {key}")
        at = next((i for i, old in enumerate(result) if old.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            result = [old for old in result if old.get(key) != item[key]]
        elif at is None:
            result.append(strategic({}, item))
        else:
            result[at] = strategic(result[at], item)
    return result


def json_patch(target: Any, operations: Any) -> Any:
    """Apply a JSON patch (RFC 6902: add, remove, replace, test) and return the result."""
    if not isinstance(operations, list):
        raise BadPatchError("a JSON patch is a list of operations")
    result = deepcopy(target)
    for operation in operations:
        if not isinstance(operation, dict) or not str(operation.get("path", "")).startswith("/"):
            raise BadPatchError("each operation needs an op and a path")
        steps = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"][1:].split("/")]
        _operate(result, steps, str(operation.get("op")), operation.get("value"))
    return result


def _operate(document: Any, steps: list[str], op: str, value: Any) -> None:
    place = document
    for step in steps[:-1]:
        place = _child(place, step)
    last = steps[-1]
    if isinstance(place, list):
        _operate_list(place, last, op, value)
        return
    if not isinstance(place, dict) or (op != "add" and last not in place):
        raise BadPatchError(f"{op} operation does not apply: doc is missing path: /{'/'.join(steps)}")
    if op == "test":
        if place[last] != value:
            raise BadPatchError(f"testing value /{'/'.join(steps)} failed")
    elif op == "remove":
        del place[last]
    elif op in ("add", "replace"):
        place[last] = deepcopy(value)
    else:
        raise BadPatchError(f"unknown operation {op!r}")


def _operate_list(place: list[Any], last: str, op: str, value: Any) -> None:
    if op == "add" and last == "-":
        place.append(deepcopy(value))
        return
    if not last.isdigit() or int(last) >= len(place) + (op == "add"):
        raise BadPatchError(f"{op} operation does not apply: index {last} is out of bounds")
    if op == "add":
        place.insert(int(last), deepcopy(value))
    elif op == "remove":
        del place[int(last)]
    elif op == "replace":
        place[int(last)] = deepcopy(value)
    elif op == "test":
        if place[int(last)] != value:
            raise BadPatchError(f"testing value at index {last} failed")
    else:
        raise BadPatchError(f"unknown operation {op!r}")


def _child(place: Any, step: str) -> Any:
    if isinstance(place, dict) and step in place:
        return place[step]
    if isinstance(place, list) and step.isdigit() and int(step) < len(place):
        return place[int(step)]
    raise BadPatchError(f"doc is missing path: /{step}")

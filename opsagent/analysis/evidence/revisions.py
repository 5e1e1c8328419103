"""What differs between two revisions of a Deployment."""

from typing import Any

from opsagent.analysis.objects import kube
from opsagent.models.observed import KubeObject

_MOST = 4  # differences named in one line


def differences(before: KubeObject, after: KubeObject) -> list[str]:
    """Return what differs between two pod templates, each as a few words: image, environment, resources, probes.

    Of the environment only names are reported, never values.
    """
    old = {container.name: container.raw for container in kube.containers(before)}
    new = {container.name: container.raw for container in kube.containers(after)}
    found = [f"container {name} added" for name in new.keys() - old.keys()]
    found += [f"container {name} removed" for name in old.keys() - new.keys()]
    for name in sorted(old.keys() & new.keys()):
        found += _container(name if len(new) > 1 else "", old[name], new[name])
    for field in ("serviceAccountName", "nodeSelector", "affinity", "tolerations", "volumes", "imagePullSecrets"):
        if kube.pod_spec(before).get(field) != kube.pod_spec(after).get(field):
            found.append(f"{field} changed")
    return found[:_MOST] + ([f"and {len(found) - _MOST} more"] if len(found) > _MOST else [])


def removed_variables(before: KubeObject, after: KubeObject) -> list[str]:
    """Return the names of environment variables that the newer template no longer sets."""
    old = {name for container in kube.containers(before) for name in _variables(container.raw)}
    new = {name for container in kube.containers(after) for name in _variables(container.raw)}
    return sorted(old - new)


def _container(name: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    prefix = f"{name}: " if name else ""
    found: list[str] = []
    if kube.text(old, "image") != kube.text(new, "image"):
        found.append(_image_change(kube.text(old, "image"), kube.text(new, "image")))
    before, after = _variables(old), _variables(new)
    found += [f"{key} added" for key in sorted(after.keys() - before.keys())]
    found += [f"{key} removed" for key in sorted(before.keys() - after.keys())]
    found += [f"{key} changed" for key in sorted(before.keys() & after.keys()) if before[key] != after[key]]
    for group in ("requests", "limits"):
        was, now = kube.mapping(old, "resources", group), kube.mapping(new, "resources", group)
        for resource in sorted(was.keys() | now.keys()):
            if was.get(resource) != now.get(resource):
                left, right = (kube.text(side, resource, default="none") for side in (was, now))
                found.append(f"{resource} {group.removesuffix('s')} {left} → {right}")
    for field in (
        "command",
        "args",
        "ports",
        "envFrom",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "volumeMounts",
    ):
        if old.get(field) != new.get(field):
            found.append(f"{field} changed")
    return [prefix + text for text in found]


def _image_change(was: str, now: str) -> str:
    # The name once: what changed is the tag, and it must still are in a line that is cut short.
    name, mark, tag = now.rpartition(":")
    same = mark and "/" not in tag and "@" not in now and was.rpartition(":")[0] == name
    return f"image {was} → {tag if same else now}"


def _variables(container: dict[str, Any]) -> dict[str, Any]:
    return {kube.text(item, "name"): item for item in kube.dicts(container, "env") if kube.text(item, "name")}

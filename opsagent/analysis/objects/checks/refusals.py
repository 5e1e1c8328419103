"""A refused creation held against what refused it: quota, limit range, Pod Security level, webhook.

What was refused minutes ago may be allowed by now: a controller tries again after up to a quarter of an hour.
"""

import re
from dataclasses import dataclass

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.models.evidence import Observation
from opsagent.models.observed import KubeObject

_BOUND = re.compile(r"(?P<end>maximum|minimum) (?P<what>[\w./-]+) usage per (?P<of>\w+) is (?P<bound>[\w.]+)")
_ASKED = re.compile(r"but (?:limit|request) is (?P<asked>[\w.]+)")
_QUOTA = re.compile(r"(?:exceeded|failed) quota: (?P<name>[a-z0-9][a-z0-9.-]*)")
_REQUESTED = re.compile(r"requested: (?P<pairs>[^ ]+?),? used:")
_MUST = re.compile(r"must specify (?P<key>(?:limits|requests)\.[\w.-]+)")
_LEVEL = re.compile(r"violates PodSecurity \"?(?P<level>[a-z]+):")
_CALLED = re.compile(r"https?://(?P<name>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc\b")
_ENFORCE = "pod-security.kubernetes.io/enforce"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Whether the objects bear a refusal out (None: they could not be checked), and what they show."""

    holds: bool | None = None
    seen: tuple[Observation, ...] = ()


def checked(scene: Scene, maker: KubeObject, message: str) -> Refusal:
    """Return what the objects show of a refusal that a controller's message states."""
    space = kube.namespace(maker)
    if bound := _BOUND.search(message):
        return _limit_range(scene, space, bound, message)
    if must := _MUST.search(message):
        return _must_state(scene, maker, must["key"], message)
    if _QUOTA.search(message):
        return _quota(scene, space, message)
    if level := _LEVEL.search(message):
        return _pod_security(scene, space, level["level"])
    if "failed calling webhook" in message and (called := _CALLED.search(message)):
        return _webhook(scene, called["name"], called["namespace"])
    return Refusal()


def _limit_range(scene: Scene, space: str, bound: re.Match[str], message: str) -> Refusal:
    if "LimitRange" not in scene.cluster.looked:
        return Refusal()
    end, asked = bound["end"][:3], _ASKED.search(message)
    for item in scene.cluster.of("LimitRange"):
        for row in kube.dicts(item, "spec", "limits") if kube.namespace(item) == space else ():
            stated = kube.text(row, end, bound["what"])
            if kube.text(row, "type") == bound["of"] and kube.quantity(stated) == kube.quantity(bound["bound"]):
                text = f"{stated}" + (f"; {asked['asked']} is asked for" if asked else "; nothing is stated")
                field = f"spec.limits[{bound['of']}].{end}.{bound['what']}"
                return Refusal(holds=True, seen=(observe(item, field, text),))
    return Refusal(holds=False)


def _named_quota(scene: Scene, space: str, message: str) -> tuple[KubeObject | None, bool]:
    """Return the quota that a message names, and whether it is known to be gone."""
    name = (_QUOTA.search(message) or {"name": ""})["name"]
    return scene.cluster.get("ResourceQuota", name, space), scene.cluster.absent("ResourceQuota", name, space)


def _hard(quota: KubeObject | None) -> dict[str, object]:
    return kube.mapping(quota, "status", "hard") or kube.mapping(quota, "spec", "hard")


def _must_state(scene: Scene, maker: KubeObject, key: str, message: str) -> Refusal:
    quota, gone = _named_quota(scene, kube.namespace(maker), message)
    if quota is None:
        return Refusal(holds=False if gone else None)
    if key not in _hard(quota):
        return Refusal(holds=False)
    side, _, resource = key.partition(".")
    bare = [
        container
        for container in kube.containers(maker)
        if container.group != "ephemeral" and not kube.dig(container.raw, "resources", side, resource)
    ]
    seen = [observe(quota, f"spec.hard[{key}]", f"{_hard(quota)[key]}: every container has to state it")]
    seen += [observe(maker, f"{c.field}.resources.{key}", f"not stated by {c.name}") for c in bare[:2]]
    return Refusal(holds=True if bare else None, seen=tuple(seen))


def _quota(scene: Scene, space: str, message: str) -> Refusal:
    quota, gone = _named_quota(scene, space, message)
    requested = _REQUESTED.search(message)
    if quota is None or requested is None or not _hard(quota):
        return Refusal(holds=False if gone else None)
    pairs = [part.partition("=") for part in requested["pairs"].split(",")]
    fits = [_has_room(quota, key, amount) for key, _, amount in pairs]
    return Refusal(holds=False if fits and all(fits) else None)


def _has_room(quota: KubeObject, key: str, amount: str) -> bool:
    most, used = kube.quantity(_hard(quota).get(key)), kube.quantity(kube.dig(quota, "status", "used", key))
    wanted = kube.quantity(amount)
    if key not in _hard(quota):
        return True
    return most is not None and used is not None and wanted is not None and used + wanted <= most * (1 + 1e-9)


def _pod_security(scene: Scene, space: str, level: str) -> Refusal:
    """Hold the level against the namespace's label; without one the cluster's own default may enforce it."""
    item = scene.cluster.get("Namespace", space)
    stated = kube.labels(item).get(_ENFORCE, "") if item else ""
    if item is None or not stated:
        return Refusal()
    return Refusal(holds=stated == level, seen=(observe(item, f"metadata.labels[{_ENFORCE}]", stated),))


def _webhook(scene: Scene, name: str, space: str) -> Refusal:
    if scene.cluster.absent("Service", name, space) and any(
        kube.namespace(item) == space for item in scene.cluster.of("Service")
    ):
        gone = {"kind": "Service", "metadata": {"name": name}}
        return Refusal(holds=True, seen=(observe(gone, "metadata.name", f"not there in {space}"),))
    service = scene.cluster.get("Service", name, space)
    selector = kube.strings(service, "spec", "selector")
    pods = scene.cluster.selected(selector, space)
    if service is None or not selector or any(map(kube.is_ready, pods)):
        return Refusal()
    text = f"none of {len(pods)} pods is ready" if pods else "no pod is selected"
    return Refusal(holds=True, seen=(observe(service, "spec.selector", text),))

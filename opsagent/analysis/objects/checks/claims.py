"""Claims that get no volume: the storage class, or what keeps the existing volumes from them."""

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.analysis.objects.event import KubeEvent
from opsagent.analysis.objects.selectors import selector_text, selects
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_NOT_KNOWN = 0.72  # firmer than what an event of the pod that waits for the claim guesses


def claim_findings(scene: Scene, claim: KubeObject) -> list[Finding]:  # noqa: PLR0911 - each return is one rule
    """Return why a PersistentVolumeClaim is not bound."""
    phase = kube.text(claim, "status", "phase")
    events = scene.cluster.events_of(claim)
    if kube.deleting(claim) or phase == "Bound":
        return _resize(scene, claim, events)
    if phase == "Lost":
        seen = [observe(claim, "status.phase", "Lost")]
        return [scene.finding("volume.mount-failed", claim, 0.75, "The claim has lost its volume.", seen)]
    told = newest(
        events, "ProvisioningFailed", "FailedBinding", "ExternalProvisioning", "VolumeMismatch", "FailedCreate"
    )
    if phase not in ("", "Pending") or (not phase and not told):
        return []
    seen = [observe(claim, "status.phase", f"{phase or 'not bound'}, {_wish(claim)}")]
    seen += [observe_event(event) for event in told[:2]]
    said = _said(scene, told)
    if said and said[1] >= 0.85:
        return [scene.finding(said[0], claim, said[1], scene.catalog.summary("claim", said[0]), seen)]
    if joined := _join(scene, claim):
        code, strength, why = joined
        return [scene.finding(code, claim, strength, scene.catalog.summary("claim", code), [*seen, *why])]
    if _unprinted(scene, claim):
        text = "The claim is not bound, and what it asks for of the volumes of its class is not known."
        return [scene.unexplained(claim, _NOT_KNOWN, text, seen)]
    if said and not (told[0].reason == "ExternalProvisioning" and scene.starting(kube.created(claim))):
        return [scene.finding(said[0], claim, said[1], scene.catalog.summary("claim", said[0]), seen)]
    if told and told[0].reason == "ProvisioningFailed":
        return [
            scene.finding("volume.storage-class", claim, 0.6, "The provisioner cannot make the claim's volume.", seen)
        ]
    if _waits_for_pod(scene, claim, events) or scene.starting(kube.created(claim)):
        return []
    return [scene.unexplained(claim, 0.5, "The claim is not bound to a volume, and no event states why.", seen)]


def _unprinted(scene: Scene, claim: KubeObject) -> bool:
    """Whether a table left out size and modes of a claim beside free volumes of its class: one of them misfits."""
    if _size(claim) or kube.words(claim, "spec", "accessModes"):
        return False
    wanted = kube.text(claim, "spec", "storageClassName")
    volumes = (one for one in scene.cluster.of("PersistentVolume") if not _taken(claim, one))
    return any(kube.text(one, "spec", "storageClassName") == wanted for one in volumes)


def _said(scene: Scene, told: list[KubeEvent]) -> tuple[str, float] | None:
    """Return the firmest of what the events mean: that a provisioner was asked comes before each refusal of it."""
    read: list[tuple[str, float]] = []
    for event in told:
        row = scene.catalog.message("claim", event.message)
        if row is not None:
            absent = row.then != "absent" or event.said("not found", "does not exist", "no storage class")
            read.append((row.code, row.strength if absent else min(row.strength, 0.6)))
    return max(read, key=lambda one: one[1], default=None)


def _join(scene: Scene, claim: KubeObject) -> tuple[str, float, list[Observation]] | None:  # noqa: PLR0911 - each return is one rule
    """Compare the claim with the volumes and classes that there are."""
    cluster, named = scene.cluster, kube.text(claim, "spec", "volumeName")
    if named and "PersistentVolume" in cluster.looked:
        return _named_volume(scene, claim, named)
    wanted = kube.text(claim, "spec", "storageClassName")
    volumes = [v for v in cluster.of("PersistentVolume") if kube.text(v, "spec", "storageClassName") == wanted]
    class_is_there = bool(wanted) and cluster.get("StorageClass", wanted) is not None
    provisions = class_is_there and kube.text(cluster.get("StorageClass", wanted), "provisioner") not in (
        "", "kubernetes.io/no-provisioner",
    )  # fmt: skip
    if volumes and not provisions:
        return _nearest(claim, volumes)
    if wanted and cluster.absent("StorageClass", wanted):
        other = [kube.name(item) for item in cluster.of("StorageClass")]
        text = f"{wanted} does not exist (there are: {', '.join(sorted(other)[:5]) or 'none'})"
        return _class(claim, 0.9, text)
    if not wanted and "StorageClass" in cluster.looked and not _default_class(scene):
        if cluster.of("PersistentVolume"):
            return _nearest(claim, cluster.of("PersistentVolume"))
        explicit = kube.dig(claim, "spec", "storageClassName") == ""
        text = "empty: only a volume without class fits" if explicit else "unset, and no class is the default"
        return _class(claim, 0.75, text)
    if class_is_there and not provisions and "PersistentVolume" in cluster.looked:
        text = f"{wanted} makes no volumes by itself, and no volume of that class exists"
        return _class(claim, 0.7, text)
    return None


def _class(claim: KubeObject, strength: float, text: str) -> tuple[str, float, list[Observation]]:
    return "volume.storage-class", strength, [observe(claim, "spec.storageClassName", text)]


def _named_volume(scene: Scene, claim: KubeObject, named: str) -> tuple[str, float, list[Observation]] | None:
    volume = scene.cluster.get("PersistentVolume", named)
    if volume is None:
        return "volume.selector", 0.6, [observe(claim, "spec.volumeName", f"{named} does not exist")]
    return _nearest(claim, [volume])


def _nearest(claim: KubeObject, volumes: list[KubeObject]) -> tuple[str, float, list[Observation]] | None:
    """Return what keeps the claim from the volume that it nearly fits."""
    judged = [(volume, _misfits(claim, volume)) for volume in volumes[:2000]]
    fitting = [volume for volume, misfits in judged if not misfits]
    if fitting or not judged:
        return None
    free = [item for item in judged if not _taken(claim, item[0])] or judged
    volume, misfits = min(free, key=lambda item: len(item[1]))
    code, text = misfits[0]
    strength = 0.88 if len(misfits) == 1 else 0.75
    return code, strength, [observe(volume, "spec", text)]


def _taken(claim: KubeObject, volume: KubeObject) -> str:
    """Return which other claim has the volume, "" where it is free."""
    holder = kube.mapping(volume, "spec", "claimRef")
    held = kube.text(holder, "name") and (kube.text(holder, "name"), kube.text(holder, "namespace")) != (
        kube.name(claim), kube.namespace(claim),
    )  # fmt: skip
    phase = kube.text(volume, "status", "phase")
    if not held and phase not in ("Released", "Failed"):
        return ""
    whose = f"{kube.text(holder, 'namespace')}/{kube.text(holder, 'name')}" if holder else "an earlier claim"
    return f"{phase or 'held'} by {whose}"


def _misfits(claim: KubeObject, volume: KubeObject) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if taken := _taken(claim, volume):
        found.append(("volume.occupied", taken))
    selector = kube.dig(claim, "spec", "selector")
    if isinstance(selector, dict) and not selects(selector, kube.labels(volume)):
        found.append(("volume.selector", f"labels do not match the claim's selector {selector_text(selector)}"))
    wanted, offered = kube.words(claim, "spec", "accessModes"), kube.words(volume, "spec", "accessModes")
    if wanted and offered and not set(wanted) <= set(offered):
        found.append(("volume.access-mode", f"offers {', '.join(offered)}; {', '.join(wanted)} is asked for"))
    size = kube.bytes_of(kube.dig(claim, "spec", "resources", "requests", "storage"))
    room = kube.bytes_of(kube.dig(volume, "spec", "capacity", "storage"))
    if size is not None and room is not None and room < size:
        capacity = kube.text(volume, "spec", "capacity", "storage")
        found.append(("volume.capacity", f"capacity {capacity}; {_size(claim)} is asked for"))
    wanted_class, own = kube.dig(claim, "spec", "storageClassName"), kube.text(volume, "spec", "storageClassName")
    if isinstance(wanted_class, str) and wanted_class != own:
        found.append(("volume.storage-class", f"class {own or '(none)'}; {wanted_class or '(none)'} is asked for"))
    return found


def _size(claim: KubeObject) -> str:
    return kube.text(claim, "spec", "resources", "requests", "storage")


def _wish(claim: KubeObject) -> str:
    modes = ", ".join(kube.words(claim, "spec", "accessModes"))
    parts = [_size(claim), modes, f"class {kube.text(claim, 'spec', 'storageClassName') or '(none given)'}"]
    return " ".join(part for part in parts if part)


def _default_class(scene: Scene) -> bool:
    return any(
        kube.annotations(item).get(key) == "true" for item in scene.cluster.of("StorageClass") for key in _DEFAULT
    )


def _waits_for_pod(scene: Scene, claim: KubeObject, events: list[KubeEvent]) -> bool:
    """Whether the claim is bound only once a pod uses it: no fault by itself."""
    if newest(events, "WaitForFirstConsumer", "WaitForPodScheduled"):
        return True
    name = kube.text(claim, "spec", "storageClassName")
    return kube.text(scene.cluster.get("StorageClass", name), "volumeBindingMode") == "WaitForFirstConsumer"


def _resize(scene: Scene, claim: KubeObject, events: list[KubeEvent]) -> list[Finding]:
    failed = [e for e in newest(events, "VolumeResizeFailed", "FileSystemResizeFailed") if scene.recent(e.last, 3600)]
    wanted = kube.bytes_of(kube.dig(claim, "spec", "resources", "requests", "storage"))
    has = kube.bytes_of(kube.dig(claim, "status", "capacity", "storage"))
    if not failed or (wanted is not None and has is not None and has >= wanted):
        return []
    return [scene.finding("volume.capacity", claim, 0.7, "The volume cannot be enlarged.", [observe_event(failed[0])])]

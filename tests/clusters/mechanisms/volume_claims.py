"""Claims that are not bound: part of family `volume`.

https://kubernetes.io/docs/concepts/storage/persistent-volumes/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters import scheduler
from tests.clusters.changes import Broken, Change, main_of, new_revision
from tests.clusters.model import Expect, Obj, Workload, name_of, ref
from tests.clusters.pods import unscheduled
from tests.clusters.registry import mechanism

from . import kit

if TYPE_CHECKING:
    from tests.clusters.world import World

NO_MATCH = "no persistent volumes available for this claim and no storage class is set"


def claim(world: World, w: Workload, *, mode: str = "ReadWriteOnce", size: str = "10Gi", **spec: object) -> Obj:
    """Add a PersistentVolumeClaim that is not bound."""
    body: Obj = {
        "accessModes": [mode],
        "resources": {"requests": {"storage": size}},
        "volumeMode": "Filesystem",
        **spec,
    }
    found = world.new(
        "v1", "PersistentVolumeClaim", f"{w.name}-data", world.since, spec=body, status={"phase": "Pending"}
    )
    found["metadata"]["finalizers"] = ["kubernetes.io/pvc-protection"]
    return world.add(found)


def volume(
    world: World, name: str, *, mode: str = "ReadWriteOnce", size: str = "50Gi", cls: str = "", **more: object
) -> Obj:
    """Add a PersistentVolume made by hand that is available."""
    spec: Obj = {"accessModes": [mode], "capacity": {"storage": size}, "persistentVolumeReclaimPolicy": "Retain"}
    spec |= {"nfs": {"server": "10.0.9.8", "path": f"/exports/{name}"}, "volumeMode": "Filesystem"}
    spec |= {"storageClassName": cls} if cls else {}
    at = world.ago(world.rng.randint(2, 200) * 86400)
    found = world.new("v1", "PersistentVolume", name, at, namespace="", spec=spec | more, status={"phase": "Available"})
    return world.add(found)


def mount(w: Workload, name: str, path: str = "/data") -> Change:
    """Return the change of a pod template that mounts a claim."""

    def change(spec: Obj) -> None:
        spec["volumes"].append({"name": "data", "persistentVolumeClaim": {"claimName": name}})
        main_of(w, spec).setdefault("volumeMounts", []).append({"name": "data", "mountPath": path})

    return change


def unbound(world: World, w: Workload, found: Obj, reason: str, message: str) -> Broken:
    """Roll out a revision that needs an unbound claim, and record why it is not bound."""
    broken = new_revision(world, w, mount(w, name_of(found)), bound=False)
    for pod in broken.pods:
        unscheduled(world, pod, scheduler.immediate_claims(world))
    count = max(2, int((world.now - world.since).total_seconds() // 15))
    by = "persistentvolume-controller"
    warning = reason in ("ProvisioningFailed", "VolumeMismatch")
    world.event(found, reason, message, by=by, first=world.since, last=world.ago(7), count=count, warning=warning)
    return broken


def bound_by_hand(world: World, w: Workload, broken: Broken, code: str, found: Obj, *volumes: Obj) -> Expect:
    """Return the expectation of a claim that no volume fits."""
    return kit.of_revision(w, broken, code, also=(ref(found), *map(ref, volumes)))


@mechanism("volume.storage-class")
def storage_class_absent(world: World) -> Expect:
    """The claim names a StorageClass that does not exist.

    https://kubernetes.io/docs/concepts/storage/storage-classes/
    """
    w = world.victim()
    cls = world.rng.choice(("fast-ssd", "premium-rwo", "ceph-block", "gp4"))
    found = claim(world, w, storageClassName=cls)
    text = f'storageclass.storage.k8s.io "{cls}" not found'
    broken = unbound(world, w, found, "ProvisioningFailed", text)
    return kit.of_revision(w, broken, "volume.storage-class", also=(ref(found), f"StorageClass/{cls}"))


@mechanism("volume.storage-class")
def class_of_volume_differs(world: World) -> Expect:
    """The claim names a volume of another StorageClass than its own."""
    w = world.victim()
    pv = volume(world, f"pv-{w.name}", cls="manual")
    found = claim(world, w, storageClassName="local-disk", volumeName=name_of(pv))
    text = f'Cannot bind to requested volume "{name_of(pv)}": storageClassName does not match'
    broken = unbound(world, w, found, "VolumeMismatch", text)
    return bound_by_hand(world, w, broken, "volume.storage-class", found, pv)


@mechanism("volume.access-mode")
def access_mode(world: World) -> Expect:
    """The claim asks for an access mode that the only volume for it does not offer.

    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
    """
    w = world.victim()
    pv = volume(world, f"pv-{w.name}")
    named = world.chance(0.6)
    extra: Obj = {"volumeName": name_of(pv)} if named else {}
    found = claim(world, w, mode="ReadWriteMany", storageClassName="", **extra)
    text = f'Cannot bind to requested volume "{name_of(pv)}": incompatible accessMode'
    broken = unbound(world, w, found, "VolumeMismatch" if named else "FailedBinding", text if named else NO_MATCH)
    return bound_by_hand(world, w, broken, "volume.access-mode", found, pv)


@mechanism("volume.capacity")
def capacity(world: World) -> Expect:
    """The claim asks for more than the only volume for it holds."""
    w = world.victim()
    pv = volume(world, f"pv-{w.name}", size="8Gi")
    named = world.chance(0.6)
    extra: Obj = {"volumeName": name_of(pv)} if named else {}
    found = claim(world, w, size="80Gi", storageClassName="", **extra)
    text = f'Cannot bind to requested volume "{name_of(pv)}": requested PV is too small'
    broken = unbound(world, w, found, "VolumeMismatch" if named else "FailedBinding", text if named else NO_MATCH)
    return bound_by_hand(world, w, broken, "volume.capacity", found, pv)


@mechanism("volume.selector")
def selector(world: World) -> Expect:
    """The claim's selector asks for labels that the volume does not carry.

    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#selector
    """
    w = world.victim()
    pv = volume(world, f"pv-{w.name}")
    pv["metadata"]["labels"] = {"tier": "archive"}
    found = claim(
        world, w, storageClassName="", selector={"matchLabels": {"tier": world.rng.choice(("hot", "archives"))}}
    )
    broken = unbound(world, w, found, "FailedBinding", NO_MATCH)
    return bound_by_hand(world, w, broken, "volume.selector", found, pv)


@mechanism("volume.occupied")
def bound_to_another(world: World) -> Expect:
    """The volume that the claim names is bound to another claim, or released and still reserved for the old one.

    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reserving-a-persistentvolume
    """
    w = world.victim()
    pv = volume(world, f"pv-{w.name}")
    other = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": f"{w.name}-data-old", "uid": world.uid()}
    pv["spec"]["claimRef"] = other | {"namespace": world.namespace}
    pv["status"] = {"phase": "Released"}
    found = claim(world, w, storageClassName="", volumeName=name_of(pv))
    text = f'volume "{name_of(pv)}" already bound to a different claim.'
    broken = unbound(world, w, found, "FailedBinding", text)
    return bound_by_hand(world, w, broken, "volume.occupied", found, pv)

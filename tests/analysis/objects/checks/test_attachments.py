"""Volumes that are not attached to the node of a pod: who is silent, who holds them, what the driver refused."""

from typing import Any

import pytest

from tests.analysis import kube_objects as k

OLD = k.event("worker-9", "Rebooted", "x", age=9000, kind="Node")
DRIVER = {"driver": "ebs.csi.example", "volumeHandle": "vol-1"}


def attachment(node: str, volume: str = "pv-1", *, age: float = 600, **status: Any) -> k.Obj:
    """Return a VolumeAttachment of the driver."""
    spec = {"attacher": "ebs.csi.example", "nodeName": node, "source": {"persistentVolumeName": volume}}
    made = {"name": f"csi-{volume}-{node}", "creationTimestamp": k.ago(age)}
    return {"kind": "VolumeAttachment", "metadata": made, "spec": spec, "status": status}


def waits(*more: k.Obj, modes: tuple[str, ...] = ("ReadWriteOnce",)) -> list[k.Obj]:
    """Return a pod on worker-1 that waits for the volume pv-1, and another volume that is attached."""
    spec = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}], "nodeName": "worker-1"}
    pod = k.pod("cart-6d5f7c9b84-x2x2x", k.waiting("ContainerCreating"), spec=spec)
    pod["spec"]["nodeName"] = "worker-1"
    pod["status"] |= {"phase": "Pending", "startTime": k.ago(590)}
    pod["status"]["conditions"] = [k.condition("PodScheduled", "True"), k.condition("Ready", "False")]
    claim = k.claim(volumeName="pv-1") | {"status": {"phase": "Bound"}}
    reference = {"name": "data", "namespace": k.SPACE}
    volume = k.volume(phase="Bound", csi=DRIVER, claimRef=reference, accessModes=list(modes))
    return [
        *k.broken(pod, claim, volume, attachment("worker-3", "pv-9", attached=True), k.node("worker-3")),
        *more,
        OLD,
    ]


def test_a_volume_that_nobody_asks_to_be_attached_is_the_controllers() -> None:
    """Bound, its driver attaches, the pod has a node for ten minutes, and no VolumeAttachment is there."""
    found = k.find(*waits())[0]
    assert (found.code, found.object) == ("node.controller-manager-down", "Pod/kube-controller-manager")
    assert "VolumeAttachment" in found.observations[0].text


def test_an_attachment_that_nobody_carries_out_is_the_drivers() -> None:
    """Not attached for ten minutes and no error; a moment ago it is on its way."""
    found = k.find(*waits(attachment("worker-1", attached=False)))[0]
    assert (found.code, found.variant) == ("volume.mount-failed", "attacher-silent")
    assert all(f.variant != "attacher-silent" for f in k.find(*waits(attachment("worker-1", age=20, attached=False))))


def test_what_the_driver_refused_is_in_the_attachment() -> None:
    """No event is needed for it."""
    refused = attachment("worker-1", attached=False, attachError={"message": "volume vol-1 does not exist"})
    found = k.find(*waits(refused))[0]
    assert found.code.startswith("volume.")
    assert "vol-1 does not exist" in found.observations[0].text


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([k.node("worker-2")], ("volume.occupied", "Deployment/cart", "")),
        ([], ("volume.occupied", "VolumeAttachment/csi-pv-1-worker-2", "node-gone")),
        (
            [k.node("worker-2", conditions=[k.condition("Ready", "Unknown", "NodeStatusUnknown")])],
            ("node.not-ready", "Node/worker-2", ""),
        ),
    ],
)
def test_a_volume_that_another_node_holds(more: list[k.Obj], expected: tuple[str, str, str]) -> None:
    """By a node that works, by one that is gone, and by one that is not ready; the event alone names none of them."""
    told = k.event("cart-6d5f7c9b84-x2x2x", "FailedAttachVolume", 'Multi-Attach error for volume "pv-1"')
    found = k.find(*waits(attachment("worker-2", attached=True), told, *more))
    assert expected in [(f.code, f.object, f.variant) for f in found[:2]]


@pytest.mark.parametrize(
    "objects",
    [
        waits(attachment("worker-1", attached=True)),
        waits(attachment("worker-2", attached=True), attachment("worker-1", attached=True), modes=("ReadWriteMany",)),
        [item for item in waits() if item["kind"] != "VolumeAttachment"],
        waits(k.thing("CSIDriver", "ebs.csi.example", spec={"attachRequired": False})),
        waits(k.event("cart-6d5f7c9b84-x2x2x", "SuccessfulAttachVolume", "AttachVolume.Attach succeeded")),
    ],
)
def test_nobody_is_accused_where_it_is_attached_or_not_known(objects: list[k.Obj]) -> None:
    """Attached, shared by several nodes, not read, a driver that attaches nothing, a controller that reported."""
    codes = {"node.controller-manager-down", "volume.occupied", "node.not-ready"}
    assert not codes & {finding.code for finding in k.find(*objects)}

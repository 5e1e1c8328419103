"""Claims without a volume: classes and volumes as they are against what is asked for."""

from typing import Any

import pytest

from tests.analysis.kube_objects import ago, claim, event, first, pending, thing, volume

DATA = "PersistentVolumeClaim/data"
CLASS = thing("StorageClass", "fast", provisioner="kubernetes.io/no-provisioner")


@pytest.mark.parametrize(
    ("reason", "message", "code"),
    [
        ("ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found', "volume.storage-class"),
        (
            "FailedBinding",
            "no persistent volumes available for this claim and no storage class is set",
            "volume.storage-class",
        ),
        ("FailedBinding", 'volume "pv-1" already bound to a different claim.', "volume.occupied"),
        ("ProvisioningFailed", "NodePath only supports ReadWriteOnce access modes", "volume.access-mode"),
        ("ProvisioningFailed", "rpc error: MULTI_NODE_MULTI_WRITER is not supported", "volume.access-mode"),
        ("VolumeMismatch", "Cannot bind to requested volume: requested PV is too small", "volume.capacity"),
        ("ProvisioningFailed", "rpc error: not enough free space in pool", "volume.capacity"),
        ("ProvisioningFailed", "exceeded quota: disk, requested: requests.storage=5Gi", "quota.storage"),
    ],
)
def test_the_controller_states_why(reason: str, message: str, code: str) -> None:
    """Events on the claim name what is wrong."""
    assert first(claim(), event("data", reason, message, kind="PersistentVolumeClaim")) == (code, DATA)


@pytest.mark.parametrize(
    ("wanted", "offered", "code"),
    [
        ({"accessModes": ["ReadWriteMany"]}, {}, "volume.access-mode"),
        ({"accessModes": ["ReadWriteOncePod"]}, {"accessModes": ["ReadOnlyMany"]}, "volume.access-mode"),
        ({"resources": {"requests": {"storage": "50Gi"}}}, {}, "volume.capacity"),
        ({}, {"size": "500Mi"}, "volume.capacity"),
        ({"selector": {"matchLabels": {"tier": "gold"}}}, {"labels": {"tier": "tin"}}, "volume.selector"),
        ({"selector": {"matchExpressions": [{"key": "tier", "operator": "Exists"}]}}, {}, "volume.selector"),
        ({}, {"phase": "Bound", "claimRef": {"name": "other", "namespace": "shop"}}, "volume.occupied"),
        ({"volumeName": "pv-1"}, {"phase": "Bound", "claimRef": {"name": "x", "namespace": "y"}}, "volume.occupied"),
        ({}, {"phase": "Released", "claimRef": {"name": "old", "namespace": "shop"}}, "volume.occupied"),
        ({"volumeName": "pv-1", "storageClassName": "slow"}, {}, "volume.storage-class"),
    ],
)
def test_a_volume_that_nearly_fits_states_why_it_does_not(
    wanted: dict[str, Any], offered: dict[str, Any], code: str
) -> None:
    """The claim against the volume: mode, size, selector, holder, class."""
    assert first(claim(**wanted), volume(**offered), CLASS) == (code, DATA)


def test_an_absent_class() -> None:
    """The class that the claim names is not among those there are."""
    assert first(claim(storageClassName="gold"), CLASS) == ("volume.storage-class", DATA)


def test_no_class_and_no_default() -> None:
    """A claim without class waits for ever where no class is the default."""
    bare = claim()
    del bare["spec"]["storageClassName"]
    assert first(bare, CLASS) == ("volume.storage-class", DATA)


def test_a_claim_that_waits_for_its_pod_is_well() -> None:
    """WaitForFirstConsumer binds when a pod comes."""
    late = thing("StorageClass", "fast", provisioner="csi.acme", volumeBindingMode="WaitForFirstConsumer")
    assert first(claim(), late) == ("healthy", None)
    told = event("data", "WaitForFirstConsumer", "waiting for first consumer", kind="PersistentVolumeClaim")
    assert first(claim(), told) == ("healthy", None)


def test_a_bound_and_a_new_claim_are_well() -> None:
    """Bound is good; ten seconds are not long."""
    bound, new = claim("a"), claim("b")
    bound["status"] = {"phase": "Bound"}
    new["metadata"]["creationTimestamp"] = ago(10)
    assert first(bound, new) == ("healthy", None)


def test_an_unbound_claim_without_a_word_is_unknown() -> None:
    """No event, no volume, no class was checked."""
    assert first(claim()) == ("unknown", DATA)


def test_a_lost_claim() -> None:
    """The volume under the claim was deleted."""
    lost = claim()
    lost["status"]["phase"] = "Lost"
    assert first(lost) == ("volume.mount-failed", DATA)


def test_the_claim_is_the_cause_not_the_pod_that_waits_for_it() -> None:
    """The scheduler's complaint about an unbound claim points to the claim."""
    message = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    spec = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}
    assert first(pending(message, spec=spec), claim(storageClassName="gold"), CLASS) == ("volume.storage-class", DATA)


@pytest.mark.parametrize("message", ['persistentvolumeclaim "data" not found', ""])
def test_a_claim_that_does_not_exist(message: str) -> None:
    """The pod refers to a claim that nobody made."""
    spec = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}
    found = first(pending(message, spec=spec), looked=("PersistentVolumeClaim",))
    assert found == ("config.missing-object", "Deployment/cart")


def test_a_refusal_outweighs_that_the_provisioner_was_asked_once_more() -> None:
    """The newest event only states who was asked; an older one of the same round states why nothing came of it."""
    refused = event(
        "data",
        "ProvisioningFailed",
        "only single node access modes are supported",
        age=90,
        kind="PersistentVolumeClaim",
    )
    asked = event(
        "data",
        "ExternalProvisioning",
        'waiting for external provisioner "disk.example"',
        age=10,
        kind="PersistentVolumeClaim",
    )
    assert first(claim(), refused, asked) == ("volume.access-mode", DATA)


def test_what_a_table_left_out_of_a_claim_is_not_guessed() -> None:
    """A row of a claim that waits prints neither size nor modes: a free volume of its class misfits by one of them."""
    row = claim()
    row["spec"] = {"storageClassName": "fast"}
    free = volume("pv-1")
    free["spec"]["storageClassName"] = "fast"
    assert first(row, free, CLASS, looked=("PersistentVolumeClaim", "PersistentVolume")) == ("unknown", DATA)

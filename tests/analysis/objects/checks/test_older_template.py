"""Whether the last change can have brought a fault, and whether the template before it would be better."""

from typing import Any

import pytest

from opsagent.models.evidence import Finding
from tests.analysis import kube_objects as k


def changed(old: dict[str, Any], new: dict[str, Any], bad: k.Obj, *more: k.Obj) -> dict[str, Finding]:
    """Return what is found of a Deployment whose newest revision has the pod `bad`, by code."""
    top = k.deployment(available=1, spec=new)
    top["status"] |= {"replicas": 2, "updatedReplicas": 1, "unavailableReplicas": 1}
    top["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    newest = k.replica_set(suffix="7fffd8b9c5", revision=2, age=600, readyReplicas=0, spec=new)
    bad["metadata"]["ownerReferences"][0]["name"] = "cart-7fffd8b9c5"
    bad["spec"] = {**bad["spec"], **new}
    found = k.find(top, k.replica_set(spec=old), newest, k.pod(spec=old), bad, *more)
    return {finding.code: finding for finding in found}


def of(**fields: Any) -> dict[str, Any]:
    """Return a pod spec with one container."""
    pod: dict[str, Any] = {key: fields.pop(key) for key in ("volumes", "nodeSelector") if key in fields}
    return {"containers": [k.container(**fields)], **pod}


def test_the_change_that_brought_the_fault_is_named() -> None:
    """A limit that was lowered, and the kernel kills the container at it."""
    low, high = ({"limits": {"memory": size}} for size in ("64Mi", "512Mi"))
    found = changed(of(resources=high), of(resources=low), k.pod("cart-new", k.crashing(137, "OOMKilled")))
    blamed = found["rollout.bad-revision"]
    assert "memory limit 512Mi → 64Mi" in blamed.summary
    assert blamed.variant == "named"


def test_a_change_of_something_else_is_not_to_blame() -> None:
    """A new variable does not make an image disappear."""
    gone = k.pod("cart-new", k.waiting("ImagePullBackOff", "manifest unknown"))
    assert "rollout.bad-revision" not in changed(of(), of(env=[{"name": "A", "value": "1"}]), gone)


def claimed(name: str) -> dict[str, Any]:
    """Return a pod spec that mounts a claim."""
    return of(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": name}}])


@pytest.mark.parametrize(("old_phase", "better"), [("Bound", True), ("Pending", False)])
def test_the_older_template_has_to_pass_the_same_checks(old_phase: str, better: bool) -> None:
    """An unbindable claim came with the newest revision; going back helps where the older claim is bound."""
    before, now = k.claim("old"), k.claim("new", storageClassName="gone")
    before["status"]["phase"] = old_phase
    waits = k.pending("pod has unbound immediate PersistentVolumeClaims")
    waits["metadata"]["name"] = "cart-new"
    classes = k.thing("StorageClass", "fast", provisioner="csi.example.com")
    found = changed(claimed("old"), claimed("new"), waits, before, now, classes, k.node())
    assert ("rollout.bad-revision" in found) == better


def test_a_missing_object_that_both_templates_name_is_not_brought_by_the_change() -> None:
    """Going back would wait for the same ConfigMap."""
    both = [{"configMapRef": {"name": "settings"}}]
    waits = k.waiting("CreateContainerConfigError", 'configmap "settings" not found')
    old, new = of(envFrom=both), of(envFrom=both, image="acme/main:2")
    found = changed(old, new, k.pod("cart-new", waits), k.thing("ConfigMap", "other"))
    assert "config.missing-object" in found
    assert "rollout.bad-revision" not in found


def test_an_old_pod_on_its_way_out_is_not_a_fault_of_now() -> None:
    """The Deployment's template has another image already."""
    old = k.pod("cart-old", k.waiting("ImagePullBackOff", "manifest unknown"))
    old["spec"]["containers"][0]["image"] = "acme/main:typo"
    top = k.deployment(replicas=1)
    top["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    newest = k.replica_set(suffix="7fffd8b9c5", revision=2, age=600)
    new = k.pod("cart-new")
    new["metadata"]["ownerReferences"][0]["name"] = "cart-7fffd8b9c5"
    found = k.find(top, k.replica_set(replicas=0), newest, new, old)
    assert all(finding.strength < 0.5 for finding in found)

"""The objects around the workloads: node, namespace, volume, configuration, account."""

from collections.abc import Iterator

from .agenda import stamp
from .facts import CLAIM, CONFIG_MAP, NAMESPACE, NODE, Json, labels
from .objects import meta

_VOLUME = "pvc-5f0c8f3e-90c4-4d47-a1c5-0a9e6c1f7d22"
_VOLUME_SIZE: Json = {"storage": "100Mi"}
_VOLUME_SPEC: Json = {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "volumeMode": "Filesystem"}
_GI = "8131544Ki"


def furniture(at: float) -> Iterator[tuple[str, Json]]:
    """Yield (plural, object) for everything that never changes."""
    for name in ("default", "kube-system", NAMESPACE):
        head = meta(name, at, namespace=None, labels={"kubernetes.io/metadata.name": name})
        body: Json = {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
        yield "namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": head, **body}
    yield "nodes", _node(at)
    yield "serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta("default", at)}
    yield (
        "configmaps",
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": meta(CONFIG_MAP, at, labels=labels("config")),
            "data": {"LOG_LEVEL": "info", "REDIS_URL": "redis://local-redis-service:6379"},
        },
    )
    yield from _storage(at)


def _node(at: float) -> Json:
    verdicts = (
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    )
    conditions = [
        {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": stamp(at)}
        for kind, status, reason, message in verdicts
    ]
    room = {"cpu": "4", "memory": _GI, "pods": "110", "ephemeral-storage": "61255492Ki"}
    info = {
        "kubeletVersion": "v1.32.2",
        "containerRuntimeVersion": "containerd://1.7.24",
        "osImage": "Debian GNU/Linux 12 (bookworm)",
        "architecture": "amd64",
        "operatingSystem": "linux",
        "kernelVersion": "6.1.0-28-amd64",
    }
    status = {
        "capacity": room,
        "allocatable": room,
        "conditions": conditions,
        "nodeInfo": info,
        "addresses": [{"type": "InternalIP", "address": "192.168.49.2"}, {"type": "Hostname", "address": NODE}],
    }
    roles = {"kubernetes.io/hostname": NODE, "node-role.kubernetes.io/control-plane": ""}
    head = meta(NODE, at, namespace=None, labels=roles)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": head,
        "spec": {"podCIDR": "10.244.0.0/24"},
        "status": status,
    }


def _storage(at: float) -> Iterator[tuple[str, Json]]:
    claim = _claim(at)
    yield "persistentvolumeclaims", claim
    yield "persistentvolumes", _volume(at, claim)
    yield "storageclasses", _storage_class(at)


def _claim(at: float) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": meta(CLAIM, at, labels=labels("user-service")),
        "spec": {**_VOLUME_SPEC, "resources": {"requests": _VOLUME_SIZE}, "volumeName": _VOLUME},
        "status": {"phase": "Bound", "capacity": _VOLUME_SIZE, "accessModes": _VOLUME_SPEC["accessModes"]},
    }


def _volume(at: float, claim: Json) -> Json:
    uid = claim["metadata"]["uid"]
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": meta(_VOLUME, at, namespace=None),
        "spec": {
            **_VOLUME_SPEC,
            "capacity": _VOLUME_SIZE,
            "claimRef": {"kind": "PersistentVolumeClaim", "namespace": NAMESPACE, "name": CLAIM, "uid": uid},
            "persistentVolumeReclaimPolicy": "Delete",
            "hostPath": {"path": f"/var/lib/hostpath-provisioner/{NAMESPACE}/{CLAIM}"},
        },
        "status": {"phase": "Bound"},
    }


def _storage_class(at: float) -> Json:
    notes = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": meta("standard", at, namespace=None, annotations=notes),
        "provisioner": "k8s.io/minikube-hostpath",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }

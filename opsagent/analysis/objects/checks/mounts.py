"""Pods that wait for their volumes or sandbox: what the kubelet says while it prepares them."""

import re

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.analysis.objects.event import KubeEvent
from opsagent.models.evidence import Finding
from opsagent.models.look import KubeObject

_MISSING = re.compile(
    r"(?i)\b(configmap|secret)s? \"?([\w./-]+)\"? not found|references non-existent (?:secret|config) key"
)
_CLAIM_MISSING = re.compile(r"(?i)persistentvolumeclaim \"([^\"]+)\" not found")
_MULTI_ATTACH = (
    "multi-attach error",
    "already exclusively attached",
    "already used by",
    "is already attached",
    "volume is in use",
)
_DENIED = (
    "permission denied",
    "access denied",
    "operation not permitted",
    "accessdenied",
    "unauthorizedoperation",
    "not authorized",
)
_REMOTE = ("by server while mounting", "mount.nfs:", "mount.cifs:", "mount error(")
_FULL = ("no space left on device", "disk quota exceeded")
# The kubelet's own caches need a moment after a start: no fault of the pod's.
_PASSING = ("not registered", "failed to sync configmap cache", "failed to sync secret cache", "token request")
# What the kubelet reports after the sandbox is there.
_AFTER_SANDBOX = ("Pulling", "Pulled", "Created", "Started")
_VAGUE = ("timed out waiting", "unmounted volumes", "deadline exceeded")
_NETWORK = ("cni", "network plugin", "networkplugin", "failed to setup network", "set up sandbox container",
            "pod network", "failed to destroy network", "networkpluginnotready")  # fmt: skip
# What address managers of network plug-ins say when their range is used up.
_NO_ADDRESS = (
    "no ip addresses available", "no addresses available", "failed to assign an ip", "no available ip",
    "no more ips", "no free ip", "range is full", "out of ip", "insufficient free addresses", "ip pool exhausted",
    "no more free affine blocks", "assigned 0 out of", "all ips are allocated", "no ips available", "ipam: no addresses", "range set: no ip",
)  # fmt: skip


def mount_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return why volumes of a pod cannot be attached or mounted, or its sandbox not be made."""
    statuses = kube.container_statuses(pod)
    if any(status.running or status.terminated or status.last_terminated for status in statuses):
        return []  # volumes and sandbox are there by then
    events = scene.cluster.events_of(pod)
    mounts = newest(
        events, "FailedMount", "FailedAttachVolume", "FailedMapVolume", "VolumeMountFailed", "FailedBinding"
    )
    telling = [event for event in mounts if not event.said(*_PASSING)]
    found = [finding for event in telling if (finding := _mount(scene, pod, event))]
    found.sort(key=lambda finding: finding.strength, reverse=True)
    return found[:2] or _missing_claims(scene, pod) or sandbox_findings(scene, pod, events)


def _mount(scene: Scene, pod: KubeObject, event: KubeEvent) -> Finding | None:  # noqa: PLR0911 - each return is one rule
    seen = [observe_event(event)]
    if _MISSING.search(event.message):
        summary = "A ConfigMap, Secret or key that the pod mounts does not exist."
        return scene.finding("config.missing-object", pod, 0.93, summary, seen)
    if _CLAIM_MISSING.search(event.message):
        summary = "The PersistentVolumeClaim that the pod mounts does not exist."
        return scene.finding("config.missing-object", pod, 0.9, summary, seen)
    if event.said(*_MULTI_ATTACH):
        summary = "The volume is still attached to another node or used by another pod, and can be attached only once."
        return scene.finding("volume.occupied", pod, 0.88, summary, seen)
    if event.said(*_FULL):
        return scene.finding("volume.disk-full", pod, 0.9, "The volume or the node's disk is full.", seen)
    if event.said(*_REMOTE):
        summary = "The file server refuses the mount, or does not answer it."
        return scene.finding("volume.mount-failed", pod, 0.88, summary, seen)
    if event.said(*_DENIED):
        return scene.finding(
            "volume.permission-denied", pod, 0.88, "Mounting the volume was refused for lack of permission.", seen
        )
    if event.said("not found in the list of registered csi drivers"):
        return scene.finding("volume.mount-failed", pod, 0.9, "The volume's CSI driver does not run on the node.", seen)
    strength = 0.6 if event.said(*_VAGUE) else 0.85
    return scene.finding(
        "volume.mount-failed", pod, strength, "A volume of the pod cannot be attached or mounted.", seen
    )


def _missing_claims(scene: Scene, pod: KubeObject) -> list[Finding]:
    for index, volume in enumerate(kube.dicts(pod, "spec", "volumes")):
        claim = kube.text(volume, "persistentVolumeClaim", "claimName")
        if claim and scene.cluster.absent("PersistentVolumeClaim", claim, kube.namespace(pod)):
            seen = [observe(pod, f"spec.volumes[{index}].persistentVolumeClaim", f"{claim}, which is not there")]
            seen += [observe_event(event) for event in newest(scene.cluster.events_of(pod), "FailedScheduling")[:1]]
            summary = f"The PersistentVolumeClaim {claim} that the pod mounts does not exist."
            return [scene.finding("config.missing-object", pod, 0.85, summary, seen)]
    told = [e for e in newest(scene.cluster.events_of(pod), "FailedScheduling") if _CLAIM_MISSING.search(e.message)]
    if told and kube.kind(pod) == "Pod":
        summary = "The PersistentVolumeClaim that the pod mounts does not exist."
        return [scene.finding("config.missing-object", pod, 0.88, summary, [observe_event(told[0])])]
    return []


def sandbox_findings(  # noqa: PLR0911 - each return is one rule
    scene: Scene, pod: KubeObject, events: list[KubeEvent]
) -> list[Finding]:
    """Return why the pod's sandbox cannot be made or removed; nothing where a container was made since."""
    if _came_further(events):
        return []
    failed = newest(events, "FailedCreatePodSandBox", "FailedCreatePodContainer", "FailedKillPod")
    network = newest(events, "NetworkNotReady")
    if not failed and not network:
        return []
    seen = [observe_event(event) for event in [*failed, *network][:2]]
    node = kube.text(pod, "spec", "nodeName")
    on_node = f"Node/{node}" if node else None
    if any(event.said(*_NO_ADDRESS) for event in failed):
        summary = "No pod address is left in the range that the node's network plug-in gives from."
        return [scene.finding("network.no-pod-ip", pod, 0.9, summary, seen, change=on_node)]
    if any(event.said("address already in use") for event in failed):
        return [scene.finding("pod.port-in-use", pod, 0.8, "A host port of the pod is taken already.", seen)]
    if network or any(event.said(*_NETWORK) for event in failed):
        summary = "The network plug-in of the node fails: it cannot set up the pod's network."
        return [scene.finding("network.cni-failed", pod, 0.88, summary, seen, change=on_node)]
    if any(
        event.said("containerd.sock", "crio.sock", "docker.sock", "rpc error: code = unavailable") for event in failed
    ):
        summary = "The container runtime of the node does not answer."
        return [scene.finding("node.runtime-down", pod, 0.8, summary, seen, change=on_node)]
    return [scene.finding("unknown", pod, 0.5, "The pod's sandbox cannot be made, and nothing says why.", seen)]


def _came_further(events: list[KubeEvent]) -> bool:
    """Whether the pod got past its sandbox after the newest failure to make one."""
    failed = max((e.last for e in newest(events, "FailedCreatePodSandBox") if e.last), default=None)
    after = max((e.last for e in newest(events, *_AFTER_SANDBOX) if e.last), default=None)
    return failed is not None and after is not None and after > failed

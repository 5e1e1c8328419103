"""Volumes that cannot be attached, mounted or written to: part of family `volume`.

https://kubernetes.io/docs/concepts/storage/volumes/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters import kubelet, voices
from tests.clusters.changes import main_of, new_revision, replaced
from tests.clusters.model import RESTART, ROLLBACK, Expect, Obj, Workload, name_of, ref
from tests.clusters.pods import created, creating, unready
from tests.clusters.registry import mechanism

from . import kit
from .volume_claims import claim, mount, volume

if TYPE_CHECKING:
    from tests.clusters.world import World


def bound_claim(world: World, w: Workload) -> tuple[Obj, Obj]:
    """Add a claim bound to a dynamically provisioned volume; return claim and volume."""
    found = claim(world, w, storageClassName="standard")
    found["metadata"]["creationTimestamp"] = w.obj["metadata"]["creationTimestamp"]
    pv = volume(world, f"pvc-{found['metadata']['uid']}", size="10Gi", cls="standard")
    pv["metadata"]["creationTimestamp"] = found["metadata"]["creationTimestamp"]
    pv["spec"].pop("nfs")
    pv["spec"]["csi"] = {"driver": "ebs.csi.example.com", "volumeHandle": f"vol-0{world.rng.getrandbits(60):015x}"}
    about = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "name": name_of(found),
        "uid": found["metadata"]["uid"],
    }
    pv["spec"]["claimRef"] = about | {"namespace": world.namespace}
    pv["status"] = {"phase": "Bound"}
    found["spec"]["volumeName"] = name_of(pv)
    found["status"] = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "10Gi"}}
    return found, pv


def single(world: World, kinds: tuple[str, ...] = ("Deployment",)) -> Workload:
    """Take a workload and make it one that always had one replica."""
    w = world.victim(kinds, single=True)
    w.replicas = 1
    del w.pods[1:]
    return w


def move(world: World, pod: Obj, node: Obj) -> None:
    """Put a pod that has not started on another node."""
    old, new = pod["spec"]["nodeName"], name_of(node)
    pod["spec"]["nodeName"] = new
    pod["status"]["hostIP"] = node["status"]["addresses"][0]["address"]
    for event in world.events:
        if event["involvedObject"]["uid"] == pod["metadata"]["uid"]:
            event["message"] = event["message"].replace(f" to {old}", f" to {new}")


@mechanism("volume.occupied", nodes=(3, 40))
def multi_attach(world: World) -> Expect:
    """A ReadWriteOnce volume is still used by the old pod on another node, so the new one cannot attach it.

    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
    """
    w = single(world)
    found, pv = bound_claim(world, w)
    kit.edit_all(w, mount(w, name_of(found)))
    old = w.pods[0]
    broken = new_revision(
        world, w, lambda spec: main_of(w, spec)["env"].append({"name": "REV", "value": "b"}), first=False
    )
    pod = broken.pods[0]
    if pod["spec"]["nodeName"] == old["spec"]["nodeName"]:
        move(world, pod, next(n for n in world.workers() if name_of(n) != old["spec"]["nodeName"]))
    creating(pod)
    text = f'Multi-Attach error for volume "{name_of(pv)}" Volume is already used by pod(s) {name_of(old)}'
    if world.chance(0.4):
        text = f'Multi-Attach error for volume "{name_of(pv)}" Volume is already exclusively attached to one node and '
        text += "can't be attached to another"
    world.event(pod, "FailedAttachVolume", text, by="attachdetach-controller", first=created(pod), warning=True)
    wait = (
        "Unable to attach or mount volumes: unmounted volumes=[data], "
        "unattached volumes=[], failed to process volumes=[]: "
    )
    wait += "timed out waiting for the condition"
    if (world.now - created(pod)).total_seconds() > 130:
        world.kubelet(
            pod, "FailedMount", wait, first=world.after(created(pod), 123), last=world.ago(9), count=3, warning=True
        )
    return kit.of_revision(w, broken, "volume.occupied", also=(ref(found), ref(pv), ref(old)))


NFS = (
    'MountVolume.SetUp failed for volume "{}" : mount failed: exit status '
    "32\nMounting command: mount\nMounting arguments: -t nfs "
    "{} /var/lib/kubelet/pods/{}/volumes/kubernetes.io~nfs/{}\nOutput: mount.nfs: {}"
)


@mechanism("volume.mount-failed")
def nfs_mount(world: World) -> Expect:
    """The node cannot mount an NFS export: the server refuses it or does not answer."""
    w = world.victim()
    source = world.rng.choice(("10.0.9.8:/exports/media", "nas.internal:/vol/shared"))
    server, _, path = source.partition(":")

    def add(spec: Obj) -> None:
        spec["volumes"].append({"name": "shared", "nfs": {"server": server, "path": path}})
        main_of(w, spec).setdefault("volumeMounts", []).append({"name": "shared", "mountPath": "/shared"})

    pods, broken = kit.arrive(world, w, add)
    why = world.rng.choice(
        (f"access denied by server while mounting {source}", "Connection timed out", "No route to host")
    )
    for pod in pods:
        creating(pod)
        text = NFS.format("shared", source, pod["metadata"]["uid"], "shared", why)
        kubelet.failed_mount(world, pod, "shared", text)
    return kit.verdict(w, pods, broken, "volume.mount-failed")


@mechanism("volume.mount-failed")
def csi_mount(world: World) -> Expect:
    """The volume is bound, but its driver is not registered on the node or its file system cannot be mounted.

    https://kubernetes.io/docs/concepts/storage/volumes/#csi
    """
    w = single(world)
    found, pv = bound_claim(world, w)
    kit.edit_all(w, mount(w, name_of(found)))
    pod = replaced(world, w, 1)[0]
    creating(pod)
    driver = pv["spec"]["csi"]["driver"]
    device = f'MountVolume.MountDevice failed for volume "{name_of(pv)}" : '
    forms = (
        (
            f"{device}kubernetes.io/csi: attacher.MountDevice failed to create "
            f"newCsiDriverClient: driver name {driver} not found in "
            "the list of registered CSI drivers"
        ),
        (
            f"{device}rpc error: code = Internal desc = mounting failed: exit "
            "status 32 cmd: 'mount -t ext4 /dev/nvme1n1' output: "
            '"mount: wrong fs type, bad option, bad superblock on /dev/nvme1n1"'
        ),
    )
    kubelet.failed_mount(world, pod, "data", world.rng.choice(forms))
    also = (ref(found), ref(pv), f"Node/{pod['spec']['nodeName']}", f"CSIDriver/{driver}")
    return kit.in_place(w, "volume.mount-failed", pods=[pod], also=also, harmful=frozenset({RESTART}))


@mechanism("volume.mount-failed")
def host_path_type(world: World) -> Expect:
    """A hostPath volume checks for a path that its node does not have.

    https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
    """
    w = world.victim(("DaemonSet", "Deployment"))
    path, kind = world.rng.choice(
        (("/var/run/docker.sock", "Socket"), ("/opt/models", "Directory"), ("/etc/app.conf", "File"))
    )

    def add(spec: Obj) -> None:
        spec["volumes"].append({"name": "host", "hostPath": {"path": path, "type": kind}})
        main_of(w, spec).setdefault("volumeMounts", []).append({"name": "host", "mountPath": path})

    broken = new_revision(world, w, add)
    for pod in broken.pods:
        creating(pod)
        what = {"Socket": "a socket file", "Directory": "a directory", "File": "a file"}[kind]
        text = f'MountVolume.SetUp failed for volume "host" : hostPath type check failed: {path} is not {what}'
        kubelet.failed_mount(world, pod, "host", text)
    return kit.of_revision(w, broken, "volume.mount-failed")


@mechanism("volume.mount-failed")
def subpath_changed(world: World) -> Expect:
    """A file mounted by subPath was replaced when its ConfigMap changed; a restarted container cannot mount it again.

    https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath: only a new pod gets the new file.
    """
    w = world.victim(called=True)
    obj = kit.config_object(world, "ConfigMap", f"{w.name}-files")

    def add(spec: Obj) -> None:
        spec["volumes"].append({"name": "files", "configMap": {"name": name_of(obj), "defaultMode": 420}})
        row = {"name": "files", "mountPath": "/etc/app/app.conf", "subPath": "app.conf"}
        main_of(w, spec).setdefault("volumeMounts", []).append(row)

    kit.edit_all(w, add)
    hit = kit.struck(world, w)
    for pod in hit:
        where = f"/var/lib/kubelet/pods/{pod['metadata']['uid']}/volume-subpaths/files/{w.container}/0"
        text = (
            "failed to create containerd task: failed to create shim task: "
            "OCI runtime create failed: runc create failed: "
        )
        text += (
            f'unable to start container process: error during container init: error mounting "{where}" to rootfs at '
        )
        text += (
            f'"/etc/app/app.conf": mount {where}:/etc/app/app.conf (via '
            "/proc/self/fd/6), flags: 0x5001: no such file or directory: unknown"
        )
        since = world.since
        kubelet.crash_loop(world, w, pod, code=128, reason="StartError", message=text, since=since, run=0, lines=[])
    restart = frozenset({RESTART})
    return kit.expect(
        w, "volume.mount-failed", pods=hit, also=(ref(obj),), plans=restart, harmful=frozenset({ROLLBACK})
    )


@mechanism("volume.permission-denied")
def not_owner(world: World) -> Expect:
    """The program runs as a user that may not write to its volume, and no fsGroup changes the volume's owner.

    https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-the-security-context-for-a-pod
    """
    w = single(world)
    found, pv = bound_claim(world, w)
    kit.edit_all(w, mount(w, name_of(found)))
    change = {"runAsUser": 10001, "runAsGroup": 10001, "runAsNonRoot": True}
    w.obj["spec"]["strategy"] = {"type": "Recreate"}
    broken = new_revision(world, w, lambda spec: spec.update(securityContext=dict(change)))
    forms = (
        "PermissionError: [Errno 13] Permission denied: '/data/store.db'",
        "mkdir: cannot create directory '/data/index': Permission denied",
        "open /data/wal/000001.log: permission denied",
        "Error: EACCES: permission denied, open '/data/store.json'",
    )
    text = world.rng.choice(forms)
    for pod in broken.pods:
        kubelet.crash_loop(world, w, pod, code=1, since=created(pod), run=world.rng.randint(0, 4), lines=[text])
    return kit.of_revision(
        w, broken, "volume.permission-denied", "access.permission-denied", also=(ref(found), ref(pv))
    )


@mechanism("volume.disk-full")
def disk_full(world: World) -> Expect:
    """The program's volume is full: it can write no more and ends.

    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims
    """
    w = single(world)
    found, pv = bound_claim(world, w)
    kit.edit_all(w, mount(w, name_of(found)))
    forms = (
        "OSError: [Errno 28] No space left on device: '/data/spool/0091'",
        "write /data/wal/000412.log: no space left on device",
        "java.io.IOException: No space left on device at /data/segments/_8f.cfs",
        "Error: ENOSPC: no space left on device, write '/data/queue.db'",
    )
    lines = [voices.line(w.lang, "error", world.rng.choice(forms))]
    pod = w.pods[0]
    kubelet.crash_loop(world, w, pod, code=1, since=world.since, run=world.rng.randint(1, 30), lines=lines)
    return kit.in_place(w, "volume.disk-full", pods=[pod], also=(ref(found), ref(pv)))


@mechanism("volume.disk-slow")
def disk_slow(world: World) -> Expect:
    """Writes to the volume take seconds; the store's own log states how long each sync took.

    https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#resource-requirements-for-etcd
    """
    w = single(world, ("Deployment", "StatefulSet"))
    found, pv = bound_claim(world, w)
    kit.edit_all(w, mount(w, name_of(found), "/var/lib/etcd"))
    lines = []
    for _ in range(world.rng.randint(6, 14)):
        took = world.rng.randint(1100, 4800) / 1000
        rows = (
            f'{{"level":"warn","msg":"slow fdatasync","took":"{took}s","expected-duration":"1s"}}',
            (
                f'{{"level":"warn","msg":"apply request took too long","took":"{took}s","expected-duration":"100ms",'
                '"prefix":"read-only range "}'
            ),
        )
        lines.append(rows[0] if world.chance(0.75) else rows[1])
    pod = w.pods[0]
    kit.say(world, w, lines, pod=pod)
    unready(pod, w.container, world.since)
    return kit.in_place(w, "volume.disk-slow", pods=[pod], also=(ref(found), ref(pv)))

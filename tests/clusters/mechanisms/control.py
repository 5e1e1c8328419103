"""Faults of the control plane and of complete namespaces: scheduler, controller manager, Terminating.

https://kubernetes.io/docs/concepts/overview/components/
"""

from __future__ import annotations

from copy import deepcopy

from tests.clusters import kubelet, settle
from tests.clusters.changes import main_of, replaced
from tests.clusters.infra import system
from tests.clusters.model import Expect, Obj, ref, stamp
from tests.clusters.registry import mechanism
from tests.clusters.world import World, condition

from . import kit

COMPONENT_WORDS = (
    'E1130 run.go:74] "command failed" err="unknown flag: --profilling"',
    'E1130 run.go:74] "command failed" err="stat /etc/kubernetes/pki/ca.crt: no such file or directory"',
    'F1130 cmd.go:62] "command failed" err="leaderelection lost"',
)


def component_down(world: World, component: str) -> tuple[str, ...]:
    """Let every static pod of a control-plane component crash; return the names that stand for it."""
    pods = system(world, "Pod", component)
    words = world.rng.choice(COMPONENT_WORDS)
    for pod in pods:
        w = world.workloads[0]
        since = world.since
        kubelet.crash_loop(
            world, w, pod, code=1, since=since, run=1, lines=[words], container=component, lang="go", head=False
        )
    world.show_system = world.show_system or world.chance(0.6)
    hidden = not world.show_system
    if hidden:
        world.logs = {k: v for k, v in world.logs.items() if f"/{component}" not in k}
    nodes = tuple(f"Node/{p['spec']['nodeName']}" for p in pods)
    return (*map(ref, pods), *nodes, f"Lease/{component}")


@mechanism("node.scheduler-down", scope="cluster", nodes=(2, 40))
def scheduler_down(world: World) -> Expect:
    """The scheduler does not run: new pods are Pending without any condition, and no event comes.

    https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/
    """
    also = component_down(world, "kube-scheduler")
    w = world.victim(("Deployment", "StatefulSet"))
    world.minor = max(world.minor, 26)
    hit = replaced(world, w, world.rng.randint(1, w.replicas), bound=False, at=world.after(world.since, 30))
    return kit.in_place(w, "node.scheduler-down", pods=hit, also=also, harmful=frozenset({"restart_deployment"}))


@mechanism("node.controller-manager-down", scope="cluster", nodes=(2, 40))
def controller_manager_down(world: World) -> Expect:
    """The controller manager does not run: a changed Deployment is not observed and a missing pod not made.

    https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
    """
    also = component_down(world, "kube-controller-manager")
    w = world.victim()
    settle.workload(world, w)
    for each in world.workloads:
        if each.service is not None:
            settle.endpoint_slice(world, each.service)
    w.frozen = True
    world.stale_endpoints = True
    w.obj["metadata"]["generation"] += 1
    if world.chance(0.5):
        spec = w.obj["spec"]["template"] = deepcopy(w.obj["spec"]["template"])
        main_of(w, spec["spec"])["image"] = kubelet.broken_name(world, w.main["image"]).rsplit("-", 1)[0]
    else:
        w.obj["spec"]["replicas"] = w.replicas + world.rng.randint(1, 3)
    if world.chance(0.5):
        gone = w.pods.pop()
        text = f"Stopping container {w.container}"
        world.kubelet(gone, "Killing", text, first=world.after(world.since, 60), container=w.container)
    harmful = frozenset({"restart_deployment", "scale_deployment"})
    return kit.in_place(w, "node.controller-manager-down", pods=w.pods, also=also, harmful=harmful)


def _deletion(resource: str, finalizer: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return the conditions of a namespace in which one object is left."""
    return (
        ("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            "False",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        (
            "NamespaceDeletionContentFailure",
            "False",
            "ContentDeleted",
            ("All content successfully deleted, may be waiting on finalization"),
        ),
        (
            "NamespaceContentRemaining",
            "True",
            "SomeResourcesRemain",
            f"Some resources are remaining: {resource} has 1 resource instances",
        ),
        (
            "NamespaceFinalizersRemaining",
            "True",
            "SomeFinalizersRemain",
            f"Some content in the namespace has finalizers remaining: {finalizer} in 1 resource instances",
        ),
    )


@mechanism("namespace.terminating", scope="cluster")
def terminating(world: World) -> Expect:
    """The namespace is being deleted and an object's finalizer keeps it: nothing can be made in it any more.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/ and
    https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    """
    world.workloads.clear()
    world.extra.clear()
    world.events.clear()
    world.logs.clear()
    at, rng = world.since, world.rng
    kind, plural, group = rng.choice(
        (
            ("Database", "databases", "db.example.com"),
            ("Bucket", "buckets", "storage.example.com"),
            ("Tunnel", "tunnels", "net.example.com"),
        )
    )
    finalizer = f"{group}/{rng.choice(('cleanup', 'protection', 'deprovision'))}"
    held = world.new(f"{group}/v1", kind, f"main-{kind.lower()}", world.ago(86400 * 40), spec={"tier": "small"})
    held["metadata"] |= {"deletionTimestamp": stamp(at), "deletionGracePeriodSeconds": 0, "finalizers": [finalizer]}
    world.add(held)
    rows = _deletion(f"{plural}.{group}", finalizer)
    conditions = [condition(t, s, world.after(at, 8), r, m) for t, s, r, m in rows]
    status: Obj = {"phase": "Terminating", "conditions": conditions}
    name = world.namespace
    labels = {"kubernetes.io/metadata.name": name}
    space = world.new("v1", "Namespace", name, world.ago(86400 * 90), namespace="", labels=labels, status=status)
    space["metadata"]["deletionTimestamp"] = stamp(at)
    space["spec"] = {"finalizers": ["kubernetes"]}
    world.add(space)
    return Expect(("namespace.terminating",), (f"Namespace/{name}", ref(held)), frozenset({"none"}), kit.ALL, None)

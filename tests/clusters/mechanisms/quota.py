"""Creates that a ResourceQuota or LimitRange refuses: family `quota`.

https://kubernetes.io/docs/concepts/policy/resource-quotas/ and https://kubernetes.io/docs/concepts/policy/limit-range/
"""

from __future__ import annotations

from tests.clusters import settle
from tests.clusters.changes import main_of, new_revision, refuse_pods
from tests.clusters.model import NONE, RESTART, ROLLBACK, SCALE, Expect, Obj, Workload, cpu_text, memory_text, name_of
from tests.clusters.registry import mechanism
from tests.clusters.scheduler import asked
from tests.clusters.world import World, condition

from . import kit

BLOCKED = frozenset({RESTART, SCALE})


def quota(world: World, hard: dict[str, str]) -> Obj:
    """Add a ResourceQuota that is older than the fault."""
    name = world.rng.choice(("compute-quota", "team-quota", "namespace-quota", "default-quota"))
    at = world.ago(world.rng.randint(30, 300) * 86400)
    return world.add(world.new("v1", "ResourceQuota", name, at, spec={"hard": hard}))


def one_more(world: World, w: Workload, found: Obj, asks: dict[str, str], change: object = None) -> Expect:
    """Let one pod more than the quota allows be refused: in a rolling update that may not take a pod away first."""
    w.obj["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    hard = found["spec"]["hard"]
    parts = [", ".join(f"{k}={v}" for k, v in row.items()) for row in (asks, {k: settle.used(world, k) for k in asks})]
    limited = ", ".join(f"{k}={hard[k]}" for k in asks)
    text = f"exceeded quota: {name_of(found)}, requested: {parts[0]}, used: {parts[1]}, limited: {limited}"
    tick = {"name": "RELEASE", "value": str(world.rng.randint(2, 99))}
    broken = refuse_pods(
        world,
        w,
        f'pods "{{}}" is forbidden: {text}',
        install=False,
        change=lambda spec: main_of(w, spec)["env"].append(tick),
    )
    assert broken.serving
    plans = frozenset({ROLLBACK}) | NONE
    return kit.expect(
        w, f"quota.{_code(asks)}", pods=[], also=(f"ResourceQuota/{name_of(found)}",), plans=plans, harmful=BLOCKED
    )


def _code(asks: dict[str, str]) -> str:
    return next(iter(asks)).rsplit(".", 1)[-1]


def _sum(w: Workload, what: str, side: str) -> int:
    return asked(w.latest.template["spec"], what, side)


@mechanism("quota.cpu", scope="namespace")
def quota_cpu(world: World) -> Expect:
    """The namespace's CPU quota has no room for one pod more."""
    w = world.victim()
    side = world.rng.choice(("requests", "limits"))
    need = _sum(w, "cpu", side)
    key = f"{side}.cpu"
    have = sum(asked(p["spec"], "cpu", side) for p in world.pods() if p["metadata"]["namespace"] == world.namespace)
    return one_more(world, w, quota(world, {key: cpu_text(have + need // 2)}), {key: cpu_text(need)})


@mechanism("quota.memory", scope="namespace")
def quota_memory(world: World) -> Expect:
    """The namespace's memory quota has no room for one pod more."""
    w = world.victim()
    side = world.rng.choice(("requests", "limits"))
    need = _sum(w, "memory", side)
    key = f"{side}.memory"
    have = sum(asked(p["spec"], "memory", side) for p in world.pods() if p["metadata"]["namespace"] == world.namespace)
    return one_more(world, w, quota(world, {key: memory_text(have + need // 2)}), {key: memory_text(need)})


@mechanism("quota.pods", scope="namespace")
def quota_pods(world: World) -> Expect:
    """The namespace holds as many pods as its quota allows."""
    w = world.victim()
    return one_more(world, w, quota(world, {"pods": settle.used(world, "pods")}), {"pods": "1"})


@mechanism("quota.memory", scope="namespace")
def quota_must_state(world: World) -> Expect:
    """The quota counts memory limits, so every container has to state one; the new revision's does not.

    https://kubernetes.io/docs/concepts/policy/resource-quotas/#requests-compared-to-limits
    """
    w = world.victim()
    found = quota(world, {"limits.memory": "512Gi"})

    def drop(spec: Obj) -> None:
        main_of(w, spec)["resources"].pop("limits")

    text = f"failed quota: {name_of(found)}: must specify limits.memory for: {w.container}"
    broken = refuse_pods(world, w, f'pods "{{}}" is forbidden: {text}', change=drop)
    also = (f"ResourceQuota/{name_of(found)}",)
    return kit.expect(w, "quota.memory", pods=[], also=also, plans=broken.plans(), harmful=broken.harmful() | BLOCKED)


@mechanism("quota.limit-range", scope="namespace")
def limit_range(world: World) -> Expect:
    """The new revision states more than the LimitRange lets a container have, or less than it must."""
    w = world.victim()
    case = world.rng.choice(("max-cpu", "max-memory", "min-memory"))
    what = case.split("-")[1]
    now = settle.used(world, "pods")
    bound = {"max-cpu": "4", "max-memory": "4Gi", "min-memory": "32Mi"}[case]
    wish = {"max-cpu": "6", "max-memory": "6Gi", "min-memory": "16Mi"}[case]
    row: Obj = {"type": "Container", case.split("-")[0]: {what: bound}}
    name = world.rng.choice(("limits", "container-limits", "default-limits"))
    world.add(world.new("v1", "LimitRange", name, world.ago(86400 * 90 + int(now)), spec={"limits": [row]}))

    def state(spec: Obj) -> None:
        resources = main_of(w, spec)["resources"]
        if case == "min-memory":
            resources["requests"]["memory"] = wish
        else:
            resources["limits"][what] = wish

    over = f"maximum {what} usage per Container is {bound}, but limit is {wish}"
    under = f"minimum {what} usage per Container is {bound}, but request is {wish}"
    text = f'pods "{{}}" is forbidden: {under if case == "min-memory" else over}'
    broken = refuse_pods(world, w, text, change=state)
    plans = broken.plans()
    harmful = broken.harmful() | BLOCKED
    return kit.expect(w, "quota.limit-range", pods=[], also=(f"LimitRange/{name}",), plans=plans, harmful=harmful)


@mechanism("quota.storage", scope="namespace")
def quota_storage(world: World) -> Expect:
    """A StatefulSet cannot make the claim of its next pod: the storage quota is used up."""
    w = world.victim(("StatefulSet",))
    size = world.rng.choice((20, 50, 100))
    claim: Obj = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard"},
    }
    claim["spec"]["resources"] = {"requests": {"storage": f"{size}Gi"}}
    broken = new_revision(world, w, lambda spec: spec, bound=False, first=True)
    w.pods.clear()
    world.events = [e for e in world.events if e["involvedObject"]["name"] != name_of(w.obj)]
    w.obj["spec"]["volumeClaimTemplates"] = [{"apiVersion": "v1", "kind": "PersistentVolumeClaim", **claim}]
    held = settle.used(world, "requests.storage")
    hard = f"{int(held.removesuffix('Gi')) + size // 2}Gi"
    found = quota(world, {"requests.storage": hard})
    name, pod = f"data-{name_of(w.obj)}-0", f"{name_of(w.obj)}-0"
    why = f"exceeded quota: {name_of(found)}, requested: requests.storage={size}Gi, used: requests.storage={held}, "
    why += f"limited: requests.storage={hard}"
    text = f"create Claim {name} Pod {pod} in StatefulSet {name_of(w.obj)} failed error: "
    text += f'persistentvolumeclaims "{name}" is forbidden: {why}'
    count = max(2, int((world.now - world.since).total_seconds() // 60))
    by = "statefulset-controller"
    world.event(w.obj, "FailedCreate", text, by=by, first=world.since, last=world.ago(15), count=count, warning=True)
    also = (f"ResourceQuota/{name_of(found)}", f"PersistentVolumeClaim/{name}")
    return kit.expect(w, "quota.storage", pods=broken.pods, also=also)


@mechanism("quota.services", scope="namespace")
def quota_services(world: World) -> Expect:
    """A release adds a Service that the quota refuses; the controller that applies the release reports it.

    https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-on-object-count
    """
    w = world.victim(called=True)
    service = w.service
    assert service is not None
    kit.caller_says(world, w, "no-host")
    w.service = None
    found = quota(world, {"services": settle.used(world, "services")})
    name, count = name_of(service), found["spec"]["hard"]["services"]
    why = (
        f'services "{name}" is forbidden: exceeded quota: {name_of(found)}, '
        f"requested: services=1, used: services={count}, "
    )
    why += f"limited: services={count}"
    text = f"Service/{world.namespace}/{name} dry-run failed (Forbidden): {why}"
    at = world.since
    status = {"conditions": [condition("Ready", "False", at, "ReconciliationFailed", text, observedGeneration=3)]}
    spec = {
        "interval": "5m0s",
        "path": f"./apps/{w.name}",
        "prune": True,
        "sourceRef": {"kind": "GitRepository", "name": "apps"},
    }
    sync = world.new("kustomize.toolkit.fluxcd.io/v1", "Kustomization", w.name, w.born, spec=spec, status=status)
    world.add(sync)
    world.event(
        sync,
        "ReconciliationFailed",
        text,
        by="kustomize-controller",
        first=at,
        last=world.ago(30),
        count=4,
        warning=True,
    )
    return kit.expect(
        w, "quota.services", also=(f"ResourceQuota/{name_of(found)}", f"Service/{name}", f"Kustomization/{w.name}")
    )

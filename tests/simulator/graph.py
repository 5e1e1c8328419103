"""Make a random platform: a call graph of 3 to 30 services with stores, sized for its own traffic."""

import random
from graphlib import TopologicalSorter

from tests.simulator.model import Call, Part, Platform, Pod, Profile, Revision, Role

ENTRIES = ("web", "api-gateway", "mobile-bff", "partner-api", "edge")
NAMES = (
    "cart checkout payment catalog search pricing stock shipping invoice profile session review rating media "
    "image-resize geo tax coupon loyalty fraud ledger quote booking seat menu courier route notify template audit "
    "consent token feature experiment feed comment tag archive report export"
).split()
DATABASES = ("postgres", "mysql", "mongo")
LETTERS = "bcdfghjklmnpqrstvwxz2456789"
BASE_TIME = 1_780_272_000
DAY = 86400


def word(rng: random.Random, length: int) -> str:
    """Return letters and digits as in the names of pods."""
    return "".join(rng.choice(LETTERS) for _ in range(length))


def build(rng: random.Random) -> Platform:
    """Return a random platform without anything special going on."""
    entries = dict.fromkeys(rng.sample(ENTRIES, rng.choice((1, 1, 1, 2, 2, 3))), 0.0)
    size = rng.randint(3, 30)
    layers = _layers(rng, list(entries), size)
    calls = _service_calls(rng, layers)
    roles: dict[str, Role] = {name: "service" for layer in layers for name in layer}
    consumers = _stores(rng, roles, calls, list(entries))
    for name in entries:
        entries[name] = round(10 ** rng.uniform(0.9, 2.4), 1)
    order = _order(roles, calls, consumers)
    nodes = {f"node-{word(rng, 4)}": float(rng.choice((8, 16, 16, 32))) for _ in range(rng.randint(3, 6))}
    step = rng.choice((15, 30))
    start = BASE_TIME + rng.randrange(0, 120 * DAY)
    style = rng.choice(("", "", "-deployment", "-app"))
    suffix = rng.choice(("", "", "-service", "-svc"))
    renamed = {name: name + (suffix if role == "service" else "") for name, role in roles.items()}
    parts = {
        renamed[n]: _part(rng, renamed[n], roles[n], renamed[n] + style if roles[n] == "service" else n) for n in order
    }
    platform = Platform(
        namespace=rng.choice(("shop", "prod", "default", "platform", "bookings")),
        parts=parts,
        calls=[_renamed(call, renamed) for call in calls],
        entries={renamed[name]: rate for name, rate in entries.items()},
        consumers={renamed[queue]: renamed[consumer] for queue, consumer in consumers.items()},
        nodes=nodes,
        order=[renamed[name] for name in order],
        start=float(start),
        step=step,
        count=rng.randint(120, 240),
        daily=rng.uniform(0.15, 0.5),
        peak_hour=rng.uniform(11, 21),
        profile=_profile(rng),
    )
    for part in parts.values():
        part.saw_s = min(part.saw_s, (platform.end - platform.start) / 3.5)
    _size(rng, platform)
    return platform


def _renamed(call: Call, names: dict[str, str]) -> Call:
    return Call(names[call.caller], names[call.callee], call.times, call.timeout_s, call.retries, call.soft)


def _layers(rng: random.Random, entries: list[str], size: int) -> list[list[str]]:
    """Return the services in layers; a service is called from layers above its own."""
    names = rng.sample(NAMES, max(2, size - len(entries)))
    depth = min(len(names), rng.randint(1, 5))
    layers: list[list[str]] = [entries, *[[name] for name in names[:depth]]]
    for name in names[depth:]:
        layers[rng.randint(1, depth)].append(name)
    return layers


def _call(rng: random.Random, caller: str, callee: str) -> Call:
    times = rng.choice((0.3, 0.5, 0.8, 1.0, 1.0, 1.0, 1.0, 1.5, 2.0))
    retries = rng.choice((0, 0, 0, 1, 2))
    return Call(caller, callee, times, rng.choice((2.0, 3.0, 5.0, 10.0)), retries, rng.random() < 0.08)


def _service_calls(rng: random.Random, layers: list[list[str]]) -> list[Call]:
    calls: list[Call] = []
    for depth in range(1, len(layers)):
        above = [name for layer in layers[:depth] for name in layer]
        for name in layers[depth]:
            first = rng.choice(layers[depth - 1])
            others = rng.sample(above, min(len(above), rng.choice((0, 0, 1, 1, 2))))
            calls.extend(_call(rng, caller, name) for caller in sorted({first, *others}))
    calling = {call.caller for call in calls}
    for entry in layers[0]:
        if entry not in calling:
            calls.append(_call(rng, entry, rng.choice(layers[1])))
    return calls


def _stores(rng: random.Random, roles: dict[str, Role], calls: list[Call], entries: list[str]) -> dict[str, str]:
    """Add databases, caches and a queue with its consumer; return the consumer of each queue."""
    inner = [name for name in roles if name not in entries]
    consumers: dict[str, str] = {}
    if rng.random() < 0.6:
        producer = rng.choice(inner)
        queue, consumer = f"{producer}-queue", f"{producer}-worker"
        roles[queue], roles[consumer] = "queue", "service"
        calls.append(Call(producer, queue, rng.choice((0.2, 0.5, 1.0)), 5.0, 0, False))
        calls.append(Call(consumer, queue, 0.0, 5.0, 0, False))
        consumers[queue] = consumer
    for owner in rng.sample(inner, max(1, round(len(inner) * rng.uniform(0.15, 0.4)))):
        store = f"{owner}-db"
        roles[store] = "database"
        users = {owner, *rng.sample(inner, min(len(inner), rng.choice((0, 0, 1, 2)))), *consumers.values()}
        keep = [user for user in sorted(users) if user == owner or rng.random() < 0.7]
        calls.extend(Call(u, store, rng.choice((0.5, 1.0, 1.0, 2.0, 3.0)), 5.0, 0, False) for u in keep)
    if rng.random() < 0.5:
        store = f"{rng.choice(inner)}-cache"
        roles[store] = "cache"
        for user in rng.sample(inner, min(len(inner), rng.randint(1, 3))):
            calls.append(Call(user, store, rng.choice((1.0, 2.0)), 1.0, 0, True))
    return consumers


def _order(roles: dict[str, Role], calls: list[Call], consumers: dict[str, str]) -> list[str]:
    """Return all parts so that traffic flows from the front to the back."""
    before: dict[str, list[str]] = {name: [] for name in roles}
    for call in calls:
        if call.times > 0:
            before[call.callee].append(call.caller)
    for queue, consumer in consumers.items():
        before[consumer].append(queue)
    return list(TopologicalSorter(before).static_order())


def _part(rng: random.Random, name: str, role: Role, workload: str) -> Part:
    engine = {"service": name, "database": rng.choice(DATABASES), "cache": "redis", "queue": "rabbitmq"}[role]
    part = Part(
        name, role, workload, engine if role != "service" else rng.choice((name, "app", f"{name}-container")), engine
    )
    part.cost_s = 10 ** rng.uniform(-3.0, -1.7) if role == "service" else 10 ** rng.uniform(-3.7, -2.8)
    part.wait_s = 10 ** rng.uniform(-3.0, -1.7) if role == "service" else 10 ** rng.uniform(-3.5, -2.3)
    part.spread = rng.uniform(0.4, 1.2)
    part.idle = rng.uniform(0.002, 0.02)
    part.base_error = rng.choice((0.0, 0.0, 0.0001, 0.0004, 0.001)) if role == "service" else 0.0
    part.parallel = rng.random() < 0.3
    part.memory_limit = float(rng.choice((128, 256, 256, 512, 1024, 2048))) * 1024 * 1024
    part.memory_base = rng.uniform(0.25, 0.6)
    part.memory_saw = rng.choice((0.0, 0.0, rng.uniform(0.05, 0.25)))
    part.saw_s = rng.uniform(240, 1800)
    part.connections_limit = rng.choice((100, 100, 200, 300, 500))
    part.disk_size = float(rng.choice((5, 10, 20, 50, 100))) * 1024**3
    part.disk_base = rng.uniform(0.2, 0.7)
    return part


def _profile(rng: random.Random) -> Profile:
    sets = (
        ("p50", "p95", "p99"),
        ("p95",),
        ("p50", "p95"),
        ("p95", "p99"),
        ("avg", "p95"),
        ("p50", "p90", "p99"),
        ("avg", "p99"),
    )
    return Profile(
        latencies=tuple(f"latency_{name}" for name in rng.choice(sets)),
        error_metrics=rng.choice((("errors",), ("success",), ("errors", "success"))),
        pod_kind=rng.choice(("Container", "Container", "Container", "Pod")),
        packets=rng.random() < 0.5,
        ready=rng.random() < 0.8,
        up=rng.random() < 0.6,
        window=rng.choice((2, 4, 4, 5)),
        nulls=rng.random() < 0.5,
        pvc_metric=rng.random() < 0.6,
    )


def rates(platform: Platform) -> dict[str, float]:
    """Return the requests per second of every part under the base traffic."""
    flow = dict.fromkeys(platform.order, 0.0)
    flow.update(platform.entries)
    for name in platform.order:
        if name in platform.consumers:
            flow[platform.consumers[name]] = flow[name]
        for call in platform.calls:
            if call.caller == name and call.times > 0:
                flow[call.callee] += flow[name] * call.times
    return flow


def _make_rare(rng: random.Random, platform: Platform) -> None:
    """Let one service at the edge of the graph be called almost never."""
    leaves = [
        n
        for n in platform.services()
        if not platform.callees(n) and len(platform.callers(n)) == 1 and n not in platform.entries
    ]
    if leaves and rng.random() < 0.35:
        name = rng.choice(leaves)
        flow = rates(platform)
        for at, call in enumerate(platform.calls):
            if call.callee == name:
                times = min(call.times, rng.uniform(0.003, 0.03) / max(flow[call.caller], 0.01))
                platform.calls[at] = Call(call.caller, name, times, call.timeout_s, call.retries, call.soft)
        platform.parts[name].rare = True


def _size(rng: random.Random, platform: Platform) -> None:
    """Choose replicas and limits so that every part has room to spare, and place the pods."""
    _make_rare(rng, platform)
    flow = rates(platform)
    for name, part in platform.parts.items():
        rate = max(flow[name], 0.01)
        part.cost_s = min(part.cost_s, 6.0 / rate)
        need = rate * part.cost_s
        replicas = max(rng.choice((1, 2, 2, 3)), min(5, round(need / 1.5))) if part.role == "service" else 1
        used = rng.uniform(0.15, 0.5)
        per_pod = (need * (1 + platform.daily / 2) / replicas + part.idle) / used
        part.cpu_limit = max(0.1, round(per_pod / 0.05 + 0.5) * 0.05)
        part.workers = max(4, round(rate / replicas * (part.cost_s + part.wait_s) * 8))
        part.wait_s = min(part.wait_s, 50 / rate)
        _place(rng, platform, part, replicas)
    load = {
        node: sum(p.cpu_limit for p in platform.parts.values() for pod in p.pods if pod.node == node)
        for node in platform.nodes
    }
    for node, used_cores in load.items():
        while platform.nodes[node] < used_cores * 1.2:
            platform.nodes[node] *= 2


def _place(rng: random.Random, platform: Platform, part: Part, replicas: int) -> None:
    nodes = rng.sample(sorted(platform.nodes), len(platform.nodes))
    number = rng.randint(1, 40)
    created = platform.start - rng.uniform(1, 60) * DAY
    part.revisions = [Revision(number, word(rng, 10), created)]
    for index in range(replicas):
        name = f"{part.workload}-{index}"
        if part.role == "service":
            name = f"{part.workload}-{part.revisions[0].hash}-{word(rng, 5)}"
        part.pods.append(Pod(name, nodes[index % len(nodes)], created + rng.uniform(5, 60)))

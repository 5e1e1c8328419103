"""Move the blame along the calls: from the one that complains to the one that fails."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from opsagent.analysis.figures.stats_causes import is_cache
from opsagent.analysis.reasoning.suspects import Suspect, depth
from opsagent.analysis.reasoning.topology_view import World
from opsagent.models.evidence import Finding

_DATABASES = (
    "postgres",
    "postgresql",
    "pgsql",
    "mysql",
    "mariadb",
    "mongo",
    "cassandra",
    "oracle",
    "mssql",
    "database",
    "-db",
    "db-",
)
# A complaint about somebody else: with the one that it names ill, that one is the cause.
MOVABLE = frozenset(
    {"network.refused", "network.timeout", "dependency.down", "dependency.cache-down", "db.unreachable"}
)
# What a service says when something that it calls fails; of itself it proves nothing about the service.
_COMPLAINTS = MOVABLE | {"network.delay", "network.loss", "access.credentials", "pod.hung", "probe.failing", "unknown"}
# What makes a process wait, and does not end it.
_CONTENTION = frozenset({"db.locked", "db.deadlock", "load.thread-pool", "dependency.rate-limited", "pod.hung"})
_EXPLAINING = 0.45  # from this score on a suspect explains what follows from it
_EXPLAINED = 0.5  # what is left of a suspect that an earlier link explains
_FIRM = 0.7  # from this score on it does so in a service that reads as healthy
_FOLLOWS = depth("pod.crash-app-error")  # what a program may do because its dependency is away
_NOT_READY = 0.3  # what a refusal says of a program behind a Service without a Ready pod
# What a caller meets where no pod of a service is Ready, whatever keeps the pod from it.
_FROM_OUTSIDE = frozenset({"dependency.down", "dependency.cache-down", "service.no-endpoints", "network.refused"})
_DEAD = 0.4  # what is left of a contention in a process that is gone


def accused(finding: Finding, world: World) -> Finding:
    """Return the complaint as a finding about the one that it names, where that one is known to be ill.

    Where nobody looked at it, a refusal suffices: nothing listens there, and it is a service of this platform.
    """
    callee = world.service_at(finding.blames)
    if callee is None or callee == finding.service or finding.code not in MOVABLE:
        return finding
    state = world.state(callee)
    if state == "healthy" or (state == "unknown" and finding.code == "network.timeout"):
        return finding
    code = "pod.hung" if finding.code == "network.timeout" else "dependency.down"
    if is_cache(callee):
        code = "dependency.cache-down"
    elif is_database(callee):
        code = "db.unreachable"
    summary = finding.summary if code == finding.code else _summary(code, callee)
    if finding.code == "network.refused" and callee in world.held_back:
        # A Service without a Ready pod refuses for it: that proves nobody dead, only that the pod is not Ready.
        finding = replace(finding, strength=min(finding.strength, _NOT_READY))
    return replace(finding, code=code, service=callee, object=world.owners.get(callee), summary=summary)


def explain(suspects: list[Suspect], world: World, complainers: Mapping[str, Collection[str]]) -> None:
    """Let each first link take over what follows from it: at the same place, in its callers, and below a sick node.

    `complainers[x]` are the services whose own logs blame x.
    """
    ill = {name for name, health in world.healths.items() if health.state == "faulty"}
    crashed = {suspect.service for suspect in suspects if suspect.code.startswith("pod.")}
    dead = {suspect.service for suspect in suspects if _ended(suspect)} - world.held_back
    for suspect in suspects:
        waits = suspect.code in _CONTENTION or (suspect.code in _COMPLAINTS and suspect.service not in crashed)
        elsewhere = bool(ill) and ill <= dead and world.state(suspect.service) == "healthy"
        if waits and (suspect.service in dead or elsewhere) and _only_logged(suspect):
            suspect.weight *= _DEAD
    order = sorted(suspects, key=lambda s: (depth(s.code), -s.score))
    for later in reversed(order):
        for first in order:
            if first is later or first.score < _EXPLAINING:
                continue
            blamed = later.service in complainers.get(first.service or "", ()) and depth(later.code) >= _FOLLOWS
            if blamed or _explains(first, later, world):
                later.weight *= _EXPLAINED
                first.support.extend(later.findings)
                break


def is_database(name: str) -> bool:
    """Return whether a service is a database by its name."""
    return any(word in name.lower() for word in _DATABASES)


def _explains(first: Suspect, later: Suspect, world: World) -> bool:
    earlier = depth(first.code) < depth(later.code)
    if _own_pods(first, world) and later.code in _FROM_OUTSIDE and first.service == later.service:
        return True  # a service's own pods speak first
    if first.service is not None and first.service == later.service:
        return earlier and first.score > later.score - 0.35
    if first.object is not None and first.object == later.object:
        return earlier and first.score > later.score - 0.35
    if first.service and later.service and first.service in world.graph.below(later.service):
        sick = world.state(first.service) != "healthy" or first.score >= _FIRM
        return sick and later.code in _COMPLAINTS and not _ended(later)
    # A stopped controller manager breaks no pod that is there; a node takes all of its pods along.
    return (
        first.code.startswith("node.")
        and first.code != "node.controller-manager-down"
        and depth(later.code) >= depth("pod.evicted")
    )


def _own_pods(suspect: Suspect, world: World) -> bool:
    """Whether a suspect names what keeps the pods of a service from being Ready, as seen on the pods themselves."""
    if suspect.service not in world.held_back or suspect.code in _FROM_OUTSIDE:
        return False
    return any(o.source not in ("health", "stats") for f in suspect.findings for o in f.observations)


def _ended(suspect: Suspect) -> bool:
    """Whether looks, not only logs, show that the process is gone: nobody else's failure does that."""
    if suspect.code not in ("dependency.down", "dependency.cache-down"):
        return False
    return any(o.source != "logs" for finding in suspect.findings for o in finding.observations)


def _only_logged(suspect: Suspect) -> bool:
    return all(o.source == "logs" for finding in suspect.findings for o in finding.observations)


def _summary(code: str, callee: str) -> str:
    if code == "dependency.cache-down":
        return f"The cache {callee} does not answer the services that use it."
    if code == "db.unreachable":
        return f"The database {callee} cannot be reached by the services that use it."
    if code == "pod.hung":
        return f"{callee} is hung: the services that call it wait in vain."
    return f"{callee} is down: the services that call it cannot reach it."

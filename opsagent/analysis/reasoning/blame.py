"""Move the blame along the calls: from the one that complains to the one that fails."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.reasoning.suspects import Suspect
from opsagent.analysis.reasoning.topology_view import World
from opsagent.models.evidence import Finding

_EXPLAINING = 0.45  # from this score on a suspect explains what follows from it
_EXPLAINED = 0.5  # what is left of a suspect that an earlier link explains
_FIRM = 0.7  # from this score on it does so in a service that reads as healthy
_NOT_READY = 0.3  # what a refusal reports about a program behind a Service without a Ready pod
_DEAD = 0.4  # what is left of a contention in a process that is gone


def accused(finding: Finding, world: World) -> Finding:
    """Return the complaint as a finding about the one that it names, where that one is known to be faulty.

    Where nobody checked it, a refusal suffices: nothing listens there, and it is a service of this platform.
    """
    callee = world.service_at(finding.blames)
    if callee is None or callee == finding.service or not world.catalog.about_callee(finding.code):
        return finding
    state = world.state(callee)
    if state == "unknown" and world.owners and callee not in world.owners:
        return finding  # nothing is left behind that name: the check of its Service names that
    failure = world.catalog.about(finding.code).failure
    if state == "healthy" or (state == "unknown" and failure == "silent"):
        # What names a service of the platform as down is about that one, however it reads; a refusal may be the path's.
        named = world.catalog.is_a(finding.code, "dependency") and callee in world.owners
        return replace(finding, service=callee, object=world.owners[callee]) if named else finding
    code = world.catalog.unreached(world.catalog.peer_kind(name=callee), silent=failure == "silent")
    summary = finding.summary if code == finding.code else _summary(world.catalog, code, callee)
    if failure == "refused" and callee in world.held_back:
        # A Service without a Ready pod refuses for it: that proves nobody dead, only that the pod is not Ready.
        finding = replace(finding, strength=min(finding.strength, _NOT_READY))
    return replace(finding, code=code, service=callee, object=world.owners.get(callee), summary=summary)


def explain(suspects: list[Suspect], world: World, complainers: Mapping[str, Collection[str]]) -> None:
    """Let each first link take over what follows from it: at the same place, in its callers, and below a sick node.

    `complainers[x]` are the services whose own logs blame x.
    """
    known = world.catalog
    order_of = known.order
    ill = {name for name, health in world.healths.items() if health.state == "faulty"}
    crashed = {suspect.service for suspect in suspects if known.about(suspect.code).family == "pod"}
    dead = {suspect.service for suspect in suspects if _ended(suspect, known)} - world.held_back
    for suspect in suspects:
        waits = known.is_a(suspect.code, "contention") or (
            known.is_a(suspect.code, "complaint") and suspect.service not in crashed
        )
        elsewhere = bool(ill) and ill <= dead and world.state(suspect.service) == "healthy"
        if waits and (suspect.service in dead or elsewhere) and _only_logged(suspect):
            suspect.weight *= _DEAD
    order = sorted(suspects, key=lambda s: (order_of(s.code), -s.score))
    for later in reversed(order):
        for first in order:
            if first is later or first.score < _EXPLAINING:
                continue
            reports = later.service in complainers.get(first.service or "", ())
            blamed = reports and known.about(later.code).follows
            if blamed or _explains(first, later, world):
                later.weight *= _EXPLAINED
                first.support.extend(later.findings)
                break


def _explains(first: Suspect, later: Suspect, world: World) -> bool:
    known = world.catalog
    earlier = known.order(first.code) < known.order(later.code)
    if _in_cluster_store(first, later, world) or _is_reported(first, later):
        return True
    if _own_pods(first, world) and known.is_a(later.code, "from-outside") and first.service == later.service:
        return True  # a service's own pods speak first
    if first.service is not None and first.service == later.service:
        firmly = earlier and first.score > later.score - 0.35 and not _probed(later, first, known)
        return firmly or _probed(first, later, known)
    if first.object is not None and first.object == later.object:
        return earlier and first.score > later.score - 0.35
    if first.service and later.service and first.service in world.graph.below(later.service):
        sick = world.state(first.service) != "healthy" or first.score >= _FIRM
        return sick and known.is_a(later.code, "complaint") and not _ended(later, known)
    # A node takes all of its pods along; a stopped controller manager breaks no pod that is there. A device that is
    # lost is one that no node offers any more.
    lost = known.is_a(later.code, "device") and later.code in known.explains(first.code)
    return known.is_a(first.code, "whole-node") and (lost or known.about(later.code).follows)


def _is_reported(first: Suspect, later: Suspect) -> bool:
    """Whether a workload's log only reports what a node, an Ingress or a Service itself is found to have."""
    own = (first.object or "").partition("/")[0] in ("Node", "Ingress", "Service") and not _only_logged(first)
    return own and first.code == later.code and later.object != first.object and _only_logged(later)


def _in_cluster_store(suspect: Suspect, later: Suspect, world: World) -> bool:
    """Whether a suspect is a fault that the cluster's own store states of itself: its etcd, which no controller owns.

    Controller manager and scheduler give up where it does not renew their leases in time.
    """
    known = world.catalog
    if not known.is_a(later.code, "control-plane") or known.is_a(suspect.code, "control-plane"):
        return False
    if known.is_a(suspect.code, "complaint"):
        return False
    if (suspect.object or "").partition("/")[0] not in ("Node", "Pod"):
        return False
    places = [o.where.split("/") for finding in suspect.findings for o in finding.observations if o.source == "logs"]
    return any(len(place) == 3 and place[2].partition(".")[0] == "etcd" for place in places)


def _probed(probe: Suspect, words: Suspect, catalog: Catalog) -> bool:
    """Whether a program's words about a wrong protocol are about the probe that speaks it."""
    own = catalog.about(probe.code).family == "probe" and words.code in catalog.explains(probe.code)
    told = catalog.about(words.code).failure == "protocol" and _only_logged(words)
    return own and told and probe.score >= _EXPLAINING


def _own_pods(suspect: Suspect, world: World) -> bool:
    """Whether a suspect names what keeps the pods of a service from being Ready, as seen on the pods themselves."""
    if suspect.service not in world.held_back or world.catalog.is_a(suspect.code, "from-outside"):
        return False
    return any(o.source not in ("health", "stats") for f in suspect.findings for o in f.observations)


def _ended(suspect: Suspect, catalog: Catalog) -> bool:
    """Whether checks, not only logs, show that the process is gone: nobody else's failure does that."""
    if not catalog.is_a(suspect.code, "dependency"):
        return False
    return any(o.source != "logs" for finding in suspect.findings for o in finding.observations)


def _only_logged(suspect: Suspect) -> bool:
    return all(o.source == "logs" for finding in suspect.findings for o in finding.observations)


def _summary(catalog: Catalog, code: str, callee: str) -> str:
    row = catalog.get(code)
    if row is not None and row.unreachable:
        return f"The {row.unreachable} {callee} cannot be reached by the services that use it."
    if catalog.is_a(code, "dependency"):
        return f"{callee} is down: the services that call it cannot reach it."
    return f"{callee} is hung: the services that call it wait without an answer."

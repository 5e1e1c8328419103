"""Complaints as edges: who, about whom, at which port, of what, since when; callers that agree accuse the callee.

One caller that complains of a callee that reads as healthy may be wrong itself. Several that complain of the same one
have in common what they call, not what they are.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from opsagent.analysis.reasoning.topology_view import World
from opsagent.models.evidence import Finding

_AGREE = 2  # callers
_HEALTHY_MOST = 0.6  # what callers prove of a callee whose own state reads as healthy
_SHOWN = 3
_DOMAIN = re.compile(r"(?=.*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Edge:
    """One complaint of a caller about one that it calls."""

    caller: str
    callee: str  # a service of the platform, or a host outside it
    inside: bool  # the callee is a service of the platform
    port: int | None
    code: str
    since: datetime | None
    finding: Finding


def edge_of(finding: Finding, world: World) -> Edge | None:
    """Return a complaint as an edge; None where it is not one, or does not show whom it is about."""
    known = world.catalog
    stated = known.is_a(finding.code, "of-server")
    if finding.service is None or not (known.about_callee(finding.code) or stated):
        return None
    if any(seen.source != "logs" for seen in finding.observations):
        return None  # what was checked has its own object
    callee = world.service_at(finding.blames) or (_only_callee(finding, world) if not finding.blames else None)
    host, port = _host(finding.blames)
    if callee is None and not _outside(host):
        return None
    name = callee or host
    if name == finding.service:
        return None
    return Edge(finding.service, name, callee is not None, port, finding.code, finding.at, finding)


def agreed(findings: Iterable[Finding], world: World) -> list[Finding]:
    """Return the findings; complaints of several callers about one callee are about that one, at its own workload."""
    kept = list(findings)
    grouped: dict[tuple[str, str], list[tuple[int, Edge]]] = defaultdict(list)
    for place, finding in enumerate(kept):
        edge = edge_of(finding, world)
        if edge is not None:
            kind = edge.code if world.catalog.is_a(edge.code, "of-server") else "unreachable"
            grouped[edge.callee, kind].append((place, edge))
    for (callee, kind), placed in grouped.items():
        callers = list(dict.fromkeys(edge.caller for _, edge in placed))
        if len(callers) < _AGREE:
            continue
        code = kind if kind != "unreachable" else _code([edge for _, edge in placed], world)
        summary = _summary(world, code, callee, callers)
        for place, edge in placed:
            kept[place] = _about(edge, code, summary, world)
    return kept


def _about(edge: Edge, code: str, summary: str, world: World) -> Finding:
    most = _HEALTHY_MOST if edge.inside and world.state(edge.callee) == "healthy" else 1.0
    strength = min(edge.finding.strength, most)
    owner = world.owners.get(edge.callee) if edge.inside else None
    return replace(
        edge.finding, code=code, service=edge.callee, object=owner, summary=summary, strength=strength, blames=None
    )


def _code(edges: Sequence[Edge], world: World) -> str:
    """Return what callers that reach nobody state together: the code of such a server, else hung, or down."""
    kinds = (world.catalog.peer_kind(name=edge.callee, port=edge.port) for edge in edges)
    known = next((kind for kind in kinds if world.catalog.unreachable_code(kind)), None)
    codes = {edge.code for edge in edges}
    if known is None and not edges[0].inside:
        return next(iter(sorted(codes))) if len(codes) == 1 else "network.refused"
    silent = {world.catalog.about(code).failure for code in codes} == {"silent"}
    return world.catalog.unreached(known, silent=silent)


def _summary(world: World, code: str, callee: str, callers: Sequence[str]) -> str:
    rest = f" and {len(callers) - _SHOWN} more" if len(callers) > _SHOWN else ""
    row = world.catalog.get(code)
    what = (row.meaning if row else code).rstrip(".")
    return f"{len(callers)} services complain of {callee} ({', '.join(callers[:_SHOWN])}{rest}): {what}."


def _only_callee(finding: Finding, world: World) -> str | None:
    """Return the one service of the kind that a complaint is about which its caller calls."""
    kind = "database" if world.catalog.about(finding.code).family == "db" else None
    called = world.graph.calls.get(finding.service or "", ())
    found = [name for name in called if kind and world.catalog.peer_kind(name=name) == kind]
    return found[0] if len(found) == 1 else None


def _host(blames: str | None) -> tuple[str, int | None]:
    text = (blames or "").split("//", 1)[-1].rsplit("@", 1)[-1].split("/", 1)[0].lower()
    host, mark, port = text.rpartition(":")
    return (host, int(port)) if mark and port.isdigit() and ":" not in host else (text, None)


def _outside(host: str) -> bool:
    """Return whether a host is one outside the cluster: a domain that no Service has, or an address."""
    if _ADDRESS.fullmatch(host):
        return not host.startswith("127.")
    return _DOMAIN.fullmatch(host) is not None and ".svc" not in host and host.count(".") > 1

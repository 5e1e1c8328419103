"""What logs show that the objects do not: where programs listen, and whom they call without success."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.evidence.probe_answers import probe_answers
from opsagent.analysis.evidence.proxy_complaints import ProxyComplaint, proxy_complaints
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Finding, Observation

# Such as a server that started on port 8080, or now listens at http://[::]:8080.
_LISTENS = re.compile(
    r"\b(?:listen(?:ing|s)?|serving|started|running|bound|binding|accepting connections|server (?:is )?up)\b"
    r"[^\d\n]{0,60}?\b(?:on|at|to)\b\W{0,4}"
    r"(?:(?:port|address|https?|tcp|grpc)\b\W{0,6})*"
    r"(?:(?P<host>\d+\.\d+\.\d+\.\d+|\[?::\]?|\*|localhost)?\]?:)?(?P<port>\d{2,5})\b(?![.:\d])",
    re.IGNORECASE,
)
_LOOPBACK = ("127.", "localhost")


@dataclass(frozen=True, slots=True)
class Told:
    """What is known from logs, by pod."""

    # (pod, container) -> the ports at which the program states that it listens
    listening: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    # pod -> the hosts that it calls without success
    in_vain: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # pod -> (host, port) that it calls without success, and one line that shows it
    called: Mapping[str, Mapping[tuple[str, int], Observation]] = field(default_factory=dict)
    # the pods that cannot resolve names
    unresolving: frozenset[str] = frozenset()
    # (pod, container) -> how many seconds the program took for a probe that it answered well
    probe_answers: Mapping[tuple[str, str], float] = field(default_factory=dict)
    # the pods that are spoken to in another protocol than theirs, as their own logs state
    mixed: frozenset[str] = frozenset()
    # what ingress controllers write of requests that they could not pass on
    proxied: tuple[ProxyComplaint, ...] = ()


def told_by(digests: Sequence[LogDigest], findings: Iterable[Finding], catalog: Catalog | None = None) -> Told:
    """Return what the logs of known pods show; `findings` are those of the logs."""
    known = catalog or builtin()
    in_vain: dict[str, set[str]] = defaultdict(set)
    called: dict[str, dict[tuple[str, int], Observation]] = defaultdict(dict)
    unresolving: set[str] = set()
    mixed: set[str] = set()
    for finding in findings:
        if finding.over:
            continue
        places = (observation.where.split("/") for observation in finding.observations)
        pods = {parts[1] for parts in places if len(parts) > 2 and parts[0] == "logs"}
        failure = known.about(finding.code).failure
        if failure == "unresolved":
            unresolving |= pods
        elif failure == "protocol" and not finding.blames:
            mixed |= pods
        elif known.about_callee(finding.code) and finding.blames:
            host, _, port = finding.blames.lower().rpartition(":")
            for pod in pods:
                in_vain[pod].add(finding.blames.rsplit(":", 1)[0].lower())
                if host and port.isdigit():
                    called[pod].setdefault((host, int(port)), finding.observations[0])
    listening = {
        (log.pod, log.container): ports
        for log in digests
        if log.pod and log.container and not log.previous and (ports := _ports(log))
    }
    return Told(
        listening,
        {pod: frozenset(hosts) for pod, hosts in in_vain.items()},
        called,
        frozenset(unresolving),
        probe_answers(digests),
        frozenset(mixed),
        proxy_complaints(digests),
    )


def _ports(log: LogDigest) -> frozenset[int]:
    """Return every port that the log names; none where lines that differ in their numbers were counted as one."""
    found: set[int] = set()
    for group in log.groups:
        match = _LISTENS.search(group.text[:400]) if group.kind != "noise" else None
        if match is None:
            continue
        if group.count > 1 or (match["host"] or "").startswith(_LOOPBACK):
            return frozenset()
        found.add(int(match["port"]))
    return frozenset(found)

"""What logs show that the objects do not: where programs listen, and which calls fail."""

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
_STATUS = re.compile(r"(?:HTTP/[\d.]+ )?503(?: Service (?:Temporarily )?Unavailable)?")
_UNSERVED = re.compile(
    r"\b503 Service (?:Temporarily )?Unavailable|no (?:active )?endpoints? available|\" 503 ", re.IGNORECASE
)
_REFUSED = re.compile(r"refused|reset|ECONNRE|no such host|not known", re.IGNORECASE)
_MOST = 50


@dataclass(frozen=True, slots=True)
class SilentCall:
    """A call that got no answer at all."""

    pod: str  # who calls, "" where the log does not belong to a known pod
    host: str
    port: int | None
    seen: Observation


@dataclass(frozen=True, slots=True)
class Told:
    """What is known from logs, by pod."""

    # (pod, container) -> the ports at which the program states that it listens
    listening: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    # pod -> the hosts that do not answer its calls
    in_vain: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # pod -> (host, port) that do not answer its calls, and one line that shows it
    called: Mapping[str, Mapping[tuple[str, int], Observation]] = field(default_factory=dict)
    # the calls that nobody answers
    silent: tuple[SilentCall, ...] = ()
    # the pods that cannot resolve names
    unresolving: frozenset[str] = frozenset()
    # (pod, container) -> how many seconds the program took for a probe that it answered successfully
    probe_answers: Mapping[tuple[str, str], float] = field(default_factory=dict)
    # the pods that are spoken to in another protocol than theirs, as their own logs state
    mixed: frozenset[str] = frozenset()
    # lines that show requests which nobody answered: a 503, no endpoints
    unserved: tuple[str, ...] = ()
    # what ingress controllers write of requests that they could not pass on
    proxied: tuple[ProxyComplaint, ...] = ()


def told_by(digests: Sequence[LogDigest], findings: Iterable[Finding], catalog: Catalog | None = None) -> Told:
    """Return what the logs of known pods show; `findings` are those of the logs."""
    known = catalog or builtin()
    in_vain: dict[str, set[str]] = defaultdict(set)
    called: dict[str, dict[tuple[str, int], Observation]] = defaultdict(dict)
    unresolving: set[str] = set()
    mixed: set[str] = set()
    silent: list[SilentCall] = []
    owners = {log.where: log.pod for log in digests}
    for finding in findings:
        if finding.over:
            continue
        places = (observation.where.rpartition(":L")[0] for observation in finding.observations)
        pods = {pod for pod in (owners.get(place) for place in places) if pod}
        failure = known.about(finding.code).failure
        if failure == "unresolved":
            unresolving |= pods
        elif failure == "protocol" and not finding.blames:
            mixed |= pods
        elif known.about_callee(finding.code) and finding.blames:
            host, _, port = finding.blames.lower().rpartition(":")
            if failure in ("", "silent") and not _REFUSED.search(finding.observations[0].text):
                number = int(port) if host and port.isdigit() else None
                called_host = host if number is not None else finding.blames.lower()
                silent += [SilentCall(pod, called_host, number, finding.observations[0]) for pod in pods or ("",)]
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
        tuple(silent[:_MOST]),
        frozenset(unresolving),
        probe_answers(digests),
        frozenset(mixed),
        unserved=_unserved(digests),
        proxied=proxy_complaints(digests),
    )


def _unserved(digests: Sequence[LogDigest]) -> tuple[str, ...]:
    """Return the lines that show an answer 503 or a Service without endpoints; of a bare status also what asked."""
    found: list[str] = []
    for log in digests:
        for group in log.groups:
            text = group.text[:400]
            if _STATUS.fullmatch(text.strip()):
                asked = (one.text for one in log.groups if one.first_line == group.first_line - 1)
                found += [one[:400] for one in asked]
            elif _UNSERVED.search(text):
                found.append(text)
    return tuple(found[:_MOST])


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

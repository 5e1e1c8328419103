"""Names that the resolver knows to be nobody's, where the logs show what was meant: a wrong address, not a broken DNS.

"No such host" is an answer: the resolver works. Alone it leaves open whether the name or the Service behind it is
wrong; a similar name that is known, or others that are reached by name meanwhile, decide it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.text.late import Late
from opsagent.analysis.text.levels import Level, level_of
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Finding

_MEANT, _OTHERS = 0.82, 0.62
_NOBODY = Late(
    r"no such host|name or service not known|\bENOTFOUND\b|\bEAI_NONAME\b|nodename nor servname|UnknownHost"
    r"|host not found in upstream|\bNXDOMAIN\b|name does not resolve"
)
_NO_ANSWER = Late(
    r"EAI_AGAIN|temporary failure|try again|SERVFAIL|misbehaving|read udp|(?:resolver|dns|:53)\b.{0,40}(?:timed? ?out"
    r"|refused|timeout)"
)
_HOST = re.compile(r"(?:://(?:[^@/\s]*@)?|[\s\"'=>]|^)([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*)(?::\d{2,5}\b|(?=/))")
_WORKED = re.compile(r"\b(?:connected|consumed|received|fetched|published|sent|stored|synced|2\d\d)\b", re.IGNORECASE)
_LIKE = 0.85
_WORKS = frozenset({"plain", "rare"})


def as_wrong_addresses(findings: Sequence[Finding], digests: Sequence[LogDigest], catalog: Catalog) -> list[Finding]:
    """Return the findings; a name that nobody has is a wrong address where the logs show a better one."""
    unresolved = [finding for finding in findings if catalog.about(finding.code).failure == "unresolved"]
    return [_judged(finding, unresolved, digests) if finding in unresolved else finding for finding in findings]


def _judged(finding: Finding, unresolved: Sequence[Finding], digests: Sequence[LogDigest]) -> Finding:
    host = _host(finding.blames)
    if finding.over or not host:
        return finding
    texts = [observation.text for observation in finding.observations]
    if not all(_NOBODY.search(text) and not _NO_ANSWER.search(text) for text in texts):
        return finding
    if any(_host(other.blames) != host for other in unresolved):
        return finding  # several names at once: the resolver, or what it asks
    meant = next((name for name in sorted(_known(digests, host)) if _similar(name, host)), None)
    if meant is not None:
        strength, summary = _MEANT, f"the program calls {host}, a name that nobody has; {meant} is known"
    elif any(_reached_others(log, host) for log in digests if _place(finding) == log.where):
        strength = _OTHERS
        summary = f"the program calls {host}, a name that nobody has, while it reaches others by their names"
    else:
        return finding
    return replace(finding, code="config.wrong-address", strength=strength, summary=summary)


def _host(blames: str | None) -> str:
    host = (blames or "").lower().partition(":")[0].rstrip(".")
    return host if re.search(r"[a-z]", host) else ""


def _place(finding: Finding) -> str:
    return finding.observations[0].where.rpartition(":L")[0]


def _known(digests: Iterable[LogDigest], host: str) -> set[str]:
    """Return the names that write logs, and the hosts that lines beside the complaints name."""
    names: set[str] = set()
    for log in digests:
        names |= {name.lower() for name in (log.service, log.container) if name}
        for group in log.groups:
            names.update(match[1] for match in _HOST.finditer(group.text.lower()[:2_000]))
            # A change of a setting names what it was: "RATES_HOST rates.shop -> rates.shpo".
            if host in group.text and "->" in group.text:
                names.update(re.findall(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*", group.text.lower()[:2_000]))
    return names - {host}


def _similar(name: str, host: str) -> bool:
    """Return whether two names are one, but for a slip of the pen in one label; siblings differ by their numbers."""
    ours, theirs = host.split("."), name.split(".")
    if len(theirs) != len(ours):
        ours, theirs = ours[:1], theirs[:1] if len(theirs) == 1 or len(ours) == 1 else [""]
    differing = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    if len(differing) != 1:
        return False
    one, other = differing[0]
    if re.sub(r"\d", "", one) == re.sub(r"\d", "", other):
        return False
    return SequenceMatcher(None, one, other).ratio() >= _LIKE


def _reached_others(log: LogDigest, host: str) -> bool:
    """Return whether good work with another named host went on after the name failed for the first time."""
    failed = [group.first_line for group in log.groups if host in group.text.lower() and _NOBODY.search(group.text)]
    return bool(failed) and any(
        group.kind in _WORKS
        and group.last_line > min(failed)
        and level_of(group.text) < Level.WARNING
        and _WORKED.search(group.text) is not None
        and any(match[1] != host and match[1] != "localhost" for match in _HOST.finditer(group.text.lower()[:2_000]))
        for group in log.groups
    )

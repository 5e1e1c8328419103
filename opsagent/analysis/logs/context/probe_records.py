"""What a probe asks for beside what the program logs of itself: its port, its protocol, how long it takes to start."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.catalog.phrase import Verdict
from opsagent.analysis.logs.context.listening import listening
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest

_KIND = re.compile(r"\b(liveness|startup|readiness)\b", re.IGNORECASE)
_REFUSED = Late(
    r"(?:https?://[^/\s:]*|dial tcp \S*?):(\d{2,5})\b.*connection refused|connection refused.{0,40}:(\d{2,5})\b"
)
_ANSWERED_BADLY = Late(r"status ?code:? ?(?:400|497|426)\b|\bEOF\b|connection reset")
_KILLED = Late(r"will be restarted|Killing container|^\s*Normal\s+Killing|failed (?:liveness|startup) probe")
# A program that is still coming up states how far it is.
_COMING_UP = Late(
    r"\b(?:still )?(?:warm(?:ing|ed)?[- ]?up|pre-?load\w*|loading|loaded|migrat(?:ing|ions?)|applying"
    r"|(?:re-?)?building|(?:re-?)?indexing|compil(?:ing|ation)|restoring|replay(?:ing)?|recover(?:ing|y)"
    r"|initiali[sz]ing|hydrating|downloading|bootstrapping|unpacking|importing|syncing)\b"
    r"[^\n]{0,80}?(?:\d ?%|\b\d+ ?(?:/|of) ?\d+|\b(?:about|expected|eta|remaining|done|elapsed|total|takes?|took"
    r"|left|in|for)\b[^\n]{0,20}?\d+(?:\.\d+)? ?(?:s|sec|m|min)|\bwhile\b)"
    r"|(?:SIGTERM|interrupted|terminated|killed|shutdown)\b[^\n]{0,60}\b(?:while (?:starting|loading|warming|migrat"
    r"|initiali)|before (?:start\w*|ready)|during (?:start|boot|warm|init|load)|at \d+ ?%)"
)
_TOOK = Late(
    r"(?:Started \S+ in|Startup completed in|started in|process running for|boot(?:ed)? (?:completed? )?in"
    r"|Startup finished in) (\d+(?:\.\d+)?) ?(?:s\b|sec)"
)
_SETTING = re.compile(r"\b(Liveness|Startup):\s.*delay=(\d+)s.*period=(\d+)s.*#failure=(\d+)")


def probed(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]], catalog: Catalog) -> Iterator[Match]:
    """Yield failures of probes again as what they are beside the program's own lines."""
    failures = [m for (code, _), matches in found.items() if catalog.about(code).family == "probe" for m in matches]
    if not failures:
        return
    ports = listening(log)
    mixed = any(catalog.about(code).failure == "protocol" for code, _ in found)
    for match in failures:
        kind = _KIND.search(match.text)
        if kind is None:
            continue
        probe = "readiness" if kind[1].lower() == "readiness" else "liveness"
        refused = _REFUSED.search(match.text)
        port = (refused[1] or refused[2]) if refused else None
        if port and ports and port not in ports:
            yield _as(
                match,
                f"probe.{probe}-port",
                0.82,
                f"the {probe} probe checks port {port}, the program listens on {_listed(ports)}",
            )
        elif port and probe == "liveness" and _too_early(log):
            yield _as(match, "probe.liveness-timing", 0.78, "the liveness probe ends the program before it has started")
        elif mixed and _ANSWERED_BADLY.search(match.text):
            yield _as(
                match, f"probe.{probe}-protocol", 0.78, f"the {probe} probe speaks another protocol than the program"
            )


def _as(match: Match, code: str, strength: float, summary: str) -> Match:
    rule = Verdict(code, strength, 1, summary, lasting=True)
    return replace(match, verdict=rule, strength=strength, blames=None)


def _listed(ports: frozenset[str]) -> str:
    return ", ".join(sorted(ports)[:3])


def _too_early(log: LogDigest) -> bool:
    """Return whether a probe ended the program while it started: it states how far it was, or how long it takes."""
    if not any(_KILLED.search(group.text) for group in log.groups):
        return False
    if any(_COMING_UP.search(group.text) for group in log.groups if group.kind != "traceback"):
        return True
    settings = [m for group in log.groups if (m := _SETTING.search(group.text))]
    allowed = [int(m[2]) + int(m[3]) * int(m[4]) for m in settings]
    took = [float(m[1]) for group in log.groups if (m := _TOOK.search(group.text))]
    return bool(allowed and took) and max(took) > max(allowed)

"""How long a program took to answer the kubelet's probes, as its own access log states it."""

import re
from collections.abc import Mapping, Sequence

from opsagent.analysis.text.durations import TIME, seconds
from opsagent.models.digest import LogDigest

_PROBE = re.compile(r"kube-probe/|\bkubelet\b|\bELB-HealthChecker\b", re.IGNORECASE)
_GOOD = re.compile(r"\s/\S*[^\n]{0,40}?[\s:=\"]2\d\d\b")
_TOOK = re.compile(rf"(?<![\w.]){TIME}")


def probe_answers(digests: Sequence[LogDigest]) -> Mapping[tuple[str, str], float]:
    """Return, by (pod, container), the seconds that a probe's good answer took; the longest where there are several."""
    found: dict[tuple[str, str], float] = {}
    for log in digests:
        if not log.pod or not log.container:
            continue
        for group in log.groups:
            took = _took(group.text[:600])
            if took is not None:
                key = log.pod, log.container
                found[key] = max(took, found.get(key, 0.0))
    return found


def _took(text: str) -> float | None:
    if not _PROBE.search(text) or not _GOOD.search(text):
        return None
    times = [seconds(match)[0] for match in _TOOK.finditer(text)]
    return times[-1] if times else None

"""The sources of evidence, in one place: what each is called, and what it can report."""

from dataclasses import dataclass
from typing import Literal

Reports = Literal["state", "text"]


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """One source: the state of a service, or text and context alone."""

    name: str  # as in `read` and `not_checked`
    label: str  # for the operator
    reports: Reports


# Only what reports a state can make a service healthy.
SOURCES = (
    EvidenceSource("stats", "/stats", "state"),
    EvidenceSource("objects", "Kubernetes", "state"),
    EvidenceSource("health", "health paths", "state"),
    EvidenceSource("metrics", "figures", "state"),
    EvidenceSource("logs", "logs", "text"),
    EvidenceSource("alerts", "alerts", "text"),
)
BY_NAME = {source.name: source for source in SOURCES}
# The kinds that show whether a service's workload runs; each other kind is context.
WORKLOAD_KINDS = ("Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
# Under which names `not_checked` lists what keeps all of them from being read.
WORKLOAD_SOURCES = ("cluster", "objects", *(f"{kind.lower()}s" for kind in WORKLOAD_KINDS))


def label_of(name: str) -> str:
    """Return how an operator calls a source."""
    return BY_NAME[name].label if name in BY_NAME else name

"""What is known to be wrong as Prometheus text: for the node exporter's textfile collector, and `/metrics` of `serve`.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from opsagent.agent.blind_spots import Blindness
from opsagent.agent.watch_pass import Met
from opsagent.errors import ExitCode
from opsagent.store.incidents import OPEN, Incident

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
Sample = tuple[Mapping[str, str | None], float]


def metrics_text(
    known: Iterable[Met | Blindness],
    incidents: Iterable[Incident],
    *,
    pass_end: datetime | None = None,
    exit_code: ExitCode | None = None,
) -> str:
    """Return gauges of the open incidents, of what cannot be read, and of the last pass where there was one.

    known: what the passes so far hold to be wrong (`watch_pass.standing`). incidents: the ledger's open ones.
    """
    found = tuple(known)
    stages = Counter(dict.fromkeys(sorted(OPEN), 0))
    stages.update(incident.stage for incident in incidents if incident.stage in OPEN)
    blocks = [
        *_gauge("opsagent_incidents", "Open incidents, by stage.", [({"stage": s}, n) for s, n in stages.items()]),
        *_gauge("opsagent_incident_first_seen_timestamp_seconds", "Faults that still last, and since when.", [
            ({"incident_id": met.sighting.incident_id, "service": met.sighting.service, "code": met.sighting.code,
              "object": met.sighting.object, "stage": met.stage}, met.sighting.first_seen.timestamp())
            for met in found if isinstance(met, Met)
        ]),
        *_gauge("opsagent_blind_since_timestamp_seconds", "Sources that cannot be read, and since when.", [
            ({"source": one.spot.subject}, one.spot.since.timestamp())
            for one in found if isinstance(one, Blindness) and one.spot.since is not None
        ]),
    ]  # fmt: skip
    if pass_end is not None:
        blocks += _gauge(
            "opsagent_pass_end_timestamp_seconds", "When the last pass ended.", [({}, pass_end.timestamp())]
        )
    if exit_code is not None:
        blocks += _gauge("opsagent_pass_exit_code", "How the last pass ended.", [({}, int(exit_code))])
    return "".join(f"{line}\n" for line in blocks)


def _gauge(name: str, about: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        pairs = ",".join(f'{key}="{(text or "").translate(_ESCAPES)}"' for key, text in labels.items())
        yield f"{name}{{{pairs}}} {value:.15g}" if pairs else f"{name} {value:.15g}"

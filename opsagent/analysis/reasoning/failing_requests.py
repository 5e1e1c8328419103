"""Requests that fail although everybody is online: which service answers with errors, as the logs show it.

A low success share is a reason to read the logs, not a cause: 4xx count as failures too, and a client's wrong password
is nobody's incident. Confirmed by 5xx, time-outs or failing records, the service behind them is faulty.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from opsagent.analysis.figures.stats import is_front, place
from opsagent.analysis.figures.success import Window
from opsagent.analysis.reasoning.ranking import ENOUGH
from opsagent.analysis.text.requests import answers
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Finding, Observation, ServiceHealth, Symptom
from opsagent.models.observed import StatsSample
from opsagent.models.service import CallGraph, Service

_SERVER_ERROR, _CLIENT_ERROR = 500, 400


@dataclass(frozen=True, slots=True)
class Failing:
    """What the logs report about requests that fail."""

    verdict: Literal["confirmed", "unconfirmed", "clients"]  # clients: nothing but 4xx
    service: str | None  # the one that fails; the load balancer where no log states whose fault it is
    text: str


def judge_failing(
    windows: tuple[Window, Window],
    digests: Sequence[LogDigest],
    findings: Sequence[Finding],
    services: Sequence[Service],
    calls: CallGraph,
) -> Failing:
    """Return whose requests fail within the two windows, as far as the logs show it."""
    newest, since = windows[0], windows[1].since
    errors, refusals = _answered(digests, since)
    failing = errors or _complaining(findings, since)
    if failing:
        name = _deepest(failing, calls)
        shown = "answers requests with 5xx" if name in errors else "logs failures"
        return Failing("confirmed", name, f"{shown}: {newest.text}")
    if refusals:
        return Failing("clients", None, f"{newest.text}; the logs show 4xx answers alone, so clients are at fault")
    front = next((service.name for service in services if is_front(service)), None)
    return Failing("unconfirmed", front, f"{newest.text}, and no log shows whose fault it is")


def with_failing(
    healths: tuple[ServiceHealth, ...], failing: Failing, window: Window, samples: Sequence[StatsSample]
) -> tuple[ServiceHealth, ...]:
    """Return the healths with the failing service called faulty; as they are where nobody is."""
    if failing.service is None or failing.verdict == "clients":
        return healths
    seen = Observation("stats", place(window.newest, samples), window.text, window.until)
    symptom = Symptom(failing.service, "failing", failing.text, seen)
    return tuple(
        replace(health, state="faulty", symptoms=(symptom, *health.symptoms))
        if health.service == failing.service
        else health
        for health in healths
    )


def _answered(digests: Sequence[LogDigest], since: datetime) -> tuple[Counter[str], Counter[str]]:
    """Return how often each service answered with 5xx, and with 4xx, in logs that reach into the windows."""
    errors: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    for digest in digests:
        for group, one in answers(digest.groups):
            if digest.service is None or digest.previous or group.last_at is None or group.last_at < since:
                continue
            if one.status >= _SERVER_ERROR:
                errors[digest.service] += group.count
            elif one.status >= _CLIENT_ERROR:
                refusals[digest.service] += group.count
    return errors, refusals


def _complaining(findings: Sequence[Finding], since: datetime) -> Counter[str]:
    """Return the services whose own logs name a fault that goes on: time-outs, refusals, records that fail."""
    named: Counter[str] = Counter()
    for finding in findings:
        times = [seen.at for seen in finding.observations if seen.source == "logs" and seen.at is not None]
        if finding.service and not finding.over and finding.strength >= ENOUGH and any(at >= since for at in times):
            named[finding.service] += 1
    return named


def _deepest(failing: Counter[str], calls: CallGraph) -> str:
    """Return the one that calls no other failing one: the others pass its errors on; of several the most frequent."""
    last = [name for name in failing if not set(calls.below(name)) & (set(failing) - {name})] or list(failing)
    return max(last, key=lambda name: failing[name])

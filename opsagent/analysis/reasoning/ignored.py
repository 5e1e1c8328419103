"""Known findings set aside: they accuse nobody until their time is over, and stay visible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.reasoning.ranking import ENOUGH, Ranking
from opsagent.analysis.reasoning.topology_view import world_of
from opsagent.models.evidence import UNKNOWN, Cause, Finding, ServiceHealth
from opsagent.models.ignore import Ignored, IgnoreRule
from opsagent.models.observed import Objects
from opsagent.models.service import CallGraph, Service

_UNKNOWN = 0.3


@dataclass(frozen=True, slots=True)
class Sifted:
    """The findings that still count, and those that were set aside."""

    kept: tuple[Finding, ...]
    ignored: tuple[Ignored, ...]


def sift(
    findings: Sequence[Finding],
    rules: Sequence[IgnoreRule],
    *,
    services: Sequence[Service],
    objects: Objects,
    now: datetime,
) -> Sifted:
    """Split findings by the rules in force: those of a rule's code on its object, or on a pod that the object owns.

    Expired rules silence nothing and are among the ignored as such.
    """
    active = [rule for rule in rules if now < rule.until]
    ignored = list(_expired(rules, now))
    if not active:
        return Sifted(tuple(findings), tuple(ignored))
    world, cluster = world_of(CallGraph(), (), services, objects), cluster_of(objects)
    by_ref = {kube.ref(item): item for item in objects.items}
    kept: list[Finding] = []
    for finding in findings:
        about = world.placed(finding).object
        owned = by_ref.get(about or "")
        names = {about, finding.object, kube.ref(cluster.top(owned)) if owned else None}
        rule = next((rule for rule in active if _fits(rule, finding.code, names)), None)
        if rule is None:
            kept.append(finding)
        elif not finding.over:
            ignored.append(_ignored(rule, finding.code, about, finding.summary))
    return Sifted(tuple(kept), tuple(_once(ignored)))


def without_ignored(
    ranking: Ranking, rules: Sequence[IgnoreRule], *, healths: Iterable[ServiceHealth], now: datetime
) -> tuple[Ranking, tuple[Ignored, ...]]:
    """Return the ranking without causes that the rules silence, for weighing may have moved one to another object.

    What is faulty stays so: where nothing else carries a cause, the first one is "unknown" and names what is ignored.
    """
    active = [rule for rule in rules if now < rule.until]
    ignored: list[tuple[Cause, IgnoreRule]] = []
    kept: list[Cause] = []
    for cause in ranking.causes:
        rule = next((rule for rule in active if _fits(rule, cause.code, {cause.object})), None)
        if rule is None or cause.unexplained:
            kept.append(cause)
        else:
            ignored.append((cause, rule))
    if not ignored:
        return ranking, ()
    if not kept or kept[0].confidence < ENOUGH:
        ill = any(health.state == "faulty" for health in healths)
        kept = [_honest(*ignored[0]), *(cause for cause in kept if not cause.unexplained)] if ill else []
    told = tuple(_ignored(rule, cause.code, cause.object, cause.summary) for cause, rule in ignored)
    return replace(ranking, causes=tuple(kept)), told


def _honest(cause: Cause, rule: IgnoreRule) -> Cause:
    who = cause.service or cause.object or "something"
    until = rule.until.date().isoformat()
    text = f"{who} is faulty; {cause.code}, which would fit, is ignored until {until}, and nothing else explains it."
    return Cause(UNKNOWN, cause.object, cause.service, _UNKNOWN, text, cause.evidence)


def _fits(rule: IgnoreRule, code: str, names: Iterable[str | None]) -> bool:
    right_code = code.startswith(rule.code[:-1]) if rule.code.endswith(".*") else code == rule.code
    return right_code and (rule.object is None or any(_same(rule.object, name) for name in names if name))


def _same(asked: str, name: str) -> bool:
    """Compare "deployment/web", as kubectl spells it, with "Deployment/web"."""
    (kind, _, own), (other_kind, _, other) = asked.partition("/"), name.partition("/")
    return own == other and kind.lower() == other_kind.lower()


def _ignored(rule: IgnoreRule, code: str, about: str | None, summary: str) -> Ignored:
    return Ignored(code, about, summary, rule.until, rule.reason)


def _expired(rules: Iterable[IgnoreRule], now: datetime) -> Iterable[Ignored]:
    return (
        Ignored(rule.code, rule.object, "", rule.until, rule.reason, expired=True)
        for rule in rules
        if now >= rule.until
    )


def _once(ignored: Iterable[Ignored]) -> list[Ignored]:
    """State the same code on the same object once."""
    first: dict[tuple[str, str | None, bool], Ignored] = {}
    for item in ignored:
        first.setdefault((item.code, item.object, item.expired), item)
    return list(first.values())

"""Is anything wrong, and with whom: the check that every diagnosis and every watch pass begins with.

Imports nothing of LangGraph: a healthy pass of `watch` ends here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from opsagent.agent.context import Context
from opsagent.agent.figures import patients_by, suspicion, with_figures
from opsagent.agent.weighing import all_findings, graph_of, kept_samples, over, weigh
from opsagent.analysis.evidence.alerts import with_alerts
from opsagent.analysis.evidence.service_health import judge
from opsagent.analysis.evidence.understood import is_log
from opsagent.analysis.evidence.verdict import UNCHECKED, HealthQuestion, HealthVerdict, verdict, workloads_unread
from opsagent.analysis.figures.success import LOW, failing_windows, success_windows
from opsagent.analysis.reasoning.failing_requests import judge_failing, with_failing
from opsagent.analysis.reasoning.on_the_way import concerns
from opsagent.analysis.reasoning.patients import patients
from opsagent.analysis.reasoning.topology import call_graph, service_names
from opsagent.analysis.reasoning.ways_in import closed_ways
from opsagent.errors import CheckError
from opsagent.models.coverage import Coverage
from opsagent.models.evidence import Observation, Over, ServiceHealth, Symptom
from opsagent.models.observed import Skipped, StatsSample
from opsagent.models.service import CallGraph
from opsagent.redact import redact_records

_FRESH = 10  # requests within one pass that show whether they still fail


@dataclass(frozen=True, slots=True)
class Detection:
    """The judgement over all services, what was read, and who the patients are (the first is this incident's)."""

    healths: tuple[ServiceHealth, ...]
    calls: CallGraph
    patients: tuple[str | None, ...]  # None: something is wrong, and it belongs to no known service
    newest: StatsSample | None
    asked: str | None = None
    coverage: Coverage = field(default_factory=Coverage)
    verdict: HealthVerdict | None = None  # of a pass without a patient
    over: tuple[Over, ...] = ()
    named_by_rules: tuple[Symptom, ...] = ()
    note: str | None = None  # what is not a fault, and worth a word
    doubtful: bool = False  # requests fail and nothing confirms whose fault it is: reported when asked, no page

    @property
    def not_checked(self) -> tuple[Skipped, ...]:
        """Return what was not read: sources, logs, and each service asked about, by name."""
        sources = tuple(Skipped(*entry) for entry in self.coverage.not_checked())
        return tuple(dict.fromkeys((*sources, *(self.verdict.unread if self.verdict else ()))))

    def symptoms(self, patient: str | None) -> tuple[Symptom, ...]:
        """Return why the patient is called faulty, then what below and above it suffers; of all where there is none."""
        shown = [(health.service, symptom) for health in self.healths for symptom in health.symptoms]
        if patient is not None:
            near = {patient, *self.calls.below(patient)}
            shown = [(name, symptom) for name, symptom in shown if name in near or patient in self.calls.below(name)]
            shown.sort(key=lambda item: (item[0] != patient, item[0] not in near))
        return (*self.named_by_rules, *(symptom for _, symptom in shown))

    @property
    def suspects(self) -> tuple[str, ...]:
        """Return the services that look wrong and are not confirmed so yet."""
        return tuple(h.service for h in self.healths if h.state == "unknown" and h.symptoms)

    def state(self, service: str) -> str:
        """Return healthy, faulty or unknown for one service."""
        return next((health.state for health in self.healths if health.service == service), "unknown")

    def proved(self, service: str) -> bool:
        """Return whether a service was read and is healthy; not where its cluster could not be read at all."""
        return self.state(service) == "healthy" and not workloads_unread(self.coverage, (service,))

    def well(self, patient: str | None, were: Collection[str] = ()) -> bool:
        """Return whether nothing is faulty, and the patient and all that `were` faulty were read and are healthy.

        Without either every service counts: one that could not be read has not recovered.
        """
        wanted = {*were, *(() if patient is None else (patient,))} or {health.service for health in self.healths}
        checked = self.verdict is None or self.verdict.status not in UNCHECKED
        return not self.patients and checked and all(self.state(name) == "healthy" for name in wanted)

    def faulty_before(self, healths: Iterable[ServiceHealth], patient: str | None) -> frozenset[str]:
        """Return who was faulty in an earlier judgement: the patient and what it calls, or anybody without one."""
        faulty = frozenset(health.service for health in healths if health.state == "faulty")
        return faulty if patient is None else faulty & {patient, *self.calls.below(patient)}

    def must_be_read(self, *, live: bool) -> None:
        """Raise CheckError where nothing looks wrong only because it could not be read."""
        names = [health.service for health in self.healths if self.asked in (None, health.service)]
        unread = bool(names) and all(self.state(name) == "unknown" for name in names) and not self.patients
        if not self.coverage.blind and not (live and unread):
            return
        tried = "; ".join(f"{skipped.source}: {skipped.why}" for skipped in self.not_checked) or "nothing is configured"
        what = "nothing could be read" if self.coverage.blind else f"the state of {self.asked or 'every service'}"
        rest = ", so nothing is known" if self.coverage.blind else " could not be read, so nothing is known of it"
        raise CheckError(f"{what}{rest}: {tried}", source="stats", hint=NEXT)


NEXT = "`opsagent doctor` checks every source: /stats, cluster, health paths, logs, figures"


def detect_now(ctx: Context, asked: str | None, *, confirm: bool = True) -> Detection:
    """Check everything, and confirm what looks wrong; raise CheckError where that could not be read."""
    found = observe(ctx, asked, confirm=confirm)
    found.must_be_read(live=ctx.platform.live)
    return found


def observe(ctx: Context, asked: str | None, *, confirm: bool = True) -> Detection:
    """Check everything, and confirm what looks wrong; what could not be read is in the coverage."""
    seen, wanted = ctx.seen, ctx.settings.thresholds.confirmations if confirm else 1
    seen.check_again()
    seen.look()
    found = _judged(ctx, asked, wanted)
    for done in range(1, wanted):
        if not found.suspects or not ctx.platform.live:
            break
        ctx.progress.doing("detect", f"checking again at {', '.join(found.suspects)} ({done + 1} of {wanted})")
        ctx.pause(ctx.settings.thresholds.confirm_interval_s)
        seen.take_sample()
        seen.take_health(service for service in seen.services if service.name in found.suspects)
        found = _judged(ctx, asked, wanted)
    if ctx.platform.live:
        ctx.archive.keep_samples(tuple(seen.samples))
    found = found if found.patients or seen.coverage(found.healths).blind else _by_share(ctx, asked, found)
    found = found if found.patients else _by_rules(ctx, asked, found)
    found = replace(found, coverage=seen.coverage(found.healths))
    if found.coverage.blind:  # where nothing was read, a failed request states something of the way, not of a service
        found = replace(found, patients=())
    return found if found.patients else replace(found, verdict=_verdict(ctx, found))


def _verdict(ctx: Context, found: Detection) -> HealthVerdict:
    seen = ctx.seen
    by_name = {health.service: health for health in found.healths}
    bundle = ctx.platform.where.bundle
    given = "stdin" if bundle == "-" else PurePath(bundle).name if bundle else ctx.platform.where.namespace
    question = HealthQuestion(
        asked=found.asked,
        services=tuple(by_name),
        doubtful=found.suspects,
        closed=closed_ways(found.asked, by_name, found.calls) if found.asked else (),
        live=ctx.platform.live,
        declared=seen.configured is not None,
        given=given,
    )
    return verdict(found.coverage, question)


def _judged(ctx: Context, asked: str | None, confirmations: int) -> Detection:
    seen, limits = ctx.seen, ctx.settings.thresholds
    judged = judge(
        seen.services,
        tuple(seen.samples),
        tuple(seen.looks),
        seen.objects,
        now=ctx.platform.now(),
        response_ms=limits.response_ms,
        confirmations=confirmations,
        crash_window_s=limits.crash_window_min * 60,
        live=ctx.platform.live,
    )
    calls = call_graph(seen.services, seen.objects, (), ctx.platform.declared_dependencies())
    suspected = suspicion(ctx, judged, calls)
    healths = with_figures(ctx, redact_records(judged, seen.redact), suspected)
    if any(health.state == "faulty" for health in healths) and seen.measured.alerts:
        names = service_names(seen.services, seen.objects)
        healths = redact_records(with_alerts(healths, seen.measured.alerts, names), seen.redact)
    newest = seen.samples[-1] if seen.samples else None
    ill: tuple[str | None, ...] = _patients(healths, calls, asked)
    return Detection(healths, calls, ill if asked else patients_by(suspected, ill), newest, asked)


def _patients(healths: tuple[ServiceHealth, ...], calls: CallGraph, asked: str | None) -> tuple[str, ...]:
    """Return the patients; of a service that nobody can reach those that close every way into it."""
    found = patients(healths, calls, asked)
    if found or asked is None:
        return found
    by_name = {health.service: health for health in healths}
    closed = [name for name in closed_ways(asked, by_name, calls) if by_name[name].state == "faulty"]
    near = {name for caller in closed for name in (caller, *calls.below(caller))}
    return tuple(name for name in patients(healths, calls, None) if name in near)


def _by_share(ctx: Context, asked: str | None, found: Detection) -> Detection:
    """Read the logs although everybody is online, where the load balancer counts requests that fail."""
    samples = kept_samples(ctx)
    windows = failing_windows(samples)
    if windows is None or (ctx.platform.live and _succeed_again(ctx)):
        return found
    ctx.progress.doing("detect", f"{windows[0].text}: reading the logs")
    digests = ctx.seen.digests(None)
    calls = graph_of(ctx, digests)
    failing = judge_failing(windows, digests, all_findings(ctx, calls, digests), ctx.seen.services, calls)
    if failing.verdict == "clients":
        return replace(found, note=failing.text)
    healths = with_failing(found.healths, failing, windows[0], samples)
    who = patients(healths, calls, asked)
    return replace(found, healths=healths, calls=calls, patients=who, doubtful=failing.verdict == "unconfirmed")


def _succeed_again(ctx: Context) -> bool:
    """Whether the requests of this very pass succeed: a window may have begun long before a recovery."""
    for _ in range(ctx.settings.thresholds.confirmations):
        ctx.pause(ctx.settings.thresholds.confirm_interval_s)
        ctx.seen.take_sample()
        fresh = success_windows(ctx.seen.samples, least=_FRESH)
        if fresh:
            return fresh[0].share >= LOW
    return False


def _by_rules(ctx: Context, asked: str | None, found: Detection) -> Detection:
    """Let the rules name a patient where no service reads as faulty: a Service that selects no pod, a full quota.

    Live, the objects are judged; of a bundle its logs too, for they may be all that there is.
    """
    digests = () if ctx.platform.live else tuple(log for log in ctx.seen.digests(None) if is_log(log))
    calls = graph_of(ctx, digests)
    findings = all_findings(ctx, calls, digests)
    ranking = weigh(ctx, findings, healths=found.healths, calls=calls, patient=asked)
    found = replace(found, over=over(ctx, findings, healths=found.healths, calls=calls))
    reach = {asked, *calls.below(asked)} if asked else None
    seen, known = ctx.seen, ctx.catalog
    causes = [
        cause for cause in ranking.causes if reach is None or concerns(cause, reach, seen.services, seen.objects, known)
    ]
    if not causes:
        return found
    evidence = next(e for e in ranking.evidence if e.id in causes[0].evidence)
    observation = Observation(evidence.source, evidence.where, evidence.text, evidence.at)
    symptom = Symptom(causes[0].service, "rules", causes[0].summary, observation)
    return replace(found, calls=calls, patients=(asked or causes[0].service,), named_by_rules=(symptom,))

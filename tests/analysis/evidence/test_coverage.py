"""What of a pass was read, source by source and service by service."""

from dataclasses import replace

import pytest

from opsagent.analysis.evidence.coverage import Gathered, coverage
from opsagent.models.coverage import IDLE, Coverage, Outcome, Reading
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Observation, ServiceHealth, Symptom
from opsagent.models.figures import Figures, series_of
from opsagent.models.observed import HealthAnswer, Objects, Skipped, StatsSample
from opsagent.models.service import Service
from tests.analysis.scene import NOW, pod

WEB = Service("web", stats_key="web", health_url="http://web:80/health")
MAIL = Service("mail")
POD = pod("web")
KINDS = frozenset({"Pod", "Deployment"})
UNREAD = tuple(ServiceHealth(name, "unknown") for name in ("web", "mail"))
NOTHING = Gathered((WEB, MAIL), UNREAD, (), (), Objects((), frozenset()), (), (), KINDS, lambda _: True)


def sample(stats: object = None, *, http: int | None = 200, error: str | None = None) -> StatsSample:
    """Return one GET /stats."""
    return StatsSample(NOW, 0.01, http, stats, error)  # type: ignore[arg-type]


def log(lines: int, service: str | None = "web") -> LogDigest:
    """Return the digest of a log of so many lines."""
    return LogDigest("logs/web-1/app.log", "web-1", "app", False, service, lines, 10 * lines, ())


def of(read: Coverage, source: str, service: str | None = None) -> tuple[Outcome, str]:
    """Return the one reading of a source."""
    [found] = [r for r in read.readings if (r.source, r.service) == (source, service)]
    return found.outcome, found.what


def test_nothing_was_asked() -> None:
    """Each source as such, and each service and source that could report its state: not asked."""
    assert coverage(NOTHING).readings == (
        Reading("stats", None, Outcome.NOT_ASKED),
        Reading("objects", None, Outcome.NOT_ASKED),
        Reading("stats", "web", Outcome.NOT_ASKED),
        Reading("objects", "web", Outcome.NOT_ASKED),
        Reading("objects", "mail", Outcome.NOT_ASKED),
    )


@pytest.mark.parametrize(
    ("taken", "outcome", "what"),
    [
        (sample({"web": {"service_status": "online"}}), Outcome.READ, ""),
        (sample(http=401, error="HTTP 401"), Outcome.REFUSED, "HTTP 401"),
        (sample(http=403, error="HTTP 403"), Outcome.REFUSED, "HTTP 403"),
        (sample(http=None, error="timed out"), Outcome.FAILED, "timed out"),
        (sample(http=200, error="HTML"), Outcome.NOT_UNDERSTOOD, "HTML"),
        (sample(http=200), Outcome.NOT_UNDERSTOOD, "no JSON object"),
    ],
)
def test_stats_counts_by_its_newest_answer(taken: StatsSample, outcome: Outcome, what: str) -> None:
    """An older good answer is not the state of now; what kept /stats from being read is the reason for its services."""
    old = sample({"web": {"service_status": "online"}})
    read = coverage(replace(NOTHING, samples=(old, taken)))
    assert of(read, "stats") == (outcome, what)
    own = "online" if outcome is Outcome.READ else f"stats: {what}"
    assert of(read, "stats", "web") == (outcome, own)


def test_stats_that_was_skipped_has_the_reason_that_explains_most() -> None:
    """No sample at all: refused before failed."""
    skipped = (Skipped("stats", "timed out"), Skipped("stats", "HTTP 403", Outcome.REFUSED), Skipped("pods", "gone"))
    read = coverage(replace(NOTHING, skipped=skipped))
    assert read.readings[0] == Reading("stats", None, Outcome.REFUSED, "HTTP 403")
    assert of(read, "stats", "web") == (Outcome.REFUSED, "stats: HTTP 403")


def test_an_entry_without_a_status_is_not_understood() -> None:
    """The body was read; of this service it reports nothing."""
    seen = replace(NOTHING, samples=(sample({"mail": {}}),))
    why = "/stats does not report its state (not mentioned in /stats)"
    assert of(coverage(seen), "stats", "web") == (Outcome.NOT_UNDERSTOOD, why)


def test_workloads_read_empty_or_not() -> None:
    """Read where a workload kind holds something; empty where it holds nothing; else why it was skipped."""
    looked = frozenset({"Pod", "Lease"})
    some = coverage(replace(NOTHING, objects=Objects((POD, {"kind": "Lease"}), looked)))
    assert of(some, "objects") == (Outcome.READ, "")
    assert of(some, "objects/Pod") == (Outcome.READ, "1 of kind Pod")
    assert of(some, "objects/Lease") == (Outcome.NOT_UNDERSTOOD, "no rule judges objects of kind Lease")
    none = coverage(replace(NOTHING, objects=Objects((), frozenset({"Pod"}))))
    assert of(none, "objects") == (Outcome.EMPTY, "")
    assert of(none, "objects/Pod") == (Outcome.EMPTY, "0 of kind Pod")
    assert of(none, "objects", "web") == (Outcome.EMPTY, "the cluster shows no pod of it that is ready")
    other = coverage(replace(NOTHING, objects=Objects(({"kind": "Event"}, {"kind": "Event"}), frozenset({"Pod"}))))
    assert of(other, "objects") == (Outcome.EMPTY, "")
    assert of(other, "objects/Event")[0] is Outcome.NOT_UNDERSTOOD
    named = coverage(replace(NOTHING, objects=Objects((POD,), frozenset({"Deployment"}))))
    assert of(named, "objects/Pod") == (Outcome.READ, "1 of kind Pod")
    refused = Skipped("pods", "HTTP 403", Outcome.REFUSED)
    unread = coverage(replace(NOTHING, objects=Objects((), frozenset({"Event"})), skipped=(refused,)))
    assert of(unread, "objects") == (Outcome.REFUSED, "HTTP 403")
    assert of(unread, "objects", "web") == (Outcome.REFUSED, "objects: HTTP 403")
    assert of(unread, "pods") == (Outcome.REFUSED, "HTTP 403")


def test_a_workload_is_read_where_it_speaks_well_or_ill() -> None:
    """Ready, or faulty by its own objects: read. A fault that /stats alone shows is not a word of the cluster."""
    objects = Objects((POD,), frozenset({"Pod"}))

    def read(health: ServiceHealth) -> tuple[Outcome, str]:
        return of(coverage(replace(NOTHING, objects=objects, healths=(health, UNREAD[1]))), "objects", "web")

    def faulty(source: str) -> ServiceHealth:
        seen = Observation(source, "x", "y")  # type: ignore[arg-type]
        return ServiceHealth("web", "faulty", (Symptom("web", "not-ready", "z", seen),))

    assert read(ServiceHealth("web", "healthy", (), ("objects",))) == (Outcome.READ, "")
    assert read(faulty("objects")) == (Outcome.READ, "")
    assert read(faulty("stats"))[0] is Outcome.EMPTY
    assert read(ServiceHealth("web", "healthy", (), ("stats",)))[0] is Outcome.EMPTY
    assert read(ServiceHealth("web", "unknown", idle=True)) == (Outcome.EMPTY, IDLE)


@pytest.mark.parametrize(
    ("look", "outcome", "what"),
    [
        (HealthAnswer("web", 0.01, http=200, body="ok"), Outcome.READ, ""),
        (HealthAnswer("web", 0.01, http=503), Outcome.READ, ""),  # it speaks, and ill
        (HealthAnswer("web", 0.01, error="connection refused"), Outcome.READ, ""),
        (HealthAnswer("web", 0.01, http=404), Outcome.NOT_UNDERSTOOD, "its health path answered HTTP 404 in a form"),
        (
            HealthAnswer("web", 0.01, http=200, body="<html>"),
            Outcome.NOT_UNDERSTOOD,
            "its health path answered HTTP 200",
        ),
        (HealthAnswer("web", 0.01, error="forbidden"), Outcome.FAILED, "forbidden"),
        (HealthAnswer("web", 0.01), Outcome.FAILED, "no answer"),
    ],
)
def test_health_paths(look: HealthAnswer, outcome: Outcome, what: str) -> None:
    """An answer of its own kind, or a failure that is the service's, is a reading; a page, or a failed way, is none."""
    found = of(coverage(replace(NOTHING, looks=(look,))), "health", "web")
    assert found[0] is outcome
    assert found[1].startswith(what)
    assert [r.service for r in coverage(replace(NOTHING, looks=(look,))).readings if r.source == "health"] == ["web"]


def test_logs() -> None:
    """Read, empty, or no log at all."""
    assert of(coverage(replace(NOTHING, digests=(log(3012),))), "logs", "web") == (
        Outcome.READ,
        "logs/web-1/app.log: 3,012 lines",
    )
    assert of(coverage(replace(NOTHING, digests=(log(0),))), "logs", "web") == (Outcome.EMPTY, "logs/web-1/app.log")
    noise = replace(NOTHING, digests=(log(9, None),), understood=lambda _: False)
    assert of(coverage(noise), "logs") == (
        Outcome.NOT_UNDERSTOOD,
        "logs/web-1/app.log is not a log that can be read",
    )


def measured(*healths: ServiceHealth) -> Coverage:
    """Return the coverage of a pass that read one series of figures."""
    figures = Figures("prometheus", (series_of("latency_p95", "ms", "Service", "web", ((0.0, 1.0),)),))
    return coverage(replace(NOTHING, figures=figures, healths=healths))


def test_figures_report_the_state_of_whom_they_are_new() -> None:
    """A new figure of a service's own answers is read, good or bad; the figures of others report nothing of it."""
    seen = Observation("metrics", "prometheus:Service/web:latency_p95", "slow")
    bad = ServiceHealth("web", "faulty", (Symptom("web", "figures", "slow", seen),))
    good, unread = ServiceHealth("web", "healthy", (), ("metrics",)), ServiceHealth("mail", "unknown")
    assert of(measured(bad, unread), "metrics") == (Outcome.READ, "1 series")
    assert of(measured(bad, unread), "metrics", "web") == (Outcome.READ, "")
    assert of(measured(good, unread), "metrics", "web") == (Outcome.READ, "")
    assert of(measured(good, unread), "metrics", "mail") == (Outcome.EMPTY, "no new figure of its answers")
    assert [r.service for r in measured(good).readings if r.source == "metrics"] == [None, "web"]
    stats = Observation("stats", "stats", "offline")
    other = ServiceHealth("web", "faulty", (Symptom("web", "offline", "offline", stats),))
    assert of(measured(other), "metrics", "web")[0] is Outcome.EMPTY

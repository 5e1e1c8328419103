"""Healthy only where it was seen: the four ends of a pass in which no fault was seen."""

from dataclasses import replace

import pytest

from opsagent.analysis.evidence.sources import SOURCES
from opsagent.analysis.evidence.verdict import HealthQuestion, HealthVerdict, verdict
from opsagent.models.coverage import IDLE, STATE_SOURCES, Coverage, Outcome, Reading

ALL = HealthQuestion(None, ("web", "mail"))
STATS = Reading("stats", None, Outcome.READ)
CLUSTER = Reading("objects", None, Outcome.READ)
WEB = Reading("stats", "web", Outcome.READ, "online")
MAIL = Reading("objects", "mail", Outcome.READ)
LOG = Reading("logs", None, Outcome.READ, "app.log: 12 lines")
NOISE = Reading("logs", None, Outcome.NOT_UNDERSTOOD, "app.log is not a log that can be read")
NO_HEALTH = ", no fault. No service's state was read: this is not a health check"


def ends(*readings: Reading, question: HealthQuestion = ALL) -> HealthVerdict:
    """Return the end of a pass with these readings."""
    return verdict(Coverage(readings), question)


def test_healthy_where_the_state_of_every_service_was_read() -> None:
    """Each from a source that can show; the sources are named."""
    found = ends(STATS, CLUSTER, WEB, MAIL)
    assert (found.status, found.unread) == ("healthy", ())
    assert found.closing == "2 of 2 services: state read from /stats and Kubernetes"
    assert ends(STATS, WEB, question=replace(ALL, asked="web")).closing == "web: state read from /stats"


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.READ])
def test_one_service_that_was_not_read_is_named_and_nothing_is_healthy(outcome: Outcome) -> None:
    """Whatever came of its source, live: not_checked, with the service's name and the reason."""
    found = ends(STATS, CLUSTER, WEB, Reading("objects", "mail", outcome, "HTTP 403"))
    assert found.status == "not_checked"
    assert [(skip.source, skip.why) for skip in found.unread] == [("mail", "HTTP 403")]
    assert found.closing == "mail: HTTP 403"


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED, Outcome.NOT_UNDERSTOOD])
def test_a_cluster_that_cannot_be_read_is_not_checked_though_stats_answers(outcome: Outcome) -> None:
    """401, 403, no answer or a login page from the API server: /stats alone does not make it healthy."""
    both = (STATS, WEB, Reading("stats", "mail", Outcome.READ))
    found = ends(*both, Reading("objects", None, outcome, "HTTP 401"))
    assert (found.status, found.closing) == ("not_checked", "Kubernetes: HTTP 401")


def test_a_platform_without_a_cluster_is_healthy_by_stats() -> None:
    """No kubeconfig is not a cluster that could be read: /stats reports every state."""
    both = (STATS, WEB, Reading("stats", "mail", Outcome.READ))
    assert ends(*both, Reading("objects", None, Outcome.NOT_ASKED)).status == "healthy"


def test_what_is_idle_is_not_a_gap() -> None:
    """A spare and a complete Job are not missed; alone they are no health."""
    idle = Reading("objects", "mail", Outcome.EMPTY, IDLE)
    assert ends(STATS, CLUSTER, WEB, idle).status == "healthy"
    alone = ends(CLUSTER, idle, question=replace(ALL, asked="mail"))
    assert (alone.status, alone.closing) == ("nothing_found", f"nothing of mail is meant to run{NO_HEALTH}")
    every = ends(CLUSTER, idle, question=replace(ALL, services=("mail",)))
    assert (every.status, every.closing) == ("nothing_found", f"the platform was understood{NO_HEALTH}")


@pytest.mark.parametrize(("count", "more"), [(6, "s5"), (7, "s5 and 1 more"), (9, "s5 and 3 more")])
def test_six_services_are_named_and_more_are_counted(count: int, more: str) -> None:
    """A sentence holds six names."""
    names = tuple(f"s{number}" for number in range(count))
    idle = [Reading("objects", name, Outcome.EMPTY, IDLE) for name in names]
    closing = ends(STATS, CLUSTER, WEB, *idle, question=replace(ALL, services=("web", *names))).closing
    assert closing.endswith(f"; idle: s0, s1, s2, s3, s4, {more}")


def test_three_sources_are_a_list() -> None:
    """Each source that a state was read from, once, in the order of the registry."""
    path = Reading("health", "web", Outcome.READ)
    assert ends(STATS, CLUSTER, WEB, MAIL, path).closing.endswith("read from /stats, Kubernetes and health paths")


def test_a_cluster_without_a_workload_has_no_state() -> None:
    """Read, and nothing runs there: no fault, and no health either."""
    found = ends(Reading("objects", None, Outcome.EMPTY), question=replace(ALL, services=()))
    assert found == HealthVerdict("nothing_found", "no workload was found, so there is no state to read")


def test_a_service_that_nobody_can_reach_is_never_healthy() -> None:
    """Its own state was read and is good; every way in is closed or was not read: not_checked, the callers named."""
    found = ends(STATS, WEB, question=replace(ALL, asked="web", closed=("gateway",)))
    assert found.status == "not_checked"
    assert "gateway" in found.closing


def test_what_looked_wrong_once_is_not_healthy() -> None:
    """A fault that was not confirmed is not forgotten."""
    assert ends(STATS, CLUSTER, WEB, MAIL, question=replace(ALL, doubtful=("mail",))).status == "not_checked"


def test_live_services_of_which_none_was_read_are_not_checked() -> None:
    """The sources answered, and no service's state was in one: live that is a gap, whoever listed them."""
    gone = [Reading("objects", name, Outcome.FAILED, "HTTP 500") for name in ("web", "mail")]
    found = ends(STATS, CLUSTER, *gone, question=replace(ALL, declared=False))
    assert (found.status, found.closing) == ("not_checked", "web, mail: HTTP 500")


def test_idle_services_are_listed_where_all_were_asked_about() -> None:
    """Who asked about one service is not shown what else is idle."""
    idle = Reading("objects", "mail", Outcome.EMPTY, IDLE)
    assert ends(STATS, CLUSTER, WEB, idle).closing.endswith("; idle: mail")
    assert "idle" not in ends(STATS, CLUSTER, WEB, idle, question=replace(ALL, asked="web")).closing


BUNDLE = replace(ALL, live=False, declared=False, given="app.log")


@pytest.mark.parametrize(("logs", "named"), [(2, "0.log, 1.log"), (3, "0.log, 1.log and 1 more logs")])
def test_two_logs_are_named_and_more_are_counted(logs: int, named: str) -> None:
    """Two names, then how many more."""
    read = [Reading("logs", None, Outcome.READ, f"{number}.log") for number in range(logs)]
    assert ends(*read, question=replace(BUNDLE, services=())).closing.startswith(f"{named} understood")


def test_text_without_a_fault_is_nothing_found() -> None:
    """A log was understood, no service's state was read: stated it, and that it is not a health check."""
    found = ends(LOG, question=replace(BUNDLE, services=()))
    assert found.status == "nothing_found"
    assert found.closing == f"app.log: 12 lines understood{NO_HEALTH}"
    four = [replace(LOG, what=f"{name}.log: 12 lines") for name in "abcd"]
    both = ends(*four, question=replace(BUNDLE, services=("web",)))
    assert both.closing.startswith("a.log: 12 lines, b.log: 12 lines and 2 more logs understood, no fault. ")
    assert both.closing.endswith("not a health check; not read: web")
    beside = ends(
        LOG, replace(STATS, what="/stats"), replace(NOISE, service="web"), question=replace(BUNDLE, services=())
    )
    assert beside.closing == found.closing
    asked = ends(STATS, question=replace(BUNDLE, asked="mail"))
    assert asked.closing == f"app.log was understood{NO_HEALTH}; not read: mail"


def test_what_is_not_evidence_is_not_understood() -> None:
    """Noise alone: not understood. Noise beside a log: the log counts."""
    noise = ends(NOISE, question=replace(BUNDLE, services=(), given="notes.bin"))
    assert (noise.status, noise.closing) == (
        "not_understood",
        "notes.bin is neither a log, a bundle, Kubernetes objects, kubectl output nor /stats",
    )
    assert ends(NOISE, LOG, question=replace(BUNDLE, services=())).status == "nothing_found"
    assert ends(NOISE, question=replace(BUNDLE, services=("web",))).status == "not_understood"


def test_a_bundle_with_half_the_states() -> None:
    """Services of the operator's own list: not_checked. Workloads that were only found: nothing_found, named."""
    own = ends(STATS, WEB, question=replace(BUNDLE, declared=True))
    found = ends(STATS, WEB, question=BUNDLE)
    assert (own.status, found.status) == ("not_checked", "nothing_found")
    assert found.closing == "no fault; state read: web; not read: mail"
    assert ends(STATS, WEB, question=HealthQuestion(None, ("web", "mail"), live=False)).status == "not_checked"
    asked = ends(STATS, WEB, question=replace(BUNDLE, asked="mail"))
    assert asked.status == "not_checked"


def test_nothing_at_all_is_not_checked() -> None:
    """Everything refused: what was tried is in the sentence."""
    found = ends(Reading("objects", None, Outcome.REFUSED, "HTTP 401"))
    assert found.status == "not_checked"
    assert "Kubernetes: HTTP 401" in found.closing
    assert ends().closing == "nothing could be read: nothing is configured"
    assert ends(Reading("stats", None, Outcome.NOT_UNDERSTOOD, "HTML")).status == "not_checked"


def failed(source: str, why: str, service: str | None = None) -> Reading:
    """Return a source that could not be read."""
    return Reading(source, service, Outcome.FAILED, why)


def test_each_reason_that_nothing_was_read_is_stated_once() -> None:
    """By source; not again service by service, nor as a part of another one, nor for a path behind a failed source."""
    nothing = "nothing could be read: "
    assert (
        ends(failed("stats", "timed out"), failed("stats", "stats: timed out", "web")).closing
        == f"{nothing}/stats: timed out"
    )
    assert ends(failed("stats", "timed out"), failed("health", "refused")).closing == f"{nothing}/stats: timed out"
    assert ends(failed("health", "refused")).closing == f"{nothing}health paths: refused"
    proxy = failed("stats", "no proxy: no kubeconfig")
    assert ends(failed("objects", "no kubeconfig"), proxy).closing == f"{nothing}/stats: no proxy: no kubeconfig"
    both = ends(failed("stats", "timed out"), failed("objects", "HTTP 500")).closing
    assert both == f"{nothing}/stats: timed out; Kubernetes: HTTP 500"


def test_the_registry_and_the_record_agree() -> None:
    """The sources that report a state are those from which a coverage takes one."""
    assert {source.name for source in SOURCES if source.reports == "state"} == set(STATE_SOURCES)

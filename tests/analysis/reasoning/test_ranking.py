"""Who is to blame, how sure that is, and when nobody can state."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.reasoning.ranking import Ranking, rank
from opsagent.models.evidence import Change, Finding, Observation, ServiceHealth, Source, Symptom
from opsagent.models.observed import Objects
from opsagent.models.service import CallGraph
from tests.analysis.scene import SERVICES, ago, deployment, kube_service, seen

GRAPH = CallGraph({service.name: service.depends_on for service in SERVICES})
OBJECTS = seen(*(deployment(service.name) for service in SERVICES), kube_service("blog-svc", "blog"))
HEALTHY = tuple(ServiceHealth(service.name, "healthy", (), ("stats",)) for service in SERVICES)


def finds(
    code: str, service: str | None = None, strength: float = 0.8, source: Source = "logs", *, blames: str | None = None,
    change: str | None = None, over: bool = False, at_s: float = 60, lines: int = 1,
) -> Finding:  # fmt: skip
    """Return one finding."""
    shown = tuple(Observation(source, f"{source}/{service}:L{n}", f"{code} {n}", ago(at_s)) for n in range(lines))
    return Finding(code, change, service, strength, f"{code} in {service}", shown, ago(at_s), over, blames)


def ill(*names: str, kind: str = "offline") -> tuple[ServiceHealth, ...]:
    """Return the judgements with these services faulty."""
    symptom = Symptom("x", kind, kind, Observation("stats", "stats.jsonl:L9", f"{kind} now"))
    return tuple(ServiceHealth(h.service, "faulty", (symptom,)) if h.service in names else h for h in HEALTHY)


def ranked(
    *findings: Finding, healths: Sequence[ServiceHealth] = HEALTHY, patient: str | None = None,
    changes: Sequence[Change] = (), objects: Objects = OBJECTS,
) -> Ranking:  # fmt: skip
    """Return the ranking of these findings."""
    return rank(
        findings, graph=GRAPH, healths=healths, patient=patient, changes=changes,
        services=SERVICES, objects=objects,
    )  # fmt: skip


def first(ranking: Ranking) -> tuple[str, str | None]:
    """Return code and object of the first cause."""
    return ranking.causes[0].code, ranking.causes[0].object


def test_nothing_found_and_nobody_ill_is_not_a_cause() -> None:
    """A healthy platform has no causes and no evidence."""
    assert ranked() == Ranking((), ())


def test_a_lock_wins_over_the_hang_that_it_causes() -> None:
    """The first link is the cause; the hang, the 502s and the time-outs of callers become its evidence."""
    ranking = ranked(
        finds("pod.hung", "blog", 0.7, "health"),
        finds("db.locked", "blog", at_s=50),
        finds("network.timeout", "gateway", blames="blog-svc:8005", lines=3),
        healths=ill("blog"),
    )
    assert first(ranking) == ("db.locked", "Deployment/blog")
    assert ranking.causes[0].confidence >= 0.8
    assert {e.where.split(":")[0] for e in ranking.evidence} >= {"logs/blog", "health/blog", "logs/gateway"}


def test_a_lock_does_not_kill() -> None:
    """A service that refuses connections is down; lock lines of a minute before are not why."""
    ranking = ranked(finds("db.locked", "blog"), finds("dependency.down", "blog", 0.75, "health"), healths=ill("blog"))
    assert first(ranking) == ("dependency.down", "Deployment/blog")


def test_old_lock_lines_of_a_service_that_is_well_accuse_nobody() -> None:
    """What /stats calls well now is not accused by its log, and neither is anybody by what is over."""
    assert ranked(finds("db.locked", "blog")).causes == ()
    assert ranked(finds("db.locked", "blog", over=True), healths=ill("users")).causes[0].code == "unknown"


def test_a_complaint_about_one_that_was_just_asked_is_over() -> None:
    """Its health path answers, so the time-outs in the callers' logs are history; a stranger's silence is not."""
    asked = tuple(replace(health, read=("objects", "health")) for health in HEALTHY)
    assert ranked(finds("network.timeout", "gateway", blames="blog-svc:8005"), healths=asked).causes == ()
    assert ranked(finds("network.timeout", "gateway"), healths=asked).causes == ()
    outside = finds("network.timeout", "gateway", blames="pay.example.org:443")
    assert first(ranked(outside, healths=asked)) == ("network.timeout", "Deployment/gateway")


def test_a_wait_elsewhere_does_not_kill() -> None:
    """A callee's old lock lines do not explain a service that refuses connections."""
    asked = tuple(replace(h, read=("health",)) if h.state == "healthy" else h for h in ill("users"))
    ranking = ranked(
        finds("dependency.down", "users", 0.75, "health"),
        finds("db.locked", "redis", 0.95),
        healths=asked,
    )
    assert first(ranking) == ("dependency.down", "Deployment/users")


def test_a_ready_pod_with_an_informative_log_is_diagnosed() -> None:
    """Readiness alone does not silence a log: many programs are Ready and cannot work."""
    ready = tuple(replace(health, read=("objects",)) for health in HEALTHY)
    assert first(ranked(finds("db.pool-exhausted", "users"), healths=ready)) == (
        "db.pool-exhausted",
        "Deployment/users",
    )


@pytest.mark.parametrize(
    "blamed", ["blog-svc:8005", "http://blog-svc:8005/x", "blog-svc.titanium.svc.cluster.local", "BLOG"]
)
def test_a_refusal_moves_to_the_one_that_refuses(blamed: str) -> None:
    """Whatever spelling the complaint uses, the cause names the service behind it."""
    ranking = ranked(finds("network.refused", "gateway", blames=blamed), healths=ill("gateway", "blog"))
    assert first(ranking) == ("dependency.down", "Deployment/blog")


def test_a_complaint_about_the_cache_names_the_cache() -> None:
    """Redis away is its own code, with Redis' workload to change."""
    ranking = ranked(finds("network.refused", "users", blames="redis-svc:6379"), healths=ill("users", "redis"))
    assert first(ranking) == ("dependency.cache-down", "Deployment/redis")


def test_a_complaint_about_a_well_service_stays_with_the_complainer() -> None:
    """Something between the two is wrong, and the one that answers everybody else is not it."""
    ranking = ranked(finds("network.timeout", "gateway", 0.7, blames="blog-svc:8005"), healths=ill("gateway"))
    assert first(ranking) == ("network.timeout", "Deployment/gateway")


def test_a_login_that_fails_because_the_users_are_away_is_not_a_credential() -> None:
    """What a caller states when its callee is down does not beat the callee's own state."""
    ranking = ranked(
        finds("access.credentials", "gateway", 0.75),
        finds("dependency.down", "users", 0.75, "health"),
        healths=ill("gateway", "users"),
    )
    assert first(ranking) == ("dependency.down", "Deployment/users")


def test_a_crash_because_a_dependency_is_away_follows_from_it() -> None:
    """A program that ends because nobody answers it is not the first link."""
    ranking = ranked(
        finds("pod.crash-app-error", "users", 0.8, "objects"),
        finds("network.refused", "users", 0.7, blames="redis-svc:6379"),
        healths=ill("users", "redis"),
    )
    assert first(ranking) == ("dependency.cache-down", "Deployment/redis")


@pytest.mark.parametrize("code", ["network.dns", "network.tls-certificate", "access.credentials"])
def test_what_is_between_two_services_stays_with_the_complainer(code: str) -> None:
    """A name that cannot be resolved or a certificate that is not trusted reports nothing about who is named."""
    ranking = ranked(finds(code, "gateway", blames="blog-svc:8005"), healths=ill("gateway", "blog"))
    assert first(ranking) == (code, "Deployment/gateway")


def test_a_sick_node_explains_what_was_evicted() -> None:
    """The node is before the pods that it lost."""
    ranking = ranked(
        finds("pod.evicted", "blog", 0.9, "objects", change="Deployment/blog"),
        finds("node.pressure", None, 0.85, "objects", change="Node/n1"),
        healths=ill("blog"),
    )
    assert first(ranking) == ("node.pressure", "Node/n1")


def test_a_finding_of_a_stranger_ranks_behind() -> None:
    """A firm finding about a service that is well and not involved does not beat a softer one of the patient."""
    ranking = ranked(
        finds("db.deadlock", "blog", 0.9, "objects"),
        finds("db.locked", "users", 0.6),
        healths=ill("users"),
        patient="users",
    )
    assert first(ranking) == ("db.locked", "Deployment/users")


def test_a_guess_is_unknown() -> None:
    """Too weak a finding is behind an honest unknown that names the object and shows the symptom."""
    ranking = ranked(finds("db.deadlock", "users", 0.4), healths=ill("users"))
    assert first(ranking) == ("unknown", "Deployment/users")
    assert ranking.causes[1].code == "db.deadlock"
    assert ranking.evidence[0].text == "offline now"
    assert ranked(finds("db.deadlock", "users", 0.3)).causes == ()


def test_what_is_explained_is_no_longer_unknown() -> None:
    """A vague finding beside the cause that explains it is not a second cause."""
    rows = (finds("image.not-found", "users", 0.9), finds("unknown", "users", 0.5, "objects"))
    assert [cause.code for cause in ranked(*rows, healths=ill("users")).causes] == ["image.not-found"]


def test_unknown_names_the_deepest_one_that_is_ill() -> None:
    """The front is slow because of what lies below it."""
    assert first(ranked(healths=ill("load-balancer", "users"), patient="load-balancer")) == (
        "unknown",
        "Deployment/users",
    )


@pytest.mark.parametrize(
    ("kind", "code"), [("oom-killed", "pod.oom-killed"), ("scaled-to-zero", "rollout.zero-replicas")]
)
def test_a_symptom_that_is_a_cause_is_not_unknown(kind: str, code: str) -> None:
    """Where Kubernetes names the state itself, no rule is needed to name the cause."""
    assert first(ranked(healths=ill("users", kind=kind))) == (code, "Deployment/users")


def test_two_faults_are_two_causes() -> None:
    """Independent mechanisms both are in the list, the firmer one first."""
    ranking = ranked(
        finds("db.locked", "blog", 0.9),
        finds("dependency.cache-down", "redis", 0.8, "stats"),
        healths=ill("blog", "redis"),
    )
    assert [cause.code for cause in ranking.causes] == ["db.locked", "dependency.cache-down"]


def test_the_earlier_one_is_first_among_equals() -> None:
    """At the same confidence and depth the first link in time leads."""
    rows = (finds("db.locked", "blog", at_s=10), finds("db.deadlock", "users", at_s=90))
    assert ranked(*rows, healths=ill("blog", "users")).causes[0].code == "db.deadlock"


def test_of_two_sure_causes_the_first_link_leads() -> None:
    """Above 0.85 the chain decides, and no later cause claims more than an earlier one."""
    rows = (finds("db.locked", "users", 0.9), finds("dependency.cache-down", "redis", 0.97, "stats"))
    causes = ranked(*rows, healths=ill("users", "redis")).causes
    assert [cause.code for cause in causes] == ["db.locked", "dependency.cache-down"]
    assert causes[0].confidence >= causes[1].confidence


def test_fresh_lines_are_before_the_same_words_of_an_earlier_day() -> None:
    """The start-up's refusals are not the first thing that an operator should read."""
    shown = tuple(Observation("logs", f"a:L{n}", f"line {n}", ago(at)) for n, at in enumerate((7200, 5, 4)))
    finding = replace(finds("db.locked", "users"), observations=shown)
    assert [e.text for e in ranked(finding, healths=ill("users")).evidence][:2] == ["line 1", "line 2"]


def test_log_only_causes_have_no_object() -> None:
    """Without a cluster the service is named and no object is made up."""
    assert first(ranked(finds("db.locked", "blog"), healths=ill("blog"), objects=Objects())) == (
        "db.locked",
        None,
    )
    assert rank([finds("db.locked")], graph=CallGraph(), healths=(), patient=None, changes=()).causes[0].object is None


def test_what_changed_on_the_object_is_evidence() -> None:
    """The operator's first question is answered beside the cause."""
    seen_change = Observation("history", "Deployment/blog", "revision 3", ago(300))
    change = Change(ago(300), "Deployment/blog", "revision 3", seen_change)
    ranking = ranked(
        finds("config.invalid", "blog"),
        healths=ill("blog"),
        changes=(change, replace(change, object="Deployment/x")),
    )
    assert [e.text for e in ranking.evidence if e.source == "history"] == ["revision 3"]


def test_evidence_is_numbered_in_order_of_use_and_all_used() -> None:
    """E1 is the first cause's most decisive line; a long log does not become twenty pages."""
    rows = [finds(f"db.c{n}", "blog", 0.5 + n / 20, lines=9) for n in range(8)]
    ranking = ranked(*rows, healths=ill("blog"))
    assert [e.id for e in ranking.evidence] == [f"E{n}" for n in range(1, len(ranking.evidence) + 1)]
    assert ranking.causes[0].evidence[0] == "E1"
    assert {i for cause in ranking.causes for i in cause.evidence} == {e.id for e in ranking.evidence}
    assert len(ranking.evidence) <= 25


NAMES = st.sampled_from([None, "blog", "users", "redis", "nobody"])
FINDINGS = st.builds(
    Finding,
    st.sampled_from(["db.locked", "network.refused", "pod.hung", "unknown", "odd", "node.pressure"]),
    st.sampled_from([None, "Deployment/blog", "Node/n", "odd"]),
    NAMES,
    st.floats(0, 1),
    st.just("so"),
    st.sampled_from([(), (Observation("logs", "a:L1", "x"),), (Observation("stats", "b", "y"),)]),
    st.none(),
    st.booleans(),
    st.sampled_from([None, "", ":", "redis-svc:6379", "http://[::1]:80/", "//", "x" * 300]),
)


@given(
    st.lists(FINDINGS, max_size=8),
    st.lists(st.sampled_from(["blog", "users", "redis"]), max_size=3, unique=True),
    NAMES,
)
def test_any_findings_give_an_honest_ranking(findings: list[Finding], sick: list[str], patient: str | None) -> None:
    """Never an error; never silence where something is ill; every id cited exists and every piece is cited."""
    ranking = ranked(*findings, healths=ill(*sick), patient=patient)
    assert not sick or ranking.causes
    assert all(0 <= cause.confidence <= 0.97 for cause in ranking.causes)
    assert {i for cause in ranking.causes for i in cause.evidence} == {e.id for e in ranking.evidence}

"""Faults that are over are listed once, the newest first."""

from dataclasses import replace

from opsagent.analysis.reasoning.over import faults_over
from opsagent.analysis.reasoning.ranking import ENOUGH
from opsagent.analysis.reasoning.topology_view import world_of
from opsagent.models.evidence import Finding, Observation
from opsagent.models.service import CallGraph
from tests.analysis.scene import SERVICES, ago, deployment, pod, seen

WORLD = world_of(CallGraph(), (), SERVICES, seen(deployment("blog"), pod("blog")))
SEEN = Observation("logs", "logs/blog-1/blog.log:L3", "database is locked", ago(60))
LOCKED = Finding("db.locked", None, None, 0.8, "so", (SEEN,), over=True, until=ago(50), records=7, successes=55)


def test_a_fault_that_is_over_has_its_workload_and_its_figures() -> None:
    """The pod that logged it points to the service and what it belongs to."""
    [over] = faults_over([LOCKED], WORLD)
    assert (over.code, over.object, over.service) == ("db.locked", "Deployment/blog", "blog")
    assert (over.until, over.records, over.successes) == (ago(50), 7, 55)
    assert over.where == "logs/blog-1/blog.log:L3"


def test_what_goes_on_or_was_a_hint_or_was_not_seen_is_left_out() -> None:
    """Only what would have been a cause is listed."""
    weak = replace(LOCKED, strength=ENOUGH - 0.01)
    assert faults_over([replace(LOCKED, over=False), weak, replace(LOCKED, observations=())], WORLD) == ()
    assert len(faults_over([replace(LOCKED, strength=ENOUGH)], WORLD)) == 1


def test_two_logs_of_one_fault_are_one_entry() -> None:
    """Its newest record, all records together, the fewest successes since; a log without times takes nothing away."""
    other = replace(LOCKED, until=ago(20), records=2, successes=9)
    timeless = replace(LOCKED, until=None, records=1, successes=90)
    [over] = faults_over([LOCKED, other, timeless], WORLD)
    assert (over.until, over.records, over.successes) == (ago(20), 10, 9)
    [alone] = faults_over([timeless, timeless], WORLD)
    assert alone.until is None


def test_the_newest_comes_first() -> None:
    """Another code is another entry; one without a time is last."""
    newer = replace(LOCKED, code="network.timeout", until=ago(10))
    timeless = replace(LOCKED, code="pod.hung", until=None)
    found = faults_over([timeless, LOCKED, newer], WORLD)
    assert [over.code for over in found] == ["network.timeout", "db.locked", "pod.hung"]

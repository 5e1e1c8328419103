"""Complaints of an earlier run: over where the container has been ready for long since."""

from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.reasoning.earlier_runs import judged_by_run
from opsagent.models.evidence import Finding, Observation
from tests.analysis import kube_objects as k

POD = "cart-6d5f7c9b84-x2x2x"


def complaint(suffix: str = ".previous") -> Finding:
    """Return what a container's log complains of."""
    seen = Observation("logs", f"logs/{POD}/main{suffix}.log:L3", "dial tcp 10.9.8.7:5432: connection refused")
    return Finding("db.unreachable", None, "cart", 0.8, "the database cannot be reached", (seen,))


def over(finding: Finding, status: dict[str, object]) -> bool:
    """Return whether the finding is over beside this state of its container."""
    cluster = Cluster(k.seen(k.pod(POD, status)))
    return judged_by_run([finding], cluster, now=k.NOW, crash_window_s=600)[0].over


def test_an_earlier_run_is_over_once_the_next_one_has_been_ready_for_long() -> None:
    """Two restarts at start, three hours ago, are no fault of now."""
    since = k.running(started=10_000, lastState=k.ended(1, finished=10_010))
    assert over(complaint(), since)
    assert not over(complaint(""), since)  # the run of now states it


def test_an_earlier_run_counts_while_its_end_does() -> None:
    """A crash of a moment ago, a container that is not ready, and one that dies in a rhythm."""
    assert not over(complaint(), k.running(started=100, lastState=k.ended(1, finished=110)))
    assert not over(complaint(), k.running(ready=False, started=10_000, lastState=k.ended(1, finished=10_010)))
    rhythm = k.running(started=3000, lastState=k.ended(1, finished=3010, lived=7000)) | {"restartCount": 12}
    assert not over(complaint(), rhythm)

"""A fault that recovered and began again is known from one that lasts, whatever its first record seems to be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opsagent.analysis.reasoning.onset import began_again

SEEN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # when the earlier incident saw the service ill


def pod(turned_min: float, *, ready: str = "False", born_min: float = -600, ended_min: float | None = None) -> Any:
    """Return a pod that turned (not) Ready so many minutes after the service was seen ill."""
    ended = {"lastState": {"terminated": {"finishedAt": _at(ended_min)}}} if ended_min is not None else {}
    return {
        "metadata": {"name": "web-1", "creationTimestamp": _at(born_min)},
        "status": {
            "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": _at(turned_min)}],
            "containerStatuses": [{"name": "web", "state": {"running": {}}, **ended}],
        },
    }


def _at(minutes: float) -> str:
    return f"{SEEN + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def test_a_pod_that_was_ready_in_between_began_again() -> None:
    """The moment is that of its own transition; pods that are Ready say nothing."""
    assert began_again([pod(7), pod(-30, ready="True")], SEEN) == SEEN + timedelta(minutes=7)
    assert began_again([pod(9), pod(7, ended_min=-60)], SEEN) == SEEN + timedelta(minutes=7)


@pytest.mark.parametrize(
    "pods",
    [
        [],
        [pod(3, ready="True")],
        [pod(-5)],  # not Ready all the time
        [pod(-5), pod(7)],  # one of them all the time
        [pod(0.1)],  # the clocks of two machines differ by seconds
        [pod(7, born_min=2)],  # a new pod while the fault lasts
        [pod(7, ended_min=6)],  # it crashes, and is Ready for a moment each time
        [{"metadata": {}, "status": {"conditions": [{"type": "Ready", "status": "False"}]}}],
    ],
    ids=["none", "ready", "lasts", "one lasts", "skew", "new pod", "crashes", "no stamps"],
)
def test_without_a_proof_of_recovery_it_is_the_same_onset(pods: list[Any]) -> None:
    """An estimate that moves, a replaced pod and a crash loop are no recovery."""
    assert began_again(pods, SEEN) is None

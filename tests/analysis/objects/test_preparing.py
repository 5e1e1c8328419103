"""What a kubelet has done for a pod that it took up: volumes, sandbox, images, by status and by events."""

from typing import Any

import pytest

from opsagent.analysis.objects.event import event_of
from opsagent.analysis.objects.preparing import prepared
from tests.analysis import kube_objects as k

CREATING = k.waiting("ContainerCreating")


def taken(*statuses: k.Obj, **status: Any) -> k.Obj:
    """Return a pod that its kubelet has taken up and not started."""
    made = k.pod("cart-1", *(statuses or (CREATING,)))
    made["status"] |= {"phase": "Pending", "startTime": k.ago(300), **status}
    return made


@pytest.mark.parametrize(
    ("pod", "reasons", "done"),
    [
        (taken(), [], set()),
        (taken(), ["FailedMount"], set()),
        (taken(), ["FailedMount", "FailedCreatePodSandBox"], {"volumes"}),
        (taken(podIP="10.1.1.1"), [], {"volumes", "sandbox"}),
        (taken(conditions=[k.condition("PodReadyToStartContainers", "True")]), [], {"volumes", "sandbox"}),
        (taken(), ["FailedCreatePodSandBox", "Pulling"], {"volumes", "sandbox"}),
        (taken(k.waiting("ImagePullBackOff")), [], {"volumes", "sandbox"}),
        (taken(), ["Pulling", "Pulled", "Created"], {"volumes", "sandbox", "images"}),
        (taken(k.waiting("CreateContainerConfigError")), [], {"volumes", "sandbox", "images"}),
        (taken(k.crashing(1)), [], {"volumes", "sandbox", "images"}),
        (taken(k.running(), k.waiting("ErrImagePull", name="side")), [], {"volumes", "sandbox"}),
    ],
)
def test_each_step_is_known_by_status_else_by_the_newest_event(pod: k.Obj, reasons: list[str], done: set[str]) -> None:
    """A mount that failed before the sandbox did is over: the kubelet mounts first."""
    events = [event_of(k.event(pod, reason, "x", age=300 - place)) for place, reason in enumerate(reasons)]
    assert prepared(pod, events) == done

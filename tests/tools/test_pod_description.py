"""Describing pods of any shape."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from opsagent.tools.kubectl import describe_pod, list_pods
from tests.tools.platforms import Records

LEAF = st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats() | st.text(max_size=6)
KEYS = st.sampled_from(
    [
        "containers", "initContainers", "containerStatuses", "initContainerStatuses", "name", "state",
        "lastState", "waiting", "terminated", "running", "exitCode", "reason", "conditions", "volumes",
        "env", "envFrom", "valueFrom", "livenessProbe", "httpGet", "exec", "command", "port", "resources",
        "limits", "tolerations", "ownerReferences", "labels", "annotations", "deletionTimestamp",
        "creationTimestamp", "type", "status", "volumeMounts", "ports", "restartCount", "secretKeyRef",
        "involvedObject", "kind", "lastTimestamp", "count", "series", "message",
    ]
)  # fmt: skip
WILD = st.recursive(LEAF, lambda x: st.dictionaries(KEYS, x, max_size=5) | st.lists(x, max_size=3), max_leaves=12)


@settings(max_examples=30, deadline=None)
@given(metadata=st.dictionaries(KEYS, WILD, max_size=4), spec=WILD, status=WILD, event=WILD)
def test_mutilated_pods_are_described(metadata: dict[str, Any], spec: Any, status: Any, event: Any) -> None:
    """Whatever is missing or of another type, the pod is reported as far as it can be read."""
    pod = {"kind": "Pod", "metadata": metadata | {"name": "p", "uid": "u"}, "spec": spec, "status": status}
    about = {"involvedObject": {"kind": "Pod", "name": "p"}} | (event if isinstance(event, dict) else {})
    platform = Records(kinds={"Pod": [pod], "Event": [about]})
    assert describe_pod(platform, "p").name == "p"
    assert list_pods(platform).pods[0].name == "p"

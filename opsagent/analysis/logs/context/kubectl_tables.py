"""What lists of kubectl's state in a log: that a pod is ready, was placed, was killed."""

from collections.abc import Sequence

from opsagent.analysis.catalog.records import OverWhen
from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest, LogGroup

_KILLED = Late(r"failed (?:liveness|startup) probe, will be restarted|\bKilling\b.{0,200}\b(?:liveness|startup) probe")
_READY, _NOT_READY = Late(r"^\s*Ready:\s+True\b"), Late(r"^\s*Ready:\s+False\b")
_RESTARTED = Late(r"^\s*Restart Count:\s+[1-9]")
# Who is meant, in an event, a list or a controller's line.
_POD = Late(r"\b(?:pods?/|pod=\"?(?:[\w-]+/)?|Pod \"?(?:[\w-]+/)?)(?P<pod>[a-z0-9][a-z0-9.-]+)")
_PLACED = Late(r"Successfully (?:assigned|bound)|\bScheduled\s+pod/|\"Successfully bound pod")
_PULLED = Late(r"Successfully pulled image|Started container|Container image \S+ already present")
_MOUNTED = Late(r"Started container|SuccessfulMountVolume|SuccessfulAttachVolume")
_SUCCESS: dict[OverWhen, Late] = {"placed": _PLACED, "pulled": _PULLED, "mounted": _MOUNTED}


def killed(log: LogDigest) -> bool:
    """Return whether Kubernetes ended a program because its probe failed."""
    return any(_KILLED.search(group.text) for group in log.groups)


def well_by_kubernetes(log: LogDigest, over_when: OverWhen, complaints: Sequence[LogGroup]) -> bool:
    """Return whether Kubernetes itself shows that it is over: the pod was placed, its image pulled, it is ready."""
    if over_when == "ready":
        return _is_ready(log)
    success = _SUCCESS.get(over_when)
    if success is None:
        return False
    names = {found["pod"] for group in complaints if (found := _POD.search(group.text))}
    last = max(group.last_line for group in complaints)
    well = [group.text for group in log.groups if group.last_line > last and success.search(group.text)]
    return bool(names) and all(any(name in text for text in well) for name in names)


def _is_ready(log: LogDigest) -> bool:
    """Return whether a described pod is ready and was never started again: its probe failed while it came up."""
    texts = [group.text for group in log.groups]
    return (
        any(map(_READY.search, texts))
        and not any(map(_NOT_READY.search, texts))
        and not any(map(_RESTARTED.search, texts))
    )

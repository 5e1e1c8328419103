"""Whose logs are read where there are very many pods."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opsagent.config.settings import LogSettings
from opsagent.models.coverage import Outcome
from opsagent.models.observed import LogRef
from opsagent.tools.log_choice import MOST_PODS, chosen_logs


def pod(name: str, *, ready: bool = True, restarts: int = 0, minute: int = 0) -> dict[str, Any]:
    """Return a pod of one container."""
    state = {"name": "app", "ready": ready, "restartCount": restarts, "state": {"running": {}}}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "creationTimestamp": f"2026-11-30T12:{minute:02}:00Z"},
        "spec": {"containers": [{"name": "app"}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [state],
        },
    }


def refs(*names: str) -> list[LogRef]:
    """Return a log of each pod."""
    return [LogRef(f"logs/{name}/app.log", name, "app") for name in names]


def test_suspicious_pods_come_first() -> None:
    """Not Ready before restarted before newest; the order of the logs stays as it was."""
    pods = [pod("old"), pod("new", minute=9), pod("sick", ready=False), pod("hurt", restarts=3)]
    every = refs("old", "new", "sick", "hurt")
    for most, names in ((1, ["sick"]), (2, ["sick", "hurt"]), (3, ["new", "sick", "hurt"])):
        kept, left_out = chosen_logs(every, pods, most)
        assert [ref.pod for ref in kept] == names
        assert left_out is not None
        assert f"{most} of 4 pods" in left_out.why
        assert "logs.max_pods" in left_out.why
        assert left_out.outcome is Outcome.NOT_ASKED


def test_few_pods_are_all_read() -> None:
    """Within the bound nothing is left out, and nothing is stated."""
    every = refs("a", "b")
    assert chosen_logs(every, [], 2) == (tuple(every), None)


@given(st.lists(st.sampled_from("abcdef")), st.integers(0, 4))
def test_never_more_than_so_many(names: list[str], most: int) -> None:
    """Whatever pods there are; a log of no pod is always kept."""
    kept, _ = chosen_logs([*refs(*names), LogRef("some.log")], [{}, pod("a")], most)
    assert len({ref.pod for ref in kept if ref.pod}) <= most
    assert kept[-1].where == "some.log"


def test_default_is_the_settings_own() -> None:
    """The tools, which know no settings, keep to the same number."""
    assert LogSettings().max_pods == MOST_PODS

"""A diagnosis that waits for its answer."""

from typing import Any, cast

from opsagent.agent.diagnosis import fingerprint
from opsagent.agent.state import State
from opsagent.models.evidence import Cause, Evidence
from tests.agent.small_platform import AT, Bench

LOCKED = Cause("db.locked", "Deployment/blog", "blog", 0.86, "the database is locked", ("E1",))
E1 = Evidence("E1", "logs", "blog.log:L9", "database is locked", AT)


def asked(small: Bench, **more: Any) -> State:
    """Return the state of a diagnosis that waits for its answer: locked, a restart."""
    state = cast(State, {**small.ordered(), "order": None, "causes": (LOCKED,), "evidence": (E1,), **more})
    return {**state, "fingerprint": fingerprint(state["plan"], tuple(state["causes"]))}

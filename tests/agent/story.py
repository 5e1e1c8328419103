"""A verification told step by step: each pause lets the next thing happen, and is the clock's only motion."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from opsagent.agent import approval as asking
from opsagent.agent import verification
from opsagent.agent.state import State
from opsagent.errors import CheckError
from opsagent.models.plan import ActionRecord, Verification
from tests.agent.small_platform import AT, Bench, SmallPlatform, blog
from tests.analysis.workloads import pod


@dataclass
class Story:
    """A platform whose checks change while it is verified: each pause is the next step, and the clock's only motion."""

    small: Bench
    steps: list[Callable[[SmallPlatform], None]] = field(default_factory=list)
    now: float = 100.0
    pauses: list[float] = field(default_factory=list)

    def limit(self, **limits: float) -> None:
        """Verify with other limits: timeout_s, hold_s, interval_s."""
        settings = self.small.ctx.settings
        settings = replace(settings, verify=replace(settings.verify, **limits))
        self.small.ctx = replace(self.small.ctx, settings=settings)
        self.small.ctx.seen.settings = settings

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    def pause(self, seconds: float) -> None:
        """Let time pass and the next thing happen."""
        self.now += seconds
        self.pauses.append(seconds)
        if self.steps:
            self.steps.pop(0)(self.small.platform)


def state_of(story: Story, **more: Any) -> State:
    """Return the state in which the change was made."""
    state = story.small.ordered()
    given = asking.approved(state, story.small.yes(state), story.small.ctx)
    done = ActionRecord("b7k2", "restart_deployment", "Deployment/blog", None, AT, "x", "panel", "done")
    return cast(State, {**state, "approval": given, "actions": (done,), "order": None, **more})


def verified(story: Story, *steps: Callable[[SmallPlatform], None], **more: Any) -> Verification:
    """Verify while the story goes on."""
    state = state_of(story, **more)
    story.steps = [*steps]
    return verification.verify(state, story.small.ctx)


def stays(platform: SmallPlatform) -> None:
    """Leave everything as it is."""


def not_ready(platform: SmallPlatform) -> None:
    """Let the pod fail."""
    platform.held = [broken(), pod("blog", waiting="CrashLoopBackOff")]


def ready(platform: SmallPlatform) -> None:
    """Let everything be well."""
    platform.held, platform.unread = [blog(), pod("blog", ready=True)], None


def away(platform: SmallPlatform) -> None:
    """Let the API server be gone."""
    platform.unread = CheckError("the API server is away", source="deployments")


def broken() -> dict[str, Any]:
    """Return the Deployment with no replica available."""
    item = blog()
    item["status"] |= {"readyReplicas": 0, "availableReplicas": 0}
    return item

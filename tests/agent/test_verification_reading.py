"""What a verification reads, and what it makes of what it could not read."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from opsagent.agent import verification
from opsagent.errors import CheckError, ForbiddenError, NotFoundError
from opsagent.models.evidence import Observation, ServiceHealth, Symptom
from opsagent.models.observed import KubeObject, StatsSample
from opsagent.models.service import CallGraph, Service
from tests.agent.small_platform import AT, BLOG, SmallPlatform, blog
from tests.agent.story import Story, away, broken, ready, state_of, stays, verified
from tests.analysis.workloads import deployment, pod

RULES = Symptom(None, "rules", "a Service selects no pod", Observation("objects", "Service/blog", "selects no pod"))
GATEWAY = Service("gateway", "gateway", "gateway_service", depends_on=("blog",))


@dataclass
class Reads(SmallPlatform):
    """A small platform that notes each read, and refuses lists of some kinds."""

    reads: list[str] = field(default_factory=list)
    refused: dict[str, CheckError] = field(default_factory=dict)
    missing: tuple[str, ...] = ()  # kinds of which no object is found by its name

    def list(self, kind: str, namespace: str | None = None) -> tuple[KubeObject, ...]:
        """Note and list."""
        self.reads.append(f"list {kind}")
        if kind in self.refused:
            raise self.refused[kind]
        return super().list(kind, namespace)

    def get(self, kind: str, name: str) -> KubeObject:
        """Note and read one."""
        self.reads.append(f"get {kind}")
        if self.unread:
            raise self.unread
        found = [item for item in self.held if item["kind"] == kind and item["metadata"]["name"] == name]
        if not found or kind in self.missing:
            raise NotFoundError(f"no {kind} {name}", source=kind)
        return found[0]


@pytest.fixture
def reads(story: Story) -> Reads:
    """Return the platform of the story, which notes what is read from now on."""
    made = Reads()
    story.small.platform = made
    story.small.ctx = replace(story.small.ctx, platform=made)
    story.small.ctx.seen.platform = made
    return made


def read_while(story: Story, reads: Reads, *steps: Any, **more: Any) -> list[str]:
    """Return what one verification reads."""
    state = state_of(story, **more)
    story.steps = [*steps]
    reads.reads.clear()
    verification.verify(state, story.small.ctx)
    return reads.reads


def test_a_verification_reads_the_object_and_its_pods(story: Story, reads: Reads) -> None:
    """The object alone until its rollout is complete, then object and pods in each check; no other kind, ever."""
    check = ["get Deployment", "list Pod"]
    assert read_while(story, reads) == ["get Deployment", *check, *check, *check]


def test_until_the_rollout_is_complete_the_object_alone_is_read(story: Story, reads: Reads) -> None:
    """Its status states how far it is: no pod is listed, and no service is judged."""
    reads.held[0] = broken()
    story.limit(timeout_s=4.0)
    waited = ["get Deployment"] * 3
    assert read_while(story, reads) == [*waited, "get Deployment", "list Pod"]  # the last: what is reported


def test_what_is_still_faulty_at_the_end_is_not_read_once_more(story: Story, reads: Reads) -> None:
    """The last check within the time is what is reported."""
    reads.held[1] = pod("blog", waiting="CrashLoopBackOff")
    story.limit(timeout_s=4.0)
    check = ["get Deployment", "list Pod"]
    assert read_while(story, reads) == ["get Deployment", *check, *check, *check]


def test_while_the_api_server_is_away_one_read_is_tried(story: Story, reads: Reads) -> None:
    """A refused or lost read of the object is not followed by others that would only wait for the same answer."""
    state = state_of(story)
    away(reads)
    story.limit(timeout_s=4.0)
    reads.reads.clear()
    verification.verify(state, story.small.ctx)
    assert reads.reads == ["get Deployment"] * 4


def test_progress_shows_how_far_the_rollout_is(story: Story) -> None:
    """From the first check on, long before it is complete; an outage that is over is not shown any more."""
    texts: list[str] = []

    class Doing(type(story.small.ctx.progress)):  # type: ignore[misc]
        """Progress that keeps what is being done."""

        def doing(self, node: str, text: str) -> None:
            """Keep the text."""
            texts.append(text)

    def back(platform: SmallPlatform) -> None:
        platform.held[0], platform.unread = broken(), None

    story.small.ctx = replace(story.small.ctx, progress=Doing())
    story.small.platform.held[0] = broken()
    assert verified(story, away, back, ready).recovered
    assert [text for text in texts if "asking" not in text][:3] == [
        "0 of 1 updated replicas are available",
        "could not check: the API server is away",
        "0 of 1 updated replicas are available",
    ]


@pytest.mark.parametrize(
    ("interval_s", "hold_s", "pauses"),
    [(2.0, 30.0, [2.0, 10.0, 10.0, 10.0]), (0.5, 9.0, [0.5, 3.0, 3.0, 3.0]), (2.0, 3.0, [2.0, 2.0, 2.0])],
)
def test_the_hold_window_is_proven_by_three_reads(
    story: Story, interval_s: float, hold_s: float, pauses: list[float]
) -> None:
    """A rollout is watched at the interval; once good, the window is split in three, no shorter than the interval."""
    story.limit(timeout_s=99.0, hold_s=hold_s, interval_s=interval_s)
    story.small.platform.held[0] = broken()
    assert verified(story, ready).recovered
    assert story.pauses == pauses


def test_what_looks_wrong_is_not_confirmed_by_waiting(story: Story) -> None:
    """The next check is the confirmation: an offline entry of /stats costs no further pause within a check."""
    story.small.platform.sample = StatsSample(AT, 0.1, 200, {"blog_service": {"service_status": "offline"}})
    story.limit(interval_s=5.0)
    checked = verified(story)
    assert not checked.recovered
    assert story.pauses == [5.0] * 6


def test_pods_that_cannot_be_listed_prove_nothing(story: Story, reads: Reads) -> None:
    """/stats reports the service online and the object is complete, but nobody knows what its pods do."""
    reads.sample = StatsSample(AT, 0.1, 200, {"blog_service": {"service_status": "online"}})
    state = state_of(story)
    reads.refused["Pod"] = ForbiddenError("pods is forbidden", source="pods")
    checked = verification.verify(state, story.small.ctx)
    assert (checked.recovered, checked.figure) == (False, "could not check: pods is forbidden")


def test_of_several_kinds_that_cannot_be_listed_the_pods_are_named(story: Story, reads: Reads) -> None:
    """Where everything is read, the reason is that of the pods, whatever else was refused first."""
    state = state_of(story, symptoms=(RULES,))
    reads.sample = StatsSample(AT, 0.1, 200, {"blog_service": {"service_status": "online"}})
    reads.refused |= {"Event": ForbiddenError("events is forbidden", source="events")}
    story.small.ctx.seen.check_again()
    assert "Event" not in story.small.ctx.seen.objects.looked  # from now on they are not asked for any more
    reads.refused |= {"Pod": ForbiddenError("pods is forbidden", source="pods")}
    checked = verification.verify(state, story.small.ctx)
    assert (checked.recovered, checked.figure) == (False, "could not check: pods is forbidden")


def test_a_deployment_deleted_after_the_change_has_not_recovered(story: Story) -> None:
    """Where everything is read nothing was refused: the reason is that the object is not there."""
    state = state_of(story, symptoms=(RULES,))
    del story.small.platform.held[0]
    checked = verification.verify(state, story.small.ctx)
    assert (checked.recovered, checked.figure) == (False, "could not check: no Deployment blog")


def test_the_changed_object_is_found_among_all_that_were_read(story: Story, reads: Reads) -> None:
    """Another Deployment, and an object of another kind and its name, come first: neither is taken for it."""
    other = deployment("another") | {"status": blog()["status"]}
    named = {"kind": "Service", "metadata": {"name": "blog", "namespace": "shop", "uid": "uid-service"}}
    reads.held = [named, other, blog(), pod("blog", ready=True)]
    asked = read_while(story, reads, symptoms=(RULES,))
    assert asked.count("get Deployment") == 1
    assert verified(story, symptoms=(RULES,)).recovered


def test_a_kind_that_may_not_be_listed_is_read_by_its_name(story: Story, reads: Reads) -> None:
    """No Deployment may be listed, the changed one may be read: its rollout is known."""
    state = state_of(story, symptoms=(RULES,))
    reads.refused["Deployment"] = ForbiddenError("deployments is forbidden", source="deployments")
    reads.sample = StatsSample(AT, 0.1, 200, {"blog_service": {"service_status": "online"}})
    assert verification.verify(state, story.small.ctx).recovered


def test_an_old_pod_that_is_still_terminating_holds_the_recovery_back(story: Story) -> None:
    """The counts are good about a second before the last old pod is gone."""
    leaving = pod("blog", ready=True)
    leaving["metadata"] |= {"name": "blog-old", "deletionTimestamp": "2026-11-22T12:30:00Z"}
    story.small.platform.held.append(leaving)

    def gone(platform: SmallPlatform) -> None:
        platform.held.remove(leaving)

    checked = verified(story, stays, gone)
    assert (checked.recovered, checked.took_s) == (True, 8.0)


def test_who_was_asked_about_has_to_recover_too(story: Story) -> None:
    """The gateway was asked about, the blog below it was restarted and is healthy; the gateway is still degraded."""
    seen = story.small.ctx.seen
    seen.configured = (GATEWAY, BLOG)
    gateway = deployment("gateway") | {"status": blog()["status"]}
    story.small.platform.held += [gateway, pod("gateway", ready=True)]
    entries = {"blog_service": {"service_status": "online"}, "gateway_service": {"service_status": "degraded"}}
    story.small.platform.sample = StatsSample(AT, 0.1, 200, entries)
    assert not verified(story, asked="gateway").recovered
    entries["gateway_service"]["service_status"] = "online"
    assert verified(story, asked="gateway").recovered


def test_another_service_that_was_faulty_is_another_incident(story: Story) -> None:
    """Mail was faulty too and has nothing to do with the blog: nothing of it is read, and it holds nothing back."""
    story.small.ctx.seen.configured = (BLOG, Service("mail", "mail"))
    assert verified(story, healths=(ServiceHealth("mail", "faulty"),)).recovered


def test_an_order_is_verified_by_its_own_service_alone(story: Story) -> None:
    """The operator restarts blog by command; the cart below it was faulty before, and is no matter of this change."""
    seen = story.small.ctx.seen
    seen.configured = (replace(BLOG, depends_on=("cart",)), Service("cart", "cart"))
    order = story.small.ordered()["order"]
    before: dict[str, Any] = {
        "healths": (ServiceHealth("cart", "faulty"),),
        "calls": CallGraph({"blog": ("cart",), "cart": ()}),
    }
    assert verified(story, order=order, asked="blog", **before).recovered
    assert not verified(story, asked="blog", **before).recovered


CART = Service("cart", "cart")


def crashed(name: str, why: str) -> list[dict[str, Any]]:
    """Return a Deployment whose one pod waits."""
    status = {"observedGeneration": 3, "replicas": 1, "updatedReplicas": 1}
    return [deployment(name) | {"status": status}, pod(name, waiting=why)]


def running(name: str) -> list[dict[str, Any]]:
    """Return a Deployment whose one pod is ready."""
    return [deployment(name) | {"status": blog()["status"]}, pod(name, ready=True)]


def test_what_was_faulty_below_is_read_and_has_to_be_well(story: Story) -> None:
    """The cart below the blog was faulty with it: recovered with it, and not without it."""
    story.small.ctx.seen.configured = (replace(BLOG, depends_on=("cart",)), CART)
    before: dict[str, Any] = {
        "healths": (ServiceHealth("cart", "faulty"),),
        "calls": CallGraph({"blog": ("cart",), "cart": ()}),
    }
    held = story.small.platform.held
    story.small.platform.held = [*held, *running("cart")]
    assert verified(story, **before).recovered
    story.small.platform.held = [*held, *crashed("cart", "CrashLoopBackOff")]
    assert not verified(story, **before).recovered


def test_a_fault_that_has_nothing_to_do_with_it_holds_nothing_back(story: Story) -> None:
    """Everything is read, for a rule raised it: the cart is down, and neither calls the blog nor is called by it."""
    story.small.ctx.seen.configured = (BLOG, CART)
    story.small.platform.held += crashed("cart", "CrashLoopBackOff")
    assert verified(story, symptoms=(RULES,)).recovered


def test_what_is_still_wrong_with_the_patient_is_named_first(story: Story) -> None:
    """Two are down: the patient's own symptom is in the text, in whatever order the services are listed."""
    story.small.ctx.seen.configured = (CART, replace(BLOG, depends_on=("cart",)))
    state = state_of(story, symptoms=(RULES,))
    story.small.platform.held = [*crashed("cart", "ImagePullBackOff"), *crashed("blog", "CrashLoopBackOff")]
    text = verification.verify(state, story.small.ctx).figure
    assert text.startswith("blog still faulty after 30 s: ")
    assert "CrashLoopBackOff" in text


def test_an_incident_of_no_service_is_about_all_of_them(story: Story) -> None:
    """The text names all services where no one is the patient."""
    assert verified(story, patient=None).figure == "all services well for 4 s"

"""When a pass speaks: new, changed, flapping; and when it keeps quiet."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from opsagent.agent import wiring
from opsagent.agent.detection import Detection
from opsagent.agent.watch_pass import Met, Pass
from opsagent.analysis.objects import kube
from opsagent.clients.live import LivePlatform
from opsagent.config.settings import Settings
from opsagent.models.evidence import ServiceHealth
from opsagent.models.service import CallGraph
from opsagent.models.sighting import Sighting
from opsagent.redact import Redactor
from opsagent.store.store import Store
from tests.session import Heard, at_work, sandboxes
from tests.store.records_made import AT, report

if TYPE_CHECKING:
    from opsagent.agent.context import Context
    from opsagent.models.incident import Report


def later(minutes: float) -> datetime:
    """Return the time so many minutes after the first pass."""
    return AT + timedelta(minutes=minutes)


class Meeting:
    """Passes that meet what they are instructed to, at the time they are reported."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(state_dir=folder)
        store = Store.at(settings, {})
        self.now = AT
        ctx: Context = wiring.live(
            settings, LivePlatform(settings), Redactor(), store=store, progress=Heard(), environ={}, model=False
        )
        desk = cast(Any, nullcontext)
        self.made = Pass(replace(ctx, clock=lambda: self.now), store, "shop", desk)

    def meets(self, minutes: float, before: Sighting | None = None, **other: Any) -> str | None:
        """Return what is reported about an incident that is met after so many minutes."""
        self.now = later(minutes)
        known = self.made.store.sightings.list("shop")
        made: Report = report(**({"status": "awaiting_approval"} | other))
        met = self.made._met(made, known, before)
        if met is None:
            return None
        self.made.store.sightings.save(met.sighting)
        return met.notice or "quiet"

    def goes(self) -> None:
        """Let everything be well."""
        for one in self.made.store.sightings.list("shop"):
            self.made.store.sightings.save(replace(one, open=False))

    @property
    def known(self) -> Sighting:
        """The one sighting."""
        [one] = self.made.store.sightings.list("shop")
        return one


@pytest.fixture
def meeting(tmp_path: Path) -> Meeting:
    """Return passes that have met nothing yet."""
    return Meeting(tmp_path)


def test_what_comes_and_goes_is_reported_once_in_a_cool_down(meeting: Meeting) -> None:
    """New; back after 5 minutes: flapping; again and again: quiet; back after the cool-down: reported again."""
    said = []
    for minutes in (0, 5, 8, 12, 45, 300):
        said.append(meeting.meets(minutes))
        meeting.goes()
    assert said == ["new", "flapping", "quiet", "quiet", "new", "new"]
    assert meeting.known.count == 6


def test_another_cause_is_reported_as_a_change(meeting: Meeting) -> None:
    """The same service with another cause: changed, first seen when it was first seen; the same cause again: quiet."""
    meeting.meets(0)
    before = meeting.known
    assert meeting.meets(2, before) == "quiet"
    cause = replace(report().causes[0], code="pod.oom-killed")
    assert meeting.meets(4, before, causes=(cause,)) == "changed"
    newest = meeting.made.store.sightings.list("shop")[0]
    assert (newest.code, newest.first_seen) == ("pod.oom-killed", AT)


def test_wording_is_not_a_change(meeting: Meeting) -> None:
    """Another summary, confidence and evidence of the same code and object is the same incident."""
    meeting.meets(0)
    cause = replace(report().causes[0], summary="in other words", confidence=0.4)
    assert meeting.meets(2, meeting.known, causes=(cause,), symptoms=()) == "quiet"


def test_what_was_gone_between_two_checks_is_nothing(meeting: Meeting) -> None:
    """A diagnosis that ends healthy leaves no sighting."""
    assert meeting.meets(0, status="healthy") is None
    assert meeting.made.store.sightings.list("shop") == ()


def test_a_clock_that_was_set_back_is_not_a_reason_to_shout(meeting: Meeting) -> None:
    """Met again "before" it was reported, a minute off: flapping, not new; a year off: new."""
    meeting.meets(0)
    meeting.goes()
    assert meeting.meets(-1) == "flapping"
    meeting.goes()
    assert meeting.meets(-60 * 24 * 365) == "new"


def test_what_could_not_be_read_is_not_over(meeting: Meeting) -> None:
    """An incident of no service is over where every service was read and is healthy, and not before."""
    meeting.meets(0, service=None)
    [known] = meeting.made.store.sightings.list("shop")
    assert known.service is None
    calls = CallGraph({"web": (), "cart": ()})
    for state, over in (("unknown", []), ("faulty", []), ("healthy", [known.key])):
        healths = (ServiceHealth("web", "healthy"), ServiceHealth("cart", cast(Any, state)))
        found = Detection(healths, calls, (), None)
        met = [cast(Met, one) for one in meeting.made._over(found, [known])]
        assert [one.sighting.key for one in met] == over


def test_what_recovered_between_two_passes_and_began_again_is_another_incident(tmp_path: Path) -> None:
    """Soon after, that is flapping; the incident that waited is closed. A pass that meets the same onset is quiet."""
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("db-locked")
        store = Store.at(settings, {})

        def meet() -> Met:
            with at_work(settings) as (ctx, desk):
                passes = Pass(ctx, store, "shop", lambda: nullcontext(desk)).run()
                [met] = [one for one in passes if isinstance(one, Met)]
                pods.extend(item for item in ctx.seen.objects.items if kube.ref(item).startswith("Pod/local-blog-serv"))
            return met

        pods: list[Any] = []
        first, same = meet(), meet()
        assert (first.notice, same.notice, same.sighting.incident_id) == ("new", None, first.sighting.incident_id)
        born = kube.when(pods[0]["metadata"]["creationTimestamp"])
        turned = kube.when(kube.condition(pods[0], "Ready")["lastTransitionTime"])
        assert born
        assert turned
        store.sightings.save(replace(same.sighting, last_seen=born + (turned - born) / 2))
        again = meet()
        assert (again.notice, again.stage, again.sighting.open) == ("flapping", "awaiting_approval", True)
        assert again.sighting.incident_id != first.sighting.incident_id
        assert store.incidents.get(first.sighting.incident_id).stage == "recovered"

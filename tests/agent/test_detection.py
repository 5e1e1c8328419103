"""What a judgement over all services states: who is well, who is suspected, and when nothing is known."""

from dataclasses import replace
from typing import Any

import pytest

from opsagent.agent.detection import Detection, detect_now
from opsagent.analysis.evidence.verdict import HealthVerdict
from opsagent.errors import CheckError
from opsagent.models.coverage import Coverage, Outcome, Reading
from opsagent.models.evidence import Observation, ServiceHealth, Symptom
from opsagent.models.observed import Skipped, StatsSample
from opsagent.models.service import CallGraph
from tests.agent.small_platform import AT, Bench

CALLS = CallGraph({"gateway": ("blog",), "blog": ("redis",), "redis": (), "mail": ()})


def detection(patients: tuple[str | None, ...] = (), **states: Any) -> Detection:
    """Return a judgement: every service healthy unless it is stated otherwise."""
    healths = tuple(ServiceHealth(name, states.get(name, "healthy")) for name in CALLS.calls)
    return Detection(healths, CALLS, patients, None)


def test_a_patient_whose_state_is_unknown_has_not_recovered() -> None:
    """Nothing reads as faulty any more because nothing is read."""
    assert detection().well("blog")
    assert not detection(blog="unknown").well("blog")
    assert not detection(("blog",), blog="faulty").well("blog")


def test_what_was_faulty_below_the_patient_has_to_be_read_too() -> None:
    """The gateway is healthy, the blog behind it was the fault and could not be read: not recovered."""
    before = detection(("gateway",), blog="faulty", mail="faulty").healths
    now = detection(blog="unknown")
    assert now.faulty_before(before, "gateway") == {"blog"}
    assert not now.well("gateway", now.faulty_before(before, "gateway"))
    assert detection().well("gateway", {"blog"})
    assert detection(mail="unknown").well("gateway", {"blog"})


def test_without_a_patient_every_service_has_to_be_read() -> None:
    """An incident of no service is over where whoever was faulty, or else everybody, reads as healthy."""
    before = detection((None,), blog="faulty").healths
    assert detection().faulty_before(before, None) == {"blog"}
    assert not detection(mail="unknown").well(None)
    assert detection(mail="unknown").well(None, {"blog"})
    assert detection().well(None)
    assert not detection((None,)).well(None)


@pytest.mark.parametrize("status", ["not_checked", "not_understood"])
def test_a_check_that_answered_nothing_proves_no_recovery(status: Any) -> None:
    """Every state reads as healthy, and the verdict is that the check was none."""
    found = detection()
    assert replace(found, verdict=HealthVerdict("healthy", "")).well("blog")
    assert not replace(found, verdict=HealthVerdict(status, "")).well("blog")


UNREAD = Reading("objects", None, Outcome.FAILED, "HTTP 500")
READ = Reading("stats", None, Outcome.READ)


def test_a_state_without_its_cluster_is_half_a_proof() -> None:
    """/stats reports it online, the cluster is there and could not be read: not proved. Without a cluster it is."""
    found = replace(detection(), coverage=Coverage((READ, UNREAD)))
    assert not found.proved("blog")
    assert replace(found, coverage=Coverage((READ, replace(UNREAD, outcome=Outcome.NOT_ASKED)))).proved("blog")
    own = Reading("objects", "blog", Outcome.READ)
    assert replace(found, coverage=Coverage((READ, UNREAD, own))).proved("blog")
    assert not detection(blog="faulty").proved("blog")
    assert not detection(blog="unknown").proved("blog")
    assert not detection().proved("nobody")


def symptom(service: str) -> Symptom:
    """Return a symptom of a service."""
    return Symptom(service, "offline", f"{service} offline", Observation("stats", "stats", "offline"))


def suffering(*names: str) -> Detection:
    """Return a judgement in which these services are faulty."""
    healths = tuple(ServiceHealth(name, "faulty", (symptom(name),)) for name in names)
    return Detection(healths, CALLS, names[:1], None)


def test_the_patients_symptoms_come_first() -> None:
    """Then what is below it, then who calls it; what has nothing to do with it is left out."""
    found = suffering("mail", "gateway", "redis", "blog")
    assert [s.service for s in found.symptoms("blog")] == ["blog", "redis", "gateway"]
    assert [s.service for s in found.symptoms(None)] == ["mail", "gateway", "redis", "blog"]
    named = replace(found, named_by_rules=(symptom("quota"),))
    assert [s.service for s in named.symptoms("mail")] == ["quota", "mail"]


def test_a_suspect_looks_wrong_and_is_not_confirmed() -> None:
    """Unknown with a symptom. Unknown without one was not read, and faulty is no suspicion."""
    healths = (
        ServiceHealth("gateway", "unknown", (symptom("gateway"),)),
        ServiceHealth("blog", "unknown"),
        ServiceHealth("mail", "faulty", (symptom("mail"),)),
        ServiceHealth("redis", "healthy"),
    )
    assert Detection(healths, CALLS, (), None).suspects == ("gateway",)


def test_what_was_not_read_is_listed_once() -> None:
    """The sources as such, then each service asked about by name."""
    found = replace(detection(), coverage=Coverage((READ, UNREAD)))
    assert found.not_checked == (Skipped("objects", "HTTP 500"),)
    mail = Skipped("mail", "HTTP 500")
    verdict = HealthVerdict("not_checked", "", (mail, Skipped("objects", "HTTP 500")))
    assert replace(found, verdict=verdict).not_checked == (Skipped("objects", "HTTP 500"), mail)


def unread_error(found: Detection, *, live: bool = True) -> str:
    """Return why nothing is known; "" where something is."""
    try:
        found.must_be_read(live=live)
    except CheckError as error:
        return error.message
    return ""


def test_nothing_looks_wrong_only_because_nothing_was_read() -> None:
    """Blind: an error whatever it was read from, with each reason, or that nothing is configured."""
    blind = replace(detection(), coverage=Coverage((UNREAD,)))
    for live in (True, False):
        assert unread_error(blind, live=live) == "nothing could be read, so nothing is known: objects: HTTP 500"
        nothing = replace(blind, coverage=Coverage())
        assert unread_error(nothing, live=live) == "nothing could be read, so nothing is known: nothing is configured"


def test_that_nothing_is_known_comes_with_what_to_check() -> None:
    """The error names the command that checks each source."""
    with pytest.raises(CheckError, match="nothing is known") as caught:
        replace(detection(), coverage=Coverage()).must_be_read(live=True)
    assert caught.value.source == "stats"
    assert caught.value.hint == "`opsagent doctor` checks every source: /stats, cluster, health paths, logs, figures"


def test_a_live_check_that_read_no_state_is_an_error() -> None:
    """Something was read, and the state of nobody who was asked about. Of a bundle that is no error; nor is a fault."""
    names = ("gateway", "blog", "redis", "mail")
    unread: dict[str, Any] = dict.fromkeys(names, "unknown")
    some = replace(detection(**unread), coverage=Coverage((READ, UNREAD)))
    text = "the state of every service could not be read, so nothing is known of it: objects: HTTP 500"
    assert unread_error(some) == text
    assert unread_error(some, live=False) == ""
    assert unread_error(replace(some, asked="blog")) == text.replace("every service", "blog")
    assert unread_error(replace(some, patients=("blog",))) == ""
    assert unread_error(replace(some, healths=())) == ""
    half = replace(detection(blog="unknown"), coverage=Coverage((READ, UNREAD)))
    assert unread_error(half) == ""
    assert unread_error(replace(half, asked="mail")) == ""
    assert unread_error(replace(half, asked="blog")) == text.replace("every service", "blog")


def test_what_looks_wrong_is_confirmed_unless_the_caller_does_so(small: Bench) -> None:
    """Offline in /stats: checked twice at the interval by default, once where the caller checks again itself."""
    pauses: list[float] = []
    small.platform.sample = StatsSample(AT, 0.1, 200, {"blog_service": {"service_status": "offline"}})
    ctx = replace(small.ctx, pause=pauses.append)
    assert detect_now(ctx, "blog").patients == ("blog",)
    assert pauses == [2.0]
    assert detect_now(ctx, "blog", confirm=False).patients == ("blog",)
    assert pauses == [2.0]

"""What passes cannot see is reported once, and its return too."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from opsagent.agent.blind_spots import Blindness, blind_spots
from opsagent.agent.detection import Detection
from opsagent.analysis.evidence.verdict import HealthVerdict
from opsagent.errors import ExitCode
from opsagent.models.coverage import Coverage, Outcome, Reading
from opsagent.models.observed import Skipped
from opsagent.models.service import CallGraph
from tests.store.records_made import AT

if TYPE_CHECKING:
    from opsagent.models.incident import Status
    from opsagent.models.sighting import BlindSpot

BOTH = frozenset({"objects", "stats"})


class Passes:
    """Passes one after the other, over what they kept."""

    def __init__(self) -> None:
        self.known: dict[str, BlindSpot] = {}

    def sees(self, objects: Outcome, minutes: float = 0, *, stats: Outcome = Outcome.READ) -> list[Blindness]:
        """Make one pass and return what it yields."""
        status: Status = "healthy" if objects is Outcome.READ else "not_checked"
        readings = (Reading("objects", None, objects, "HTTP 401"), Reading("stats", None, stats, "timed out"))
        found = Detection((), CallGraph(), (), None, None, Coverage(readings), HealthVerdict(status, "", ()))
        return self.after(found, AT + timedelta(minutes=minutes))

    def after(self, found: Detection, now: datetime) -> list[Blindness]:
        """Return what one pass yields, and keep it."""
        met = list(blind_spots(found, self.known, platform="shop", live_sources=BOTH, now=now))
        self.known |= {one.spot.subject: one.spot for one in met}
        return met


def said(met: list[Blindness]) -> list[tuple[str, str | None, ExitCode]]:
    """Return subject, notice and exit code of what still counts."""
    return [(one.spot.subject, one.notice, one.code) for one in met if one.notice or one.code is not ExitCode.OK]


def test_blind_from_the_first_pass_on_is_stated_once() -> None:
    """401 from the start: reported at once, then silence and exit 1 for as long as it lasts."""
    passes = Passes()
    assert said(passes.sees(Outcome.REFUSED)) == [("objects", "blind", ExitCode.FAILED)]
    for minutes in (2, 4, 60):
        assert said(passes.sees(Outcome.REFUSED, minutes)) == [("objects", None, ExitCode.FAILED)]


def test_what_was_readable_is_missed_after_three_passes() -> None:
    """Two passes may be a blip: exit 1 and silence; the third reports it, once; the return is reported, once."""
    passes = Passes()
    assert said(passes.sees(Outcome.READ)) == []
    told = [said(passes.sees(Outcome.FAILED, minutes))[0][1] for minutes in (1, 2, 3, 4)]
    assert told == [None, None, "blind", None]
    assert said(passes.sees(Outcome.READ, 5)) == [("objects", "sees_again", ExitCode.OK)]
    assert passes.known["objects"].was_blind_since == AT + timedelta(minutes=1)
    assert passes.sees(Outcome.READ, 6) == []


def test_what_was_readable_is_missed_after_five_minutes() -> None:
    """Passes far apart do not wait for a third one."""
    passes = Passes()
    passes.sees(Outcome.READ)
    assert said(passes.sees(Outcome.REFUSED, 10))[0][1] is None
    assert said(passes.sees(Outcome.REFUSED, 15))[0][1] == "blind"


def test_a_blip_is_nothing() -> None:
    """One failed pass between good ones: exit 1 in it, nothing stated, nothing left."""
    passes = Passes()
    passes.sees(Outcome.READ)
    assert said(passes.sees(Outcome.FAILED, 1)) == [("objects", None, ExitCode.FAILED)]
    assert said(passes.sees(Outcome.READ, 2)) == []
    assert passes.known["objects"].passes == 0


def test_a_source_that_never_was_there_is_not_missed() -> None:
    """No /stats from the start, everything healthy by the cluster: silence; once it was read, it is missed."""
    passes = Passes()
    assert said(passes.sees(Outcome.READ, stats=Outcome.FAILED)) == []
    passes.sees(Outcome.READ, 1)
    assert said(passes.sees(Outcome.READ, 2, stats=Outcome.FAILED)) == [("stats", None, ExitCode.FAILED)]


def test_a_service_that_no_source_accounts_for() -> None:
    """Both sources answer and one service is not read: stated once by its name, and its return."""
    passes = Passes()
    seen = Coverage((Reading("objects", None, Outcome.READ), Reading("stats", None, Outcome.READ)))
    gap = HealthVerdict("not_checked", "", (Skipped("mail", "no source reports its state"),))
    found = Detection((), CallGraph(), (), None, None, seen, gap)
    assert said(passes.after(found, AT)) == [("mail", "blind", ExitCode.FAILED)]
    assert said(passes.after(found, AT)) == [("mail", None, ExitCode.FAILED)]
    assert said(passes.sees(Outcome.READ, 4)) == [("mail", "sees_again", ExitCode.OK)]
    assert passes.sees(Outcome.READ, 5) == []

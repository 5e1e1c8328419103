"""What a confidence rests on: objects compared, a state seen, a change before it, or words alone."""

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.reasoning.basis import RANGES, basis_of, within
from opsagent.analysis.reasoning.suspects import Suspect
from opsagent.models.evidence import Basis, Finding, Observation

SERVICE = Observation("objects", "Service/cart:spec.selector", "app=shop")
POD = Observation("objects", "Pod/cart-1:metadata.labels", "app=cart")
EVENT = Observation("events", "events/1", "FailedScheduling")
LINE = Observation("logs", "logs/cart-1/main.log:L3", "refused")


def suspected(*seen: Observation, code: str = "service.selector-mismatch", blames: str | None = None) -> Suspect:
    finding = Finding(code, "Service/cart", "cart", 0.8, "", seen, blames=blames)
    return Suspect(code, "Service/cart", "cart", [finding])


@pytest.mark.parametrize(
    ("suspect", "basis"),
    [
        (suspected(SERVICE, POD), "checked"),
        (suspected(POD, EVENT), "seen"),
        (suspected(EVENT, code="rollout.bad-revision"), "correlated"),
        (suspected(LINE, code="dependency.down", blames="cart:80"), "correlated"),
        (suspected(LINE), "worded"),
    ],
)
def test_the_firmest_ground_counts(suspect: Suspect, basis: Basis) -> None:
    """Two objects that do not fit each other were checked; one line of a log is words."""
    assert basis_of(suspect, builtin()) == basis


def test_words_alone_are_never_as_sure_as_a_check() -> None:
    """Each ground has its own range."""
    assert within("worded", 0.95) == RANGES["worded"][1] < RANGES["checked"][1]
    assert within("checked", 0.6) == 0.6

"""One kind of work that ends with a failure while others go on, whatever the failure's words."""

from tests.analysis.logs.said import said

_BOTH = "INFO stored berth {0}\nINFO took in letter {0} of the quay\n"
_FAILED = "ERROR letter desk: the clerk went home with the key\n"


def _both(lines: int) -> str:
    return "".join(map(_BOTH.format, range(lines)))


def test_work_that_stops_with_a_failure_is_at_least_unknown() -> None:
    """No letter is taken in any more, though berths are stored as before."""
    stored = "".join(f"INFO stored berth {n}\n" for n in range(60))
    assert said(_both(20) + _FAILED + stored) == ["unknown"]


def test_work_that_goes_on_after_a_failure_is_none() -> None:
    """Both kinds of work go on: one failure between them is not a fault."""
    assert said(_both(20) + _FAILED + _both(40)) == []


def test_work_that_changes_all_at_once_has_not_stopped() -> None:
    """Where everything is different after a failure the program does something else now."""
    other = "".join(f"INFO counted tide {n}\n" for n in range(60))
    assert said(_both(20) + _FAILED + other) == []

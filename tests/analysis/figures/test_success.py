"""The success share between two samples."""

from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.figures.success import failing_windows, success_windows
from opsagent.models.observed import StatsSample
from tests.analysis.scene import body, sample


def counted(total: object, rate: object, seconds_ago: float) -> StatsSample:
    """Return a sample with these figures since the load balancer's start."""
    front = {"status": "healthy", "requests_per_second": 40, "success_rate": rate, "total_requests": total}
    return sample(body(load_balancer=front), seconds_ago=seconds_ago)


def shares(*samples: StatsSample) -> list[float]:
    """Return the shares of the windows, the newest first, in complete percent."""
    return [round(100 * window.share) for window in success_windows(samples)]


def test_the_share_is_of_the_requests_in_between() -> None:
    """1000 of 1000 succeeded, then 20 of 100, then 100 of 100: what was before does not blur it."""
    samples = [counted(1000, 100, 60), counted(1100, 100 * 1020 / 1100, 40), counted(1200, 100 * 1120 / 1200, 20)]
    assert shares(*samples) == [100, 20]


def test_windows_hold_enough_requests_to_show() -> None:
    """Samples that lie closer together than 50 requests are joined; of too few nothing is stated."""
    assert shares(counted(1000, 100, 60), counted(1030, 100, 40), counted(1060, 100, 20)) == [100]
    assert shares(counted(1000, 100, 60), counted(1030, 50, 40)) == []


def test_a_restart_of_the_load_balancer_begins_again() -> None:
    """The counters fall: no window reaches over it."""
    samples = [counted(5000, 50, 90), counted(100, 100, 60), counted(200, 100, 30)]
    assert shares(*samples) == [100]


def test_samples_of_two_processes_may_cross() -> None:
    """One that was sent first and kept last is not a restart."""
    samples = [counted(1000, 100, 60), counted(1101, 100, 31), counted(1099, 100, 30.5), counted(1200, 100, 10)]
    assert shares(*samples) == [100, 100]


def test_a_share_that_cannot_be_is_none() -> None:
    """More successes than requests: the counters began again unseen."""
    assert shares(counted(1000, 10, 60), counted(1100, 100, 30)) == []


def test_failing_takes_two_windows() -> None:
    """One low window may be a blip; a window that recovered is not a failure."""
    well, bad = [counted(1000, 100, 60)], [counted(1100, 1000 / 11, 40), counted(1200, 1000 / 12, 20)]
    found = failing_windows([*well, *bad])
    assert found is not None
    assert [window.requests for window in found] == [100, 100]
    assert found[0].text.startswith("0 % of 100 requests succeeded from ")
    assert failing_windows([*well, *bad[:1]]) is None
    assert failing_windows([*well, *bad, counted(1300, 1100 / 13, 5)]) is None


_ANY = st.none() | st.text("a1.", max_size=3) | st.floats() | st.integers()


@given(st.lists(st.tuples(_ANY, _ANY, st.floats(-1e4, 1e4)), max_size=8))
def test_wild_figures_never_raise(rows: list[tuple[object, object, float]]) -> None:
    """Whatever is counted, a share is between 0 and 1."""
    windows = success_windows([counted(*row) for row in rows])
    assert all(0 <= window.share <= 1 and window.requests >= 50 for window in windows)

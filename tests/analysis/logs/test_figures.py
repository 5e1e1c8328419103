"""Named numbers of repeated lines: the first, the newest."""

import pytest

from opsagent.analysis.logs.digest import digest
from opsagent.analysis.logs.figures import changed
from opsagent.models.digest import Figure
from opsagent.models.observed import LogRef


@pytest.mark.parametrize(
    ("first", "newest", "figures"),
    [
        ("waiting=3 of 9", "waiting=178710 of 9", (Figure("waiting", 3, 178710),)),
        ('{"lag":25,"group":"a"}', '{"lag":2300,"group":"a"}', (Figure("lag", 25, 2300),)),
        ("restart counter is at 26.", "restart counter is at 80.", (Figure("counter", 26, 80),)),
        ("attempt 1 of 5", "attempt 4 of 5", (Figure("attempt", 1, 4),)),
        ("used 3.5 GB", "used 9.25 GB", (Figure("used", 3.5, 9.25),)),
        ("at 10.0.0.4:80 since 2031-05-04", "at 10.0.0.9:80 since 2031-05-05", ()),
        ("pid=3 port 9000", "pid=9 port 9001", ()),
        ("stored", "stored", ()),
    ],
)
def test_a_figure_is_a_number_under_a_name_that_changed(first: str, newest: str, figures: tuple[Figure, ...]) -> None:
    """Addresses, dates, process numbers and ports are none."""
    assert changed(first, newest) == figures


def test_a_digest_holds_the_first_and_the_newest_of_each_figure() -> None:
    """However many lines of the kind there are, both ends are exact."""
    lines = "".join(f"2031-05-04T09:00:00Z INFO queue checked waiting={n * n}\n" for n in range(20_000))
    (group,) = digest(LogRef("a.log"), [lines.encode()]).groups
    assert group.figures == (Figure("waiting", 0, 19_999**2, 0, 19_999**2),)


def test_what_rose_in_between_is_seen_in_a_sample() -> None:
    """A queue that grew to a hundred times its length and is back where it began: its ends alone report nothing."""
    depths = [*range(40, 4_000, 10), *range(4_000, 40, -10), 40]
    lines = "".join(f"2031-05-04T09:00:00Z INFO berths checked queue_depth={n}\n" for n in depths)
    (figure,) = digest(LogRef("a.log"), [lines.encode()]).groups[0].figures
    assert (figure.name, figure.first, figure.last, figure.least) == ("queue_depth", 40, 40, 40)
    assert figure.most is not None
    assert 3_600 <= figure.most <= 4_000  # at most 64 lines of a block are read


def test_a_number_that_is_no_gauge_has_no_least_and_most() -> None:
    """Ids and durations of requests differ from line to line, and their ends mean nothing."""
    lines = "".join(f"2031-05-04T09:00:00Z INFO parcel={n * 7919 % 997} stored\n" for n in range(200))
    (group,) = digest(LogRef("a.log"), [lines.encode()]).groups
    assert [(figure.least, figure.most) for figure in group.figures] == [(None, None)]

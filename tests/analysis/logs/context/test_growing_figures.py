"""Figures that only grow: what piles up, and tries that are counted without success."""

import pytest

from tests.analysis.logs.said import said

_WORK = "INFO stored berth {}\n"


def _log(line: str, values: list[int]) -> str:
    return "".join(_WORK.format(n) + line.format(value) for n, value in enumerate(values))


@pytest.mark.parametrize(
    ("line", "values", "codes"),
    [
        ("INFO checked group=quay lag={}\n", [n * n * 10 for n in range(30)], ["queue.backlog"]),
        ('{{"level":"info","msg":"queue","queue_depth":{}}}\n', [n * 900 for n in range(30)], ["queue.backlog"]),
        ("INFO quay desk waiting={}\n", [3 + n * n * 199 for n in range(30)], ["queue.backlog"]),
        ("INFO checked group=quay lag={}\n", [12, 40, 7, 22] * 8, []),
        ("INFO checked group=quay lag={}\n", [50_000 - n * 1_600 for n in range(30)], []),
        ("INFO checked group=quay offset={}\n", [n * 90_000 for n in range(30)], []),
    ],
    ids=["lag", "depth", "waiting", "steady", "worked-off", "an-offset"],
)
def test_what_waits_and_grows_is_a_backlog(line: str, values: list[int], codes: list[str]) -> None:
    """A figure of what waits that grows until the end; one that is worked off, or counts work done, is none."""
    assert said(_log(line, values)) == codes


def test_tries_that_are_only_counted_are_unknown() -> None:
    """A counter of tries that grows until the end shows a failure in whatever words; one that stays at one does not."""
    tries = "WARN quay desk not there, attempt {}, going round once more\n"
    assert said(_log(tries, list(range(1, 20)))) == ["unknown"]
    assert said(_log("WARN call of quay desk failed, retrying, attempt {}\n", [1] * 9) + _WORK * 9) == []


def test_a_queue_that_is_longer_each_time_it_is_listed() -> None:
    """Three listings of one paste: the queue that grew each time is named, those that come and go are not."""
    head = "name\tmessages_ready\tconsumers\n"
    grown = head + "".join(f"berths\t{n}\nletters\t{7 - place}\n" for place, n in enumerate([9_120, 9_800, 11_400]))
    assert said(grown) == ["queue.backlog"]
    steady = head + "".join(f"berths\t{n}\n" for n in (9_120, 8_800, 9_400))
    assert said(steady) == []

"""One cause and several signs of it: its words come again, work fails beside it, the log ends in it."""

from tests.analysis.logs.said import found

GOOD = "".join(f"2031-02-03T09:00:{n:02d}Z INFO weighed crate {n}\n" for n in range(30))
REJECTED = "2031-02-03T09:01:0{n}Z ERROR intake: heap dump of crate scan: memory leak detected in the image cache\n"
FAILED = '2031-02-03T09:01:0{n}Z INFO "POST /crates HTTP/1.1" 503\n'


def strength(text: str) -> float:
    """Return how firm the first cause of a log is."""
    return found(text)[0].strength


def test_signs_that_agree_make_a_stated_cause_firm() -> None:
    """Once is a statement; again and again, with requests that fail beside it and nothing after, it is sure."""
    once = GOOD + REJECTED.format(n=1) + GOOD.replace("09:00", "09:02")[:900]
    again = GOOD + "".join(REJECTED.format(n=n) + FAILED.format(n=n) for n in range(6))
    assert 0.7 <= strength(once) < 0.85 <= strength(again) < 0.9


def test_beside_another_cause_nothing_is_added() -> None:
    """Two causes that do not explain each other: neither is surer for the other's failures."""
    disk = "2031-02-03T09:01:0{n}Z ERROR journal: write failed: No space left on device\n"
    both = GOOD + "".join(REJECTED.format(n=n) + disk.format(n=n) for n in range(6))
    pool = next(one for one in found(both) if one.code.startswith("load."))
    assert pool.strength < 0.85

"""How long a program took for its probes, as its access log states it."""

import pytest

from opsagent.analysis.evidence.probe_answers import probe_answers
from opsagent.models.digest import LogDigest, LogGroup


def digest(text: str) -> LogDigest:
    group = LogGroup("noise", text, 3, 1, 3)
    return LogDigest("logs/cart-1/main.log", "cart-1", "main", False, "cart", 3, 100, (group,))


@pytest.mark.parametrize(
    ("line", "took"),
    [
        ('kube-probe/1.30 "GET /healthz HTTP/1.1" 200 2474ms', 2.474),
        ('10.0.0.1 "GET /ready HTTP/1.1" 200 "kube-probe/1.29" 1.5s', 1.5),
    ],
)
def test_a_good_answer_with_its_time(line: str, took: float) -> None:
    """Milliseconds and seconds, whatever the order of the fields."""
    assert probe_answers([digest(line)]) == {("cart-1", "main"): pytest.approx(took)}


@pytest.mark.parametrize(
    "line",
    ['kube-probe/1.30 "GET /healthz HTTP/1.1" 503 2474ms', '10.0.0.1 "GET /items HTTP/1.1" 200 2474ms', "kube-probe/1"],
)
def test_what_is_no_good_answer_to_a_probe(line: str) -> None:
    """An error, somebody else's request, a line without a time."""
    assert not probe_answers([digest(line)])

"""Figures in the text format of Prometheus: read, and what they show of targets and requests accuses."""

import pytest

from opsagent.clients.handed_over.metrics_text import metrics_records
from tests.analysis.logs.said import said

TEXT = """# HELP shop_requests_total Requests by code.
# TYPE shop_requests_total counter
shop_requests_total{{code="200",method="get"}} {well}
shop_requests_total{{code="500",method="post"}} {failed}
# TYPE redis_up gauge
redis_up{{addr="cache:6379"}} {up}
# TYPE errors_total counter
errors_total{{kind="timeout"}} 0
"""


def _text(well: object = 918, failed: object = 2, up: object = 1) -> str:
    text = TEXT.format(well=well, failed=failed, up=up)
    return "".join(f"{record.text.decode()}\n" for record in metrics_records(text))


def test_ordinary_figures_accuse_nobody() -> None:
    """They are understood: one record states how many samples were read."""
    assert _text() == "INFO metrics: 4 samples read\n"
    assert not said(_text())


@pytest.mark.parametrize("changed", [{"up": 0}, {"up": "0.0"}, {"failed": 700}, {"failed": "7e+02"}])
def test_a_target_that_is_down_and_a_large_share_of_failed_requests_accuse(changed: dict[str, object]) -> None:
    """`up` is 0 by convention where an exporter cannot reach its target."""
    assert said(_text(**changed))


def test_few_requests_or_few_failures_accuse_nobody() -> None:
    """Three of four is chance; two of a hundred is usual."""
    assert not said(_text(well=1, failed=3))
    assert not said(_text(well=98, failed=2))
    assert not said(_text(well="NaN", failed="+Inf"))


@pytest.mark.parametrize("text", ["", "# HELP me\n", "INFO started\n# TYPE of till: new\nERROR till broke\n"])
def test_another_text_is_not_taken_for_figures(text: str) -> None:
    """A log that quotes a comment stays a log."""
    assert not list(metrics_records(text))

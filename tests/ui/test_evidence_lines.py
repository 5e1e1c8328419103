"""Evidence on one line: what decides, and not the query that made it."""

import pytest

from opsagent.models.evidence import Evidence
from opsagent.ui.evidence_lines import short_evidence
from tests.ui.records import AT

QUERY = 'sum by (job) (rate(http_requests_total{namespace="shop",code!="200"}[30s]))'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"latency_p95 of web 35 → 989 ms since 12:04 UTC ({QUERY})", "latency_p95 of web 35 → 989 ms since 12:04"),
        (
            "memory of web 80 MiB, most of what is allowed (90 %)",
            "memory of web 80 MiB, most of what is allowed (90 %)",
        ),
        (f"cut off of web: {QUERY[:-1]}", f"cut off of web: {QUERY[:-1]}"),
    ],
)
def test_a_figure_is_shown_without_its_query(text: str, shown: str) -> None:
    """The query is on the evidence page and in the report; a bracket that is no query stays."""
    piece = Evidence("E1", "metrics", "prometheus:Service/web:latency_p95", text, AT)
    (_, line), *others = short_evidence([piece], AT)
    assert (line.plain, others) == (f"metrics prometheus  {shown}", [])

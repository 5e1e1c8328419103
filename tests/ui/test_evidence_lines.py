"""Evidence on one line: what decides, and not the query that made it."""

from opsagent.models.evidence import Evidence
from opsagent.ui.evidence_lines import short_evidence
from tests.ui.records import AT

QUERY = 'sum by (job) (rate(http_requests_total{namespace="shop",code!="200"}[30s]))'


def test_a_figure_is_shown_without_its_query() -> None:
    """The query is on the evidence page and in the report."""
    text = f"latency_p95 of web 35 → 989 ms since 12:04 UTC\nquery: {QUERY}"
    piece = Evidence("E1", "metrics", "prometheus:Service/web:latency_p95", text, AT)
    (_, line), *others = short_evidence([piece], AT)
    assert (line.plain, others) == ("metrics prometheus  latency_p95 of web 35 → 989 ms since 12:04", [])

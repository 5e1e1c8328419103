"""The metrics of an alerting rule, whatever else its expression holds."""

import pytest

from opsagent.analysis.figures.rules import metrics_of


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        ('sum by (app) (rate(http_requests_total{status="5xx"}[2m])) / 3 > 0.05', {"http_requests_total"}),
        ("up == 0 unless on (job) absent(kube_pod_info)", {"up", "kube_pod_info"}),
        ('label_replace(a:b:rate5m, "x", "$1", "y", "(.*)") > bool 1e3', {"a:b:rate5m"}),
        ("vector(1)", set()),
        ('{__name__=~"istio_.*"} offset 5m', set()),
        ("node_load1 > on(instance) group_left node_cpu_count", {"node_load1", "node_cpu_count"}),
    ],
)
def test_the_metrics_of_an_expression(expression: str, metrics: set[str]) -> None:
    """Functions, labels, matchers, windows, texts and keywords are none."""
    assert metrics_of(expression) == metrics

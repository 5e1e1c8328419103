"""Places short enough for a line, and still found again."""

import pytest

from opsagent.ui.place import short_place, short_pod
from tests.ui.records import POD


@pytest.mark.parametrize(
    ("where", "short"),
    [
        (f"logs/{POD}/blog-service-container.log:L88", "local-blog-service-…-zk4mh L88"),
        (f"logs/{POD}/c.previous.log:L3-9", "local-blog-service-…-zk4mh (previous) L3-9"),
        (f"logs/{POD}/c.log", "local-blog-service-…-zk4mh"),
        ("logs/app.log:L5", "logs/app.log:L5"),
        ("logs/db-0/postgres.log:L5", "db-0 L5"),
        (f"Pod/{POD}:status.conditions[Ready]", "Pod/local-blog-service-…-zk4mh conditions[Ready]"),
        (f"Pod/{POD}", "Pod/local-blog-service-…-zk4mh"),
        (f"Event/{POD}.1a61dbe22e44158b", "Event/local-blog-service-…-zk4mh"),
        ("Deployment/web:spec.replicas", "Deployment/web:spec.replicas"),
        ("stats.jsonl:L12", "stats.jsonl:L12"),
        (f"prometheus:Container/{POD}/blog-service-container:cpu", "prometheus"),
        ("", ""),
    ],
)
def test_a_place_is_shortened_where_the_rest_is_known(where: str, short: str) -> None:
    """Pod hashes, containers and event numbers go; what finds the place stays."""
    assert short_place(where) == short


@pytest.mark.parametrize("name", ["db-0", "web", "node-exporter-x2k", "my-job-28391-abcde-extra1"])
def test_other_names_stay(name: str) -> None:
    """Only a Deployment's pod has a hash to leave out."""
    assert short_pod(name) == name

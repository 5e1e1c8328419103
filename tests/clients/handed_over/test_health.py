"""A health path's JSON: a record for each part, what fails at level ERROR; other documents are none."""

import json
from typing import Any

import pytest

from opsagent.clients.handed_over.health import health_records
from tests.analysis.logs.said import said


def _text(document: Any) -> str:
    return "".join(f"{record.text.decode()}\n" for record in health_records(document))


def _spring(status: str, detail: dict[str, str]) -> dict[str, Any]:
    return {
        "status": status,
        "components": {
            "queue": {"status": status, "details": detail},
            "ping": {"status": "UP"},
        },
    }


@pytest.mark.parametrize(
    ("healthy", "faulty"),
    [
        (_spring("UP", {"version": "3.13"}), _spring("DOWN", {"error": "ConnectException: Connection refused"})),
        (
            {"status": "pass", "checks": {"orders:time": [{"status": "pass"}]}},
            {"status": "fail", "checks": {"orders:time": [{"status": "fail", "output": "timed out"}]}},
        ),
        ({"cluster_name": "logs", "status": "green"}, {"cluster_name": "logs", "status": "red"}),
        ({"database": "ok", "version": "11.1"}, {"database": "failing", "version": "11.1"}),
        ({"healthy": True}, {"healthy": False}),
        (
            {"name": "sink", "connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "RUNNING"}]},
            {"name": "sink", "connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "FAILED"}]},
        ),
    ],
    ids=["Spring", "health+json", "Elasticsearch", "Grafana", "a flag", "Kafka Connect"],
)
def test_a_health_answer_accuses_the_part_that_fails(healthy: dict[str, Any], faulty: dict[str, Any]) -> None:
    """The same answer with all parts up accuses nobody."""
    assert _text(healthy)
    assert not said(_text(healthy))
    assert said(_text(faulty))


def test_what_fails_is_written_last_with_its_reason() -> None:
    """All parts were read at once: one that is up does not end the failure of another."""
    lines = _text(_spring("DOWN", {"error": "Connection refused"})).splitlines()
    assert lines[0] == "INFO health: ping is UP"
    assert lines[-1] == "ERROR health check failed: queue is DOWN: Connection refused"


@pytest.mark.parametrize(
    "document",
    [
        {"level": "info", "status": "ok", "msg": "request served"},
        {"method": "GET", "path": "/", "status": "ok"},
        {"kind": "Pod", "status": {"phase": "Running"}},
        {"status": 200},
        {"status": "shipped", "order": 7},
        ["up"],
        "up",
    ],
)
def test_another_document_is_no_health_answer(document: Any) -> None:
    """Records of a log, objects of Kubernetes, and states of something else."""
    assert not list(health_records(document))


def test_a_deep_or_wide_answer_is_cut() -> None:
    """Hostile input: neither depth nor width costs more than its bound."""
    deep: dict[str, Any] = {"status": "UP"}
    for _ in range(300):
        deep = {"status": "UP", "inner": deep}
    assert len(list(health_records(deep))) <= 5
    wide = {"status": "UP", "components": {str(n): {"status": "UP"} for n in range(5000)}}
    assert len(list(health_records(json.loads(json.dumps(wide))))) <= 200

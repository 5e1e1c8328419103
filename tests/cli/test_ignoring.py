"""`ignore:` from the outside: a known finding is silenced visibly, a faulty service never."""

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Boxed
from tests.cli.shell import Shell

QUOTA = {
    "kind": "ResourceQuota",
    "metadata": {"name": "team", "namespace": "shop"},
    "status": {"hard": {"pods": "2"}, "used": {"pods": "2"}},
}
EVENT = {
    "kind": "Event",
    "type": "Warning",
    "reason": "FailedCreate",
    "message": 'Error creating: pods "web-7d9c8b6f5-" is forbidden: exceeded quota: team, requested: pods=1, '
    "used: pods=2, limited: pods=2",
    "metadata": {"name": "e1", "namespace": "shop"},
    "involvedObject": {"kind": "ReplicaSet", "name": "web-7d9c8b6f5", "namespace": "shop"},
    "lastTimestamp": "2026-11-22T11:59:00Z",
}


def configured(folder: Path, *entries: str) -> str:
    """Write a configuration that ignores, and return its path."""
    path = folder / "ignore.yaml"
    path.write_text("ignore:\n" + "".join(f"  - {entry}\n" for entry in entries), encoding="utf-8")
    return str(path)


def bundle(folder: Path) -> str:
    """Write a bundle with a full quota and nothing else."""
    (folder / "b").mkdir()
    (folder / "b" / "bundle.json").write_text(
        '{"version": 1, "collected_at": "2026-11-22T12:00:00Z", "namespace": "shop"}'
    )
    (folder / "b" / "objects.json").write_text(json.dumps({"kind": "List", "items": [QUOTA, EVENT]}))
    return str(folder / "b")


def diagnosed(shell: Shell, *arguments: str) -> dict[str, Any]:
    """Return the JSON of a diagnosis."""
    document: dict[str, Any] = json.loads(shell.here("diagnose", "--json", *arguments).out)
    return document


def test_detection_by_rules_plan_and_report_agree(well: Shell, tmp_path: Path) -> None:
    """A full quota is an incident; ignored it is none, and is in the report; expired it is one again."""
    path = bundle(tmp_path)
    assert diagnosed(well, "--from", path)["causes"][0]["code"] == "quota.pods"
    known = configured(tmp_path, "{code: quota.*, until: 2027-01-31, reason: OPS-123 asked for more}")
    silenced = diagnosed(well, "--from", path, "--config", known)
    assert (silenced["causes"], silenced["plan"]["action"]) == ([], "none")
    assert [(item["code"], item["reason"]) for item in silenced["ignored"]] == [
        ("quota.pods", "OPS-123 asked for more")
    ]
    text = " ".join(well.here("diagnose", "--from", path, "--config", known).out.split())
    assert "IGNORED quota.pods" in text
    assert "because OPS-123 asked for more" in text
    over = configured(tmp_path, "{code: quota.*, until: 2026-11-21, reason: OPS-123}")
    again = diagnosed(well, "--from", path, "--config", over)
    assert again["causes"][0]["code"] == "quota.pods"
    assert [item["expired"] for item in again["ignored"]] == [True]
    assert "no longer ignored" in well.here("diagnose", "--from", path, "--config", over).out


def test_a_service_that_stats_calls_faulty_stays_an_incident(boxed: Boxed, tmp_path: Path) -> None:
    """With the lock ignored, blog-service is still faulty: another cause or none, but no restart for the lock."""
    shell = boxed("db-locked")
    known = configured(tmp_path, "{code: db.locked, until: 2099-12-31, reason: it goes by itself}")
    done = shell.here("diagnose", "blog", "--json", "--config", known)
    document = json.loads(done.out)
    assert done.code in (3, 8)
    assert document["causes"]
    assert document["causes"][0]["code"] != "db.locked"
    assert {item["code"] for item in document["ignored"]} == {"db.locked"}
    shown = shell.here("report", "show", document["incident_id"], "--format", "md")
    assert "Known and ignored" in shown.out

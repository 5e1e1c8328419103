"""Bundles that nobody prepared for us: huge, empty, mutilated, of other clusters, with clocks that disagree."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Done, Shell
from tests.clients.bundles import listing, write_bundle

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def at(seconds_ago: float, zone: str = "Z") -> str:
    """Return the time that many seconds before NOW, with what stands for its zone."""
    return (NOW - timedelta(seconds=seconds_ago)).isoformat().replace("+00:00", zone)


def crashed(name: str, app: str, age: float = 60, zone: str = "Z", space: str = "shop") -> dict[str, Any]:
    """Return a pod that was killed for memory."""
    last = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": at(age, zone)}}
    status = {"name": "main", "ready": False, "restartCount": 4, "lastState": last,
              "state": {"waiting": {"reason": "CrashLoopBackOff"}}}  # fmt: skip
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": space, "labels": {"app": app}, "creationTimestamp": at(9000, zone)},
        "spec": {"containers": [{"name": "main", "resources": {"limits": {"memory": "64Mi"}}}]},
        "status": {"phase": "Running", "containerStatuses": [status]},
    }


def ready(name: str, app: str) -> dict[str, Any]:
    """Return a pod that is well."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": app}, "creationTimestamp": at(9000)},
        "spec": {"containers": [{"name": "main"}], "nodeName": f"node-{hash(name) % 50}"},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "main", "ready": True, "restartCount": 0, "state": {"running": {}}}],
        },
    }


def event(number: int, pod: str) -> dict[str, Any]:
    """Return one of very many events."""
    return {
        "kind": "Event",
        "metadata": {"name": f"e{number}", "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "name": pod, "namespace": "shop"},
        "reason": ("Unhealthy", "BackOff", "Pulled", "FailedScheduling")[number % 4],
        "message": f"message {number} of probe 10.0.{number % 250}.7 failed",
        "type": "Warning",
        "count": 3,
        "lastTimestamp": at(number % 3000),
    }


def crowd(folder: Path, pods: int, events: int) -> Path:
    """Write a bundle of a large cluster in which one pod is ill."""
    names = [f"app{number % 300}-6d5f7c9b84-p{number}" for number in range(pods)]
    items = [ready(name, f"app{number % 300}") for number, name in enumerate(names)]
    items[7] = crashed(names[7], "app7")
    items += [event(number, names[number % pods]) for number in range(events)]
    about = {"version": 1, "collected_at": at(0), "namespace": "shop"}
    return write_bundle(folder, bundle_json=about, objects_json=listing(*items))


def diagnosed(shell: Shell, bundle: Path) -> tuple[Done, dict[str, Any]]:
    """Diagnose a bundle; whatever it holds, stdout is one document of the contract."""
    done = shell.here("diagnose", "--from", str(bundle), "--json", "--no-model")
    document: dict[str, Any] = json.loads(done.out)
    assert document["schema"] == "opsagent.diagnosis/1"
    assert (document["status"] == "healthy") == (document["causes"] == [])
    assert done.code == (0 if document["status"] == "healthy" else 3)
    return done, document


def test_a_large_cluster_takes_time_in_proportion(well: Shell, tmp_path: Path) -> None:
    """5,000 pods and 50,000 events: ten times as many take about ten times as long, not a hundred times."""
    small, large = crowd(tmp_path / "small", 500, 5_000), crowd(tmp_path / "large", 5_000, 50_000)
    diagnosed(well, crowd(tmp_path / "tiny", 9, 9))  # imports are paid here
    took = []
    for bundle in (small, large):
        begun = time.process_time()
        _, document = diagnosed(well, bundle)
        took.append(time.process_time() - begun)
        assert any(cause["code"] == "pod.oom-killed" for cause in document["causes"])
    assert took[1] < 25 * max(took[0], 0.2), took


@pytest.mark.parametrize("hours", [-7, 7, 24 * 400])
def test_clocks_hours_apart(well: Shell, tmp_path: Path, hours: float) -> None:
    """The bundle states another time than its objects: a cause or an honest unknown, and a doubt where it matters."""
    about = {"version": 1, "collected_at": at(3600 * hours), "namespace": "shop"}
    bundle = write_bundle(tmp_path / "b", bundle_json=about, objects_json=listing(crashed("web-1", "web")))
    _, document = diagnosed(well, bundle)
    assert document["causes"]
    if hours > 0:
        assert any(entry["source"] == "clock" for entry in document["not_checked"])


@pytest.mark.parametrize("zone", ["", "+09:00", " UTC", "nonsense"])
def test_stamps_without_a_zone(well: Shell, tmp_path: Path, zone: str) -> None:
    """Times without a zone count as UTC, times that are none as unknown: the state itself is still read."""
    bundle = write_bundle(
        tmp_path / "b",
        objects_json=listing(crashed("web-1", "web", zone=zone)),
        stats_jsonl=json.dumps({"at": at(5, zone), "took_s": 0.1, "http": 200, "stats": {}}) + "\n",
        **{"logs__web-1__main.log": f"{at(70, zone)} INFO started\n{at(65, zone)} MemoryError\n"},
    )
    _, document = diagnosed(well, bundle)
    assert document["causes"][0]["code"] == "pod.oom-killed"


def test_a_log_alone_is_named_where_nothing_in_it_is_wrong(well: Shell, tmp_path: Path) -> None:
    """What was read is stated: the log and its lines, not that no service was."""
    log = tmp_path / "app.log"
    log.write_text("2026-03-04T10:00:00Z INFO started\n2026-03-04T10:00:01Z INFO served /cart 200\n")
    done = well.here("diagnose", "--from", str(log))
    assert done.code == 5
    assert "app.log: 2 lines understood, no fault" in done.said
    assert "not a health check" in done.said
    assert "CHECKED app.log" in done.said


def test_an_empty_directory_and_one_that_is_not_a_bundle(well: Shell, tmp_path: Path) -> None:
    """Neither is a healthy platform: nothing to read is exit 2, notes that are no evidence are not understood."""
    (tmp_path / "empty").mkdir()
    write_bundle(tmp_path / "photos", **{"a.jpg": b"\xff\xd8", "notes.txt": "hello"})
    done = well.here("diagnose", "--from", str(tmp_path / "empty"), "--json")
    assert (done.code, done.out) == (2, "")
    assert "opsagent collect" in done.said
    found = json.loads(well.here("diagnose", "--from", str(tmp_path / "photos"), "--json").out)
    assert (found["status"], found["causes"]) == ("not_understood", [])


@pytest.mark.parametrize(
    "files",
    [
        {"bundle_json": {"version": 1, "namespace": "shop"}},
        {"objects_json": listing()},
        {"objects_json": {"kind": "List", "items": "none"}},
        {"objects_json": "{"},
        {"stats.jsonl": "not json\n"},
        {"health_json": []},
        {"errors_json": [{"source": "pods", "error": "forbidden"}]},
        {"objects_json": listing({"kind": "Widget", "apiVersion": "acme/v1", "metadata": {"name": "w"}})},
    ],
)
def test_where_nothing_was_read_nothing_is_healthy(well: Shell, tmp_path: Path, files: dict[str, Any]) -> None:
    """A bundle without a readable state is an error or not healthy, whatever else it holds."""
    done = well.here("diagnose", "--from", str(write_bundle(tmp_path / "b", **files)), "--json")
    assert done.code != 0, done.out
    assert "Traceback" not in done.err


def test_someone_elses_cluster(well: Shell, tmp_path: Path) -> None:
    """Other namespaces, kinds that nobody knows, no services configured: the ill pod is found by name."""
    widgets = [
        {"kind": "Widget", "apiVersion": "acme/v1", "metadata": {"name": f"w{n}", "namespace": "far"}, "spec": n}
        for n in range(3)
    ]
    bundle = write_bundle(tmp_path / "b", objects_json=listing(*widgets, crashed("api-1", "api", space="far")))
    _, document = diagnosed(well, bundle)
    assert document["causes"][0]["code"] == "pod.oom-killed"
    assert document["causes"][0]["object"] == "Pod/api-1"
    assert document["where"]["namespace"] == "far"


def test_the_wrong_namespace_is_reported(well: Shell, tmp_path: Path) -> None:
    """bundle.json speaks of one namespace, the objects are of another: that is under not checked."""
    about = {"version": 1, "collected_at": at(0), "namespace": "shop"}
    bundle = write_bundle(tmp_path / "b", bundle_json=about, objects_json=listing(crashed("api-1", "api", space="far")))
    done = well.here("diagnose", "--from", str(bundle), "--json")
    assert done.code == 3
    assert any("none is of shop" in entry["why"] for entry in json.loads(done.out)["not_checked"])

"""What was not read is never healthy: each case answered "healthy" once."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsagent.sandbox import Fault
from opsagent.sandbox.cluster import Ailment
from opsagent.sandbox.scenarios import STAGED
from tests.cli.conftest import Boxed
from tests.cli.shell import Shell

STATS = {"api-gateway": {"service_status": "online"}, "auth": {"service_status": "offline", "error": "refused"}}
GIVEN = {
    "random bytes": random.Random(7).randbytes(20_000),
    "hello": b"hello\n",
    "notes": b"Meeting notes\n- the login page shows an error\n- call Bob\n",
    "an unknown JSON": b'{"colour": "red", "size": 4}',
}
FAULTY = {
    "a pod table": b"NAME     READY   STATUS    RESTARTS   AGE\nblog-1   0/1     Running   0          5m\n",
    "/stats": json.dumps(STATS).encode(),
    "/stats over lines": json.dumps(STATS, indent=2).encode(),
    "/stats of another platform": b'{"shop": {"service_status": "offline"}, "cart": {"service_status": "online"}}',
}


def diagnosed(shell: Shell, *arguments: str, **env: str) -> tuple[int, dict[str, Any]]:
    """Return exit code and document of a diagnosis."""
    done = shell.here("diagnose", *arguments, "--json", **env)
    assert "Traceback" not in done.err
    return done.code, json.loads(done.out)


@pytest.mark.parametrize("suffix", ["log", "txt", "json", "bin"])
@pytest.mark.parametrize("what", GIVEN)
def test_what_is_not_evidence_is_not_understood(well: Shell, tmp_path: Path, what: str, suffix: str) -> None:
    """A file of which nothing was understood: not_understood, exit 1, no cause, and the file is named."""
    path = tmp_path / f"given.{suffix}"
    path.write_bytes(GIVEN[what])
    code, found = diagnosed(well, "--from", str(path))
    assert (code, found["status"], found["causes"], found["read"]) == (1, "not_understood", [], [])
    assert "given" in found["closing"]


@pytest.mark.parametrize("what", FAULTY)
def test_a_state_that_was_handed_over_is_read(well: Shell, tmp_path: Path, what: str) -> None:
    """A table with a pod that is not ready, a body of /stats with a service offline: reported, never healthy."""
    path = tmp_path / "given.txt"
    path.write_bytes(FAULTY[what])
    code, found = diagnosed(well, "--from", str(path))
    assert (code, found["status"]) == (3, "diagnosed")
    assert found["service"] in {"blog-1", "auth-service", "shop"}


def test_a_bundle_of_noise_is_not_understood(well: Shell, tmp_path: Path) -> None:
    """A bundle's only log is random bytes: not_understood on the screen too, with what --from takes."""
    (tmp_path / "logs" / "web-1").mkdir(parents=True)
    (tmp_path / "logs" / "web-1" / "web.log").write_bytes(GIVEN["random bytes"])
    done = well.here("diagnose", "--from", str(tmp_path))
    assert done.code == 1
    assert done.out.startswith("NOT UNDERSTOOD")
    assert "opsagent collect" in done.said


def test_a_log_without_a_fault_is_nothing_found(well: Shell, tmp_path: Path) -> None:
    """Exit 5, so that 0 keeps its meaning."""
    path = tmp_path / "app.log"
    path.write_text("2026-03-04T10:00:00Z INFO started\n2026-03-04T10:00:01Z INFO served /cart 200\n")
    code, found = diagnosed(well, "--from", str(path))
    assert (code, found["status"], found["over"]) == (5, "nothing_found", [])


def test_a_fault_that_is_over_is_shown(well: Shell, tmp_path: Path) -> None:
    """A lock, and then dozens of good answers: nothing found, and what was set aside is in JSON and on screen."""
    path = tmp_path / "app.log"
    lines = [f"2026-03-04T10:00:0{n}Z ERROR sqlite3.OperationalError: database is locked" for n in range(3)]
    lines += [f'2026-03-04T10:{n // 60 + 1:02}:{n % 60:02}Z INFO "GET /posts HTTP/1.1" 200' for n in range(400)]
    path.write_text("\n".join(lines) + "\n")
    code, found = diagnosed(well, "--from", str(path))
    assert (code, found["status"]) == (5, "nothing_found")
    [over] = found["over"]
    assert (over["code"], over["until"], over["records"]) == ("db.locked", "2026-03-04T10:00:02Z", 3)
    done = well.here("diagnose", "--from", str(path))
    assert "over: db.locked, 3 records, last at " in done.said
    assert "then 400 successes" in done.said


@pytest.mark.parametrize("fault", [Fault.unauthorized(), Fault.forbidden("*", "*")], ids=["401", "403"])
def test_a_cluster_that_refuses_everything_is_not_healthy(boxed: Boxed, fault: Fault) -> None:
    """/stats still answers: not_checked, exit 1, no cause, and the refusal is in not_checked."""
    shell = boxed(OPSAGENT_REACH="direct")
    shell.box.faults.add(fault)
    code, found = diagnosed(shell)
    assert (code, found["status"], found["causes"]) == (1, "not_checked", [])
    assert any("40" in skipped["why"] for skipped in found["not_checked"])
    assert diagnosed(shell, "blog-service")[0] == 1


@pytest.mark.parametrize("fault", [Fault.unauthorized(), Fault.forbidden("*", "*")], ids=["401", "403"])
def test_a_watch_that_is_refused_everything_is_not_silent(boxed: Boxed, fault: Fault) -> None:
    """From the first pass on: stated once with the status, exit 1 in each pass; its return is stated once."""
    shell = boxed(OPSAGENT_REACH="direct")
    shell.box.faults.add(fault)
    first = shell.here("watch", "--auto-report")
    assert first.code == 1
    assert "opsagent: cannot see titanium-local: the Kubernetes API answers 40" in first.out
    second = shell.here("watch", "--auto-report")
    assert (second.code, second.out, second.err) == (1, "", "")
    shell.box.faults.clear()
    back = shell.here("watch", "--auto-report")
    assert back.code == 0
    assert "opsagent: sees titanium-local again: the Kubernetes API answers" in back.out
    quiet = shell.here("watch", "--auto-report")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_a_healthy_platform_states_what_was_read(well: Shell) -> None:
    """`read` names each service with the sources of its state."""
    code, found = diagnosed(well)
    assert (code, found["status"]) == (0, "healthy")
    read = {entry["service"]: entry["sources"] for entry in found["read"]}
    assert "objects" in read["dashboard-ui"]
    assert {"stats", "objects"} <= set(read["blog-service"])
    assert found["closing"].startswith("7 of 7 services: state read from /stats")


def test_a_panel_of_restart_has_looked_up_changes(boxed: Boxed) -> None:
    """The operator's own restart: changes are looked up, and where the cluster hides them they are not "nothing"."""
    shell = boxed()
    done = shell.here("restart", "auth-service", "--yes", "--json")
    found = json.loads(done.out)
    assert found["changes"]
    assert all("set up" in change["text"] or change["text"] for change in found["changes"])


@pytest.mark.parametrize("stays", [True, False])
def test_a_restart_that_leaves_requests_failing_has_not_recovered(
    boxed: Boxed, monkeypatch: pytest.MonkeyPatch, *, stays: bool
) -> None:
    """all-500, restarted: recovered where the new pod serves, escalated where it fails as the old one did."""
    if stays:
        failing = replace(STAGED["all-500"], later=lambda _image: Ailment.FAILING)
        monkeypatch.setitem(STAGED, "all-500", failing)
    shell = boxed("all-500")
    shell.remember()
    done = shell.here("restart", "blog-service", "--yes", "--accept-data-loss", "--json")
    found = json.loads(done.out)
    assert shell.box.state.deployment("blog-service").rollouts == 1
    if stays:
        assert (done.code, found["status"]) == (4, "escalated")
        assert "requests succeeded" in found["verification"]["text"]
    else:
        assert (done.code, found["status"]) == (0, "recovered")


@pytest.mark.parametrize("scenario", ["gateway-offline", "lb-down"])
def test_a_service_that_nobody_can_reach_is_not_healthy(boxed: Boxed, scenario: str) -> None:
    """Asked about a healthy service behind a dead gateway or load balancer: the fault, at the one that is dead."""
    shell = boxed(scenario)
    code, found = diagnosed(shell, "blog-service")
    dead = "api-gateway" if scenario == "gateway-offline" else "load-balancer"
    assert (code, found["status"], found["service"]) == (8, "awaiting_approval", dead)
    assert found["causes"][0]["object"] == f"Deployment/local-{dead}-deployment"
    assert {entry["service"] for entry in found["read"]} >= {"auth-service", "user-service", "blog-service"}


def test_changes_that_a_cluster_hides_are_not_nothing(boxed: Boxed) -> None:
    """The panel of the operator's own restart, without the right to list what shows a change: not checked."""
    shell = boxed()
    for kind in ("deployments", "replicasets", "statefulsets", "daemonsets", "events", "nodes", "services"):
        shell.box.faults.add(Fault.forbidden("list", kind))
    done = shell.here("restart", "auth-service", "--yes")
    panel = " ".join(done.err.replace("│", " ").split())
    assert "changed: nothing that was seen (" in panel
    assert ": not checked)" in panel
    assert "nothing in the last" not in panel

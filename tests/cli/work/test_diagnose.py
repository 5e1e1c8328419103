"""`diagnose` from the outside: each end with its exit code, live and from a bundle."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from tests.cli.conftest import Boxed
from tests.cli.shell import Shell

LOCKED = """\
2026-11-20T10:00:01.000000Z INFO:     10.244.1.7:4100 - "GET /api/posts HTTP/1.1" 200 OK
2026-11-20T10:00:02.000000Z ERROR:    Exception in ASGI application
2026-11-20T10:00:02.000001Z Traceback (most recent call last):
2026-11-20T10:00:02.000002Z sqlite3.OperationalError: database is locked
"""


def test_healthy_is_exit_code_0(well: Shell) -> None:
    """Nothing is wrong: the verdict on stdout, the steps on stderr."""
    done = well.here("diagnose")
    assert done.code == 0
    assert done.out.startswith("HEALTHY")
    assert "detect" in done.err
    assert "detect" not in done.out


def test_a_fault_without_a_terminal_waits_with_exit_code_8(boxed: Boxed) -> None:
    """db-locked: cause, evidence and the loss are reported, nothing is changed, and the way on is named."""
    shell = boxed("db-locked")
    done = shell.run("diagnose", "blog")
    assert done.code == 8
    assert done.out.startswith("AWAITING APPROVAL")
    assert "db.locked" in done.out
    assert "database is locked" in done.out
    assert "LOST" in done.out
    assert "opsagent approve" in done.out
    assert shell.box.state.deployment("blog-service").rollouts == 0
    assert all(method == "GET" or "accessreviews" in path for method, path in shell.box.requests)


def test_json_is_one_document_and_all_prose_is_on_stderr(boxed: Boxed) -> None:
    """--json prints the contract's document and nothing else on stdout."""
    done = boxed("db-locked").here("diagnose", "blog", "--json")
    found = json.loads(done.out)
    assert found["schema"] == "opsagent.diagnosis/1"
    assert (found["status"], found["causes"][0]["code"]) == ("awaiting_approval", "db.locked")
    assert "root_cause" in done.err


def test_what_no_action_helps_is_reported_with_exit_code_3(boxed: Boxed) -> None:
    """oom-killed: reported, nothing done, and what to change instead."""
    done = boxed("oom-killed").here("diagnose", "user")
    assert done.code == 3
    assert "pod.oom-killed" in done.out


def test_nothing_that_can_be_checked_is_exit_code_1(boxed: Boxed) -> None:
    """Neither the load balancer nor the API server answers: NOT CHECKED and what is next, never healthy."""
    shell = boxed()
    shell.box.stop()
    done = shell.here("diagnose")
    assert done.code == 1
    assert done.out.startswith("NOT CHECKED")
    assert "nothing could be read" in done.said
    assert "opsagent doctor" in done.out
    found = json.loads(shell.here("diagnose", "--json").out)
    assert (found["status"], found["causes"], found["read"]) == ("not_checked", [], [])


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Write a bundle that holds one log and nothing else."""
    folder = tmp_path / "bundle"
    (folder / "logs" / "blog-service-6b5-zk4mh").mkdir(parents=True)
    (folder / "logs" / "blog-service-6b5-zk4mh" / "blog.log").write_text(LOCKED)
    return folder


def _packed(folder: Path) -> Path:
    archive = folder.with_suffix(".tar.gz")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, arcname="bundle")
    return archive


def _one_log(folder: Path) -> Path:
    path = folder.with_name("blog-service.log")
    path.write_text(LOCKED)
    return path


@pytest.mark.parametrize("form", ["directory", "archive", "log file", "stdin"])
def test_a_bundle_of_any_form_is_diagnosed(boxed: Boxed, bundle: Path, form: str) -> None:
    """Directory, archive, one log and a pipe lead to the same cause, offline, with exit code 3."""
    shell = boxed()
    path = {"directory": str(bundle), "archive": str(_packed(bundle)), "log file": str(_one_log(bundle)), "stdin": "-"}
    arguments = ("diagnose", "--from", path[form], "--json")
    done = shell.run(*arguments, given=LOCKED) if form == "stdin" else shell.here(*arguments)
    found = json.loads(done.out)
    assert (done.code, found["causes"][0]["code"], found["actions"]) == (3, "db.locked", [])
    assert shell.box.requests == []


def test_several_inputs_are_one_body_of_evidence(boxed: Boxed, tmp_path: Path) -> None:
    """A log, and the pod that it is named after: the cause is the pod's service's, and no request is made."""
    (tmp_path / "blog-service-6c4d8f7b9c-x2k4v.log").write_text(LOCKED)
    name = "blog-service-6c4d8f7b9c-x2k4v"
    (tmp_path / "pods.txt").write_text(
        f"{'NAME':<32}READY   STATUS    RESTARTS   AGE\n{name:<32}0/1     Running   0          45m\n"
    )
    shell = boxed()
    given = [word for path in ("pods.txt", f"{name}.log") for word in ("--from", str(tmp_path / path))]
    found = json.loads(shell.here("diagnose", *given, "--json").out)
    assert (found["causes"][0]["code"], found["causes"][0]["service"]) == ("db.locked", "blog-service")
    assert shell.box.requests == []


@pytest.mark.parametrize("what", ["nothing", "an empty folder", "no archive", "a climbing archive"])
def test_what_is_not_a_bundle_is_reported_with_a_way_out(boxed: Boxed, tmp_path: Path, what: str) -> None:
    """A path that is none, or holds nothing to read, is an error with a hint and no traceback."""
    path = tmp_path / "given.tar.gz"
    if what == "an empty folder":
        path.mkdir()
    elif what == "no archive":
        path.write_bytes(b"\x1f\x8b no gzip at all")
    elif what == "a climbing archive":
        with tarfile.open(path, "w:gz") as tar:
            tar.addfile(tarfile.TarInfo("../../escaped.log"), io.BytesIO())
    done = boxed().here("diagnose", "--from", str(path))
    assert done.code in {1, 2}
    assert done.out == ""
    assert "hint:" in done.err
    assert not (tmp_path.parent.parent / "escaped.log").exists()

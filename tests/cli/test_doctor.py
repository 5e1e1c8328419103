"""`doctor` and `init` as a new user runs them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsagent.sandbox import Sandbox
from opsagent.setup.collecting import COLLECTING
from tests.cli.shell import Shell, environment
from tests.session import SPEED


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Give a shell that is pointed at a healthy platform."""
    with Sandbox("healthy", speed=SPEED) as box:
        yield Shell(box, tmp_path, environment(box, tmp_path))


def test_the_first_two_commands(shell: Shell) -> None:
    """init writes a file where doctor then finds it; a second init leaves it alone, and states it with exit code 2."""
    first = shell.run("init")
    assert first.code == 0
    assert f"crontab -e, and add {COLLECTING}" in first.said
    written = shell.folder / ".config" / "opsagent" / "config.yaml"
    before = written.read_text("utf-8")
    again = shell.here("init", "-n", "other")
    assert (again.code, written.read_text("utf-8")) == (2, before)
    assert "there already" in again.said
    well = shell.here("doctor")
    assert well.code == 0
    assert "".join(str(written).split()) in well.unbroken
    assert "✗" not in well.out


def test_doctor_as_json_and_its_exit_code(shell: Shell) -> None:
    """Without a cluster: exit code 1, one JSON document, each failure with its hint, nothing on stderr."""
    done = shell.here("doctor", "--json", KUBECONFIG="/nowhere")
    document = json.loads(done.out)
    failures = [check for check in document["checks"] if check["verdict"] == "fail"]
    assert (done.code, document["ok"], done.err) == (1, False, "")
    assert [check["name"] for check in failures] == ["cluster"]
    assert failures[0]["hint"]


def test_the_cron_jobs_messages_name_the_context_that_is_current(shell: Shell) -> None:
    """In the pod there is no context: its messages name the cluster as the operator knows it."""
    done = shell.run("manifests", "--role", "reader", "--cronjob", "--image", "opsagent:1", "--claim", "state")
    assert "cluster: opsagent-sandbox" in done.out

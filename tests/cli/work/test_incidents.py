"""Incidents that wait: found, approved, rejected and resumed by other processes."""

import json
import os
import signal

import pytest

from opsagent.sandbox import Fault
from tests.cli.conftest import Boxed
from tests.cli.shell import Shell, ended, until


def _waiting(shell: Shell) -> str:
    assert shell.here("diagnose", "blog", "--json").code == 8
    [incident] = json.loads(shell.here("incidents", "--json").out)
    assert incident["stage"] == "awaiting_approval"
    return str(incident["id"])


def test_approve_needs_a_terminal(boxed: Boxed) -> None:
    """Without one nothing is asked and nothing is done: exit code 2, and the incident goes on waiting."""
    shell = boxed("db-locked")
    waiting = _waiting(shell)
    done = shell.here("approve", waiting)
    assert (done.code, done.out) == (2, "")
    assert "needs a terminal" in done.err
    assert waiting in shell.here("incidents").out
    assert shell.box.state.deployment("blog-service").rollouts == 0


def test_reject_closes_it_with_the_reason(boxed: Boxed) -> None:
    """Exit code 3, the reason is in the report, nothing was done, and it waits no more."""
    shell = boxed("db-locked")
    waiting = _waiting(shell)
    done = shell.here("reject", waiting, "--reason", "we wait for the backup")
    assert done.code == 3
    assert "we wait for the backup" in shell.here("report", "show", waiting).out
    assert "no incident waits" in shell.here("incidents").out
    assert waiting in shell.here("incidents", "--all").out
    assert shell.box.state.deployment("blog-service").rollouts == 0
    for again in ("reject", "approve", "resume"):
        done = shell.here(again, waiting)
        assert done.code == 2
        assert f"opsagent report show {waiting}" in done.err


def test_resume_pauses_at_the_approval_again(boxed: Boxed) -> None:
    """What waits is checked again and goes on waiting where nobody can be asked."""
    shell = boxed("db-locked")
    waiting = _waiting(shell)
    done = shell.here("resume", waiting)
    assert done.code == 8
    assert waiting in done.out


def test_what_went_by_itself_is_recovered_on_resume(boxed: Boxed) -> None:
    """The lock goes while the incident waits: exit code 0, nothing was done."""
    shell = boxed("db-locked")
    waiting = _waiting(shell)
    shell.box.state.recover()
    until(lambda: set(shell.box.state.answers().values()) == {"ok"}, "the recovery")
    done = shell.here("resume", waiting)
    assert done.code in {0, 8}  # the window of the figures may still be slow
    until(lambda: shell.here("resume", waiting).code in {0, 2}, "the figures' recovery")
    assert "by itself" in shell.here("report", "show", waiting).out
    assert shell.box.state.deployment("blog-service").rollouts == 0


@pytest.mark.parametrize("command", ["approve", "reject", "resume"])
def test_what_is_not_an_incident_is_usage(boxed: Boxed, command: str) -> None:
    """An unknown id, and one that is not an id at all, are exit code 2 with the command that lists them."""
    shell = boxed()
    for given in ("zzzz", "../../etc", "", "Z*"):
        done = shell.here(command, given)
        assert (done.code, done.out) == (2, "")
        assert "opsagent incidents" in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_what_was_cut_off_is_listed_and_resumed(boxed: Boxed, number: signal.Signals) -> None:
    """Mid-way through the logs: 130 with the way on, or dead without a word; either way the incident goes on."""
    shell = boxed("db-locked")
    shell.box.state.answers()
    slow = Fault.slow(20.0, side="api").only(target="pods/log")
    shell.box.faults.add(slow)
    with shell.start("diagnose", "blog") as process:
        until(lambda: any("/log" in path for _, path in shell.box.requests), "the first log is being read")
        shell.box.faults.remove(slow)
        done = ended(process, number)
    [incident] = json.loads(shell.here("incidents", "--json").out)
    assert incident["stage"] == "interrupted"
    if number != signal.SIGKILL:
        assert done.code == 130
        assert "Traceback" not in done.err
        assert f"opsagent resume {incident['id']}" in done.err
    resumed = shell.here("resume", incident["id"])
    assert resumed.code == 8
    assert "db.locked" in resumed.out


def test_an_interrupt_while_verifying_repeats_nothing(boxed: Boxed) -> None:
    """Ctrl-C after the change: 130, no traceback; resume verifies the one rollout that was done."""
    shell = boxed(OPSAGENT_VERIFY_HOLD_S="2")
    with shell.start("restart", "auth", "--yes") as process:
        until(lambda: shell.box.state.deployment("auth-service").rollouts, "the rollout")
        until(lambda: shell.box.requests[-1][0] != "PATCH", "the first check after it")
        done = ended(process, signal.SIGINT)
    assert done.code == 130
    assert "Traceback" not in done.err
    [incident] = json.loads(shell.here("incidents", "--json").out)
    assert incident["stage"] == "interrupted"
    resumed = shell.here("resume", incident["id"])
    assert resumed.code == 0
    assert resumed.out.startswith("RECOVERED")
    assert shell.box.state.deployment("auth-service").rollouts == 1


def test_an_incident_of_another_cluster_is_not_touched(boxed: Boxed) -> None:
    """The context leads elsewhere by now: refused by name, for an approval belongs to one cluster."""
    shell = boxed("db-locked")
    waiting = _waiting(shell)
    kubeconfig = shell.folder / "kubeconfig"
    kubeconfig.write_text(kubeconfig.read_text().replace(shell.box.api_url, "http://127.0.0.1:9"))
    done = shell.here("resume", waiting)
    assert done.code == 2
    assert shell.box.api_url in done.said
    assert "127.0.0.1:9" in done.said


def test_nothing_of_the_state_is_readable_by_others(boxed: Boxed) -> None:
    """The state directory is 0700 and its files 0600, whatever the umask."""
    shell = boxed("db-locked")
    old = os.umask(0)
    try:
        _waiting(shell)
    finally:
        os.umask(old)
    state = shell.folder / "state"
    assert state.stat().st_mode & 0o777 == 0o700
    for path in state.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path

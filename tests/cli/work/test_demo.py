"""`demo` in a real terminal, and what it and `sandbox` state without one."""

import json
import os
import signal
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pexpect
import pyte
import pytest

from opsagent.sandbox import SCENARIOS, Fault
from tests.cli.conftest import Boxed
from tests.cli.shell import OPSAGENT, PATIENCE_S, Shell, ended
from tests.cli.work.window import complete

BLOG = "local-blog-service-deployment"
QUESTION = r"30 min left[^>]*\r\n> "


def _environment(shell: Shell) -> dict[str, str]:
    """Return the shell's environment; the size is the terminal's own, whatever a test runner exports."""
    return {name: value for name, value in {**os.environ, **shell.env}.items() if name not in ("COLUMNS", "LINES")}


@contextmanager
def _terminal(shell: Shell, *arguments: str, size: tuple[int, int] = (24, 80)) -> Iterator[Any]:
    child = pexpect.spawn(
        OPSAGENT[0],
        [*OPSAGENT[1:], *arguments],
        env={**_environment(shell), "TERM": "xterm-256color"},
        cwd=str(shell.folder),
        dimensions=size,
        encoding="utf-8",
        timeout=PATIENCE_S,
    )
    before = termios.tcgetattr(child.child_fd)
    try:
        yield child
        assert termios.tcgetattr(child.child_fd) == before
    finally:
        child.close(force=True)


def _left(child: Any) -> tuple[str, int]:
    child.expect(pexpect.EOF)
    child.wait()
    said = str(child.before)
    assert "Traceback" not in said
    assert said.count("\x1b[?25l") <= said.count("\x1b[?25h") + 1  # a spinner that began gave the cursor back
    assert said.rfind("\x1b[?25h") >= said.rfind("\x1b[?25l")
    return said, child.exitstatus


def test_approved_by_typing_the_deployments_name(well: Shell) -> None:
    """The design's example: cause, loss, the name typed, one restart, verified, exit code 0."""
    with _terminal(well, "demo", "db-locked") as child:
        child.expect("SIMULATED")
        child.expect(QUESTION)
        asked = child.before
        assert "db.locked" in asked
        assert "DATA LOSS" in asked
        child.sendline("a")
        child.expect("To approve, type")
        child.expect("> ")
        child.sendline(BLOG)
        said, code = _left(child)
    for box in ("approval", "execute", "verify", "report_success"):
        assert box in said
    assert "recovered" in said
    assert code == 0


@pytest.mark.parametrize(
    ("typed", "told", "code"), [("", "rejected", 3), ("l", "awaiting approval", 8), ("\x03", "interrupted", 130)]
)
def test_every_other_answer_changes_nothing(boxed: Boxed, typed: str, told: str, code: int) -> None:
    """Enter alone is a no (3), l leaves it pending (8), the Ctrl-C key leaves (130): the terminal is as it was."""
    shell = boxed("db-locked")
    with _terminal(shell, "diagnose", "blog") as child:
        child.expect(QUESTION)
        child.send(typed if typed == "\x03" else typed + "\r")
        said, ended_with = _left(child)
    assert told in said.lower()
    assert ended_with == code
    assert shell.box.state.deployment("blog-service").rollouts == 0


def test_what_waits_is_approved_later_from_another_terminal(boxed: Boxed) -> None:
    """diagnose without a terminal, approve in one: the panel again, one rollout, exit code 0."""
    shell = boxed("db-locked")
    assert shell.here("diagnose", "blog").code == 8
    [incident] = json.loads(shell.here("incidents", "--json").out)
    with _terminal(shell, "approve", incident["id"]) as child:
        child.expect(QUESTION)
        child.sendline("a")
        child.expect("To approve, type")
        child.expect("> ")
        child.sendline(BLOG)
        said, code = _left(child)
    assert "recovered" in said
    assert code == 0
    assert shell.box.state.deployment("blog-service").rollouts == 1


def test_a_panel_is_drawn_again_for_another_window(well: Shell) -> None:
    """At 80x24, and again at 100x30 and 140x40 after a resize, the panel is on the screen with its question."""
    with _terminal(well, "demo", "crash-loop") as child:
        child.expect(QUESTION)
        screens = [_screen(child.before + child.after, 24, 80)]
        for rows, columns in ((30, 100), (40, 140)):
            child.setwinsize(rows, columns)
            child.expect(QUESTION)
            screens.append(_screen(child.before + child.after, rows, columns))
        child.sendline("")
        _, code = _left(child)
    assert code == 3
    for screen in screens:
        assert complete(screen)


def _screen(sent: str, rows: int, columns: int) -> list[str]:
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(sent)
    return list(screen.display)


def test_the_evidence_page_is_searched_and_left(well: Shell) -> None:
    """[e] shows the lines around the evidence on a page of its own; q gives back the panel with its question."""
    with _terminal(well, "demo", "crash-loop") as child:
        child.expect(QUESTION)
        child.sendline("e")
        child.expect("1049h")  # the alternate screen
        child.expect(r"evidence of incident \w+ · 1-23/")
        child.send("/typeerror\r")
        child.expect("TypeError")
        child.send("q")
        child.expect("1049l")
        child.expect(QUESTION)
        assert "Approve?" in child.before
        child.sendline("l")
        assert _left(child)[1] == 8


def test_the_list_names_every_scenario(well: Shell) -> None:
    """demo list and sandbox list name what there is; another name is usage, with the known ones."""
    for command in ("demo", "sandbox"):
        listed = well.here(command, "list")
        assert listed.code == 0
        assert [line.split()[0] for line in listed.out.splitlines()] == list(SCENARIOS)
        wrong = well.here(command, "nosuch")
        assert (wrong.code, wrong.out) == (2, "")
        assert "db-locked" in wrong.err


def test_a_demo_leaves_no_incident_behind(well: Shell) -> None:
    """Its state is its own: real incidents and demos never mix, and nothing of it stays in the temporary folder."""
    scratch = well.folder / "scratch"
    scratch.mkdir()
    done = well.run("demo", "healthy", TMPDIR=str(scratch))
    assert done.code == 0
    assert "SIMULATED" in done.err
    assert ".." not in done.err
    assert list(scratch.iterdir()) == []
    assert json.loads(well.here("incidents", "--all", "--json").out) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_sandbox_serves_until_interrupted(well: Shell, number: signal.Signals) -> None:
    """Its three export lines point opsagent at it; a signal ends it with 130 and takes its files along."""
    with well.start("sandbox", "db-locked", "--stats-port", "0") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().decode().strip() for _ in range(3)]
        exported = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        assert set(exported) == {"KUBECONFIG", "OPSAGENT_STATS_URL", "OPSAGENT_STATE_DIR"}
        assert "local-blog-service" in well.here("pods", **exported).out
        assert "blog-service" in well.here("stats", **exported).out
        done = ended(process, number)
    assert done.code == 130
    assert "Traceback" not in done.err
    assert not os.path.exists(exported["KUBECONFIG"])  # noqa: PTH110  (a string from the shell)


def test_a_taken_port_is_reported(well: Shell) -> None:
    """A port that somebody else serves is an error with a way out."""
    port = well.box.stats_url.rsplit(":", 1)[1]
    done = subprocess.run(
        [*OPSAGENT, "sandbox", "--stats-port", port], env=well.env, capture_output=True, timeout=60, check=False
    )
    assert done.returncode in {1, 2}
    assert b"Traceback" not in done.stderr
    assert b"hint:" in done.stderr


def test_a_hang_up_during_a_spinner_ends_with_130(boxed: Boxed) -> None:
    """The terminal goes away while it spins: 130, although nothing more can be written there."""
    shell = boxed("db-locked")
    shell.box.faults.add(Fault.slow(20.0, side="api").only(target="pods/log"))
    child = pexpect.spawn(
        OPSAGENT[0],
        [*OPSAGENT[1:], "diagnose", "blog"],
        env={**os.environ, **shell.env, "TERM": "xterm-256color"},
        cwd=str(shell.folder),
        encoding="utf-8",
        timeout=PATIENCE_S,
    )
    child.expect("reading logs side by side")
    child.ptyproc.fileobj.close()  # the kernel hangs up: SIGHUP, and each write fails
    _, status = os.waitpid(child.pid, 0)
    child.closed = child.ptyproc.closed = True
    assert os.waitstatus_to_exitcode(status) == 130


FIGURED = {
    "cpu-throttled": ("load.cpu-saturated", "Deployment/local-blog-service-deployment", 3),
    "memory-leak": ("load.memory-leak", "Deployment/local-user-service-deployment", 3),
    "disk-filling": ("volume.disk-full", "PersistentVolumeClaim/local-user-service-data-pvc", 3),
    "slow-dependency": ("rollout.bad-revision", "Deployment/local-user-service-deployment", 8),
}


@pytest.mark.parametrize("scenario", FIGURED)
def test_what_figures_alone_show_is_named(well: Shell, scenario: str) -> None:
    """Every pod is Ready and every service online: the code, the object, and the query as evidence."""
    code, place, exit_code = FIGURED[scenario]
    done = well.here("demo", scenario, "--json")
    assert done.code == exit_code, done.said
    found = json.loads(done.out)
    assert (found["causes"][0]["code"], found["causes"][0]["object"]) == (code, place)
    assert any(
        "titanium-local" in evidence["text"] for evidence in found["evidence"] if evidence["source"] == "metrics"
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_slow_dependency_is_rolled_back_and_verified_on_its_figures(well: Shell) -> None:
    """The revision that made it slow is undone; it has recovered when figures from after that are good."""
    with _terminal(well, "demo", "slow-dependency") as child:
        child.expect(QUESTION)
        child.sendline("a")
        child.timeout = 240
        said, code = _left(child)
    assert "RECOVERED" in said
    assert code == 0

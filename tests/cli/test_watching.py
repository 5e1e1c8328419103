"""`watch` from the outside: cron's silence, its reports, and the passes that go on."""

import json
import signal

from opsagent.sandbox import Fault
from tests.cli.conftest import Boxed
from tests.cli.shell import ended, until


def test_a_healthy_pass_says_nothing_at_all(boxed: Boxed) -> None:
    """Exit code 0, stdout and stderr empty: cron sends no mail. With --json it is an empty list."""
    shell = boxed()
    done = shell.run("watch", "--auto-report")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert json.loads(shell.here("watch", "--auto-report", "--json").out) == []


def test_a_fault_is_reported_once_and_then_waits(boxed: Boxed) -> None:
    """The first pass reports and leaves the plan waiting; the second says so, and opens no second incident."""
    shell = boxed("db-locked")
    first = shell.here("watch", "--auto-report")
    assert first.code == 8
    assert "db.locked" in first.out
    assert "opsagent approve " in first.out
    second = shell.here("watch", "--auto-report")
    assert second.code == 8
    assert "still waits for an approval" in second.out
    third = shell.here("watch", "--auto-report", "--json")
    assert [found["status"] for found in json.loads(third.out)] == ["awaiting_approval"]
    assert len(json.loads(shell.here("incidents", "--all", "--json").out)) == 1


def test_a_fault_without_an_action_exits_3(boxed: Boxed) -> None:
    """oom-killed: reported, nothing done; the report that the mail names can be shown."""
    shell = boxed("oom-killed")
    done = shell.here("watch", "--auto-report")
    assert done.code == 3
    [line] = [line for line in done.out.splitlines() if line.startswith("report:")]
    command = line.removeprefix("report:").split()
    assert command[0] == "opsagent"
    assert "pod.oom-killed" in shell.here(*command[1:]).out


def test_a_pass_that_can_look_at_nothing_is_no_silence(boxed: Boxed) -> None:
    """Nothing answers: an error on stderr and exit code 1, so that cron's mail is sent."""
    shell = boxed()
    shell.box.stop()
    done = shell.here("watch", "--auto-report")
    assert (done.code, done.out) == (1, "")
    assert "hint:" in done.err


def test_passes_outlive_an_outage_and_end_on_a_signal(boxed: Boxed) -> None:
    """With --interval an outage is told, the next pass is well again, and SIGTERM ends it with 130."""
    shell = boxed()
    outage = [Fault.refused(), Fault.unauthorized()]
    shell.box.faults.add(*outage)
    process = shell.start("watch", "--auto-report", "--interval", "1")
    try:
        assert process.stderr is not None
        assert b"error:" in process.stderr.readline()
        shell.box.faults.clear()
        shell.box.requests.clear()
        until(lambda: ("GET", "/stats") in shell.box.requests, "a pass after the outage")
        assert process.poll() is None
        done = ended(process, signal.SIGTERM)
    finally:
        process.kill()
    assert done.code == 130
    assert "Traceback" not in done.err


def test_the_live_view_ends_at_ctrl_c(boxed: Boxed) -> None:
    """Without a terminal the frames stand one below the other; SIGINT ends them with 130."""
    shell = boxed()
    process = shell.start("watch", "--interval", "1")
    try:
        until(lambda: len([path for _, path in shell.box.requests if path == "/stats"]) >= 2, "two frames")
        done = ended(process, signal.SIGINT)
    finally:
        process.kill()
    assert done.code == 130
    assert "services online" in done.out
    assert "Traceback" not in done.err

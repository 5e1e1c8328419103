"""`watch` from the outside: cron's silence, its reports, and the passes that go on."""

import gc
import json
import os
import signal
import subprocess
import sys
import termios
import urllib.request

import pexpect
import pytest

from opsagent.cli.setup import Setup
from opsagent.cli.work.watch import one_pass
from opsagent.config.load import load
from opsagent.sandbox import Fault
from opsagent.store.lock import pass_lock
from opsagent.store.store import sample_key
from tests.cli.conftest import Boxed
from tests.cli.shell import OPSAGENT, PATIENCE_S, Shell, ended, until
from tests.clients.loopback import Reply, serve


def test_a_healthy_pass_reports_nothing_at_all(boxed: Boxed) -> None:
    """Exit code 0, stdout and stderr empty: cron sends no mail. With --json it is an empty list."""
    shell = boxed()
    done = shell.run("watch", "--auto-report")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert json.loads(shell.here("watch", "--auto-report", "--json").out) == []


def test_a_fault_is_reported_once_and_then_waits(boxed: Boxed) -> None:
    """The first pass reports and leaves the plan waiting; the second reports nothing, and opens no second incident."""
    shell = boxed("db-locked")
    first = shell.here("watch", "--auto-report")
    assert first.code == 8
    assert "db.locked" in first.out
    assert "opsagent approve " in first.out
    second = shell.here("watch", "--auto-report")
    assert (second.code, second.out, second.err) == (8, "", "")
    third = shell.here("watch", "--auto-report", "--json")
    [known] = json.loads(third.out)
    assert (known["status"], known["notice"], known["sighting"]["count"]) == ("awaiting_approval", None, 3)
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


def test_requests_that_fail_and_nobody_confirms_send_no_page(boxed: Boxed) -> None:
    """A low success share and logs that cannot be read: diagnose reports unknown, an unattended pass is silent."""
    shell = boxed("all-500")
    shell.remember()
    shell.box.faults.add(Fault.forbidden("get", "pods/log"))
    done = shell.here("watch", "--auto-report")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert json.loads(shell.here("incidents", "--all", "--json").out) == []
    [cause] = json.loads(shell.here("diagnose", "--json").out)["causes"]
    assert (cause["code"], cause["confidence"] <= 0.4) == ("unknown", True)


def test_requests_that_fail_and_a_log_confirms_are_reported(boxed: Boxed) -> None:
    """The same share, and the service's own log holds the 500s: an incident."""
    shell = boxed("all-500")
    shell.remember()
    done = shell.here("watch", "--auto-report")
    assert done.code == 3
    assert done.out.startswith("opsagent: blog-service ")


def test_a_pass_that_can_check_nothing_is_not_a_silence(boxed: Boxed) -> None:
    """Nothing answers from the first pass on: stated once, so that cron sends mail, and exit code 1 every pass."""
    shell = boxed()
    shell.box.stop()
    done = shell.here("watch", "--auto-report")
    assert done.code == 1
    assert "cannot see titanium-local: the Kubernetes API cannot be read since " in done.out
    again = shell.here("watch", "--auto-report")
    assert (again.code, again.out) == (1, "")


def test_passes_outlive_an_outage_and_end_on_a_signal(boxed: Boxed) -> None:
    """With --interval an outage is reported on stdout, the next pass is healthy again, and SIGTERM ends it with 130."""
    shell = boxed()
    outage = [Fault.refused(), Fault.unauthorized()]
    shell.box.faults.add(*outage)
    with shell.start("watch", "--auto-report", "--interval", "1") as process:
        assert process.stdout is not None
        assert b"cannot see titanium-local" in process.stdout.readline()
        shell.box.faults.clear()
        shell.box.requests.clear()
        until(lambda: ("GET", "/stats") in shell.box.requests, "a pass after the outage")
        assert process.poll() is None
        done = ended(process, signal.SIGTERM)
    assert done.code == 130
    assert "Traceback" not in done.err


def test_the_live_view_ends_at_ctrl_c(boxed: Boxed) -> None:
    """Without a terminal the frames stand one below the other; SIGINT ends them with 130."""
    shell = boxed()
    with shell.start("watch", "--interval", "1") as process:
        until(lambda: len([path for _, path in shell.box.requests if path == "/stats"]) >= 2, "two frames")
        done = ended(process, signal.SIGINT)
    assert done.code == 130
    assert "services online" in done.out
    assert "Traceback" not in done.err


def well_again(shell: Shell) -> None:
    """Let the fault go, and wait until the platform answers well."""
    shell.box.state.recover()
    until(lambda: _reads_well(shell.box.stats_url), "a healthy platform")


def _reads_well(url: str) -> bool:
    """Return whether /stats states that all answer again, and at once: its window lags behind."""
    with urllib.request.urlopen(f"{url}/stats", timeout=5) as answer:
        said = json.load(answer)
    return (
        bool(said["blog_service"]["service_status"] == "online") and said["load-balancer"]["avg_response_time_ms"] < 500
    )


def test_a_recovery_is_reported_and_closes_what_waits(boxed: Boxed) -> None:
    """The lock goes by itself: the next pass states it, the waiting plan is closed, and then there is silence."""
    shell = boxed("db-locked")
    shell.here("watch", "--auto-report")
    well_again(shell)
    over = shell.here("watch", "--auto-report")
    assert over.code == 0
    assert "blog-service db.locked — RECOVERED" in over.out
    assert json.loads(shell.here("incidents", "--json").out) == []
    assert json.loads(shell.here("incidents", "--all", "--json").out)[0]["stage"] == "recovered"
    quiet = shell.here("watch", "--auto-report")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    assert shell.box.state.deployment("blog-service").rollouts == 0


def test_a_pass_beside_another_one_reports_nothing(boxed: Boxed) -> None:
    """While one pass is under way a second one checks nothing, reports nothing, and exits as the known state stands."""
    shell = boxed("db-locked")
    with pass_lock(shell.folder / "state", sample_key(load(None, shell.env, {}))) as mine:
        assert mine
        first = shell.here("watch", "--auto-report")
        assert (first.code, first.out, first.err) == (0, "", "")
        assert shell.box.requests == []
    assert shell.here("watch", "--auto-report").code == 8
    with pass_lock(shell.folder / "state", sample_key(load(None, shell.env, {}))):
        beside = shell.here("watch", "--auto-report")
    assert (beside.code, beside.out, beside.err) == (8, "", "")


def test_exit_zero_is_for_incidents_alone(boxed: Boxed) -> None:
    """With --exit-zero a found incident exits 0, and nothing that can be checked still exits 1."""
    shell = boxed("oom-killed")
    done = shell.here("watch", "--auto-report", "--exit-zero")
    assert done.code == 0
    assert "pod.oom-killed" in done.out
    shell.box.stop()
    assert shell.here("watch", "--auto-report", "--exit-zero").code == 1


def test_passes_end_when_their_time_is_over(boxed: Boxed) -> None:
    """--interval with --max-runtime ends by itself, with the last pass' exit code."""
    shell = boxed()
    done = shell.here("watch", "--auto-report", "--interval", "1", "--max-runtime", "4")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert len([path for _, path in shell.box.requests if path == "/stats"]) >= 2


def test_a_pass_that_hangs_is_ended(boxed: Boxed) -> None:
    """One that takes longer than --max-runtime ends with an error, and keeps no later one out."""
    shell = boxed("hung-but-ready", OPSAGENT_THRESHOLDS_CONFIRM_INTERVAL_S="60")
    done = shell.here("watch", "--auto-report", "--max-runtime", "1")
    assert done.code == 1
    assert "--max-runtime (1 s) is over" in done.err
    shell.box.hang_s = 2.0  # as the real load balancer: hung is distinguished from dead by it
    assert shell.here("watch", "--auto-report", OPSAGENT_THRESHOLDS_CONFIRM_INTERVAL_S="0.05").code == 8


def test_a_pass_has_an_end_without_being_given_one(boxed: Boxed) -> None:
    """Without --max-runtime the setting bounds each pass; one that is ended does not end the passes after it."""
    shell = boxed("db-locked", OPSAGENT_WATCH_PASS_TIMEOUT_S="1")
    shell.box.faults.add(Fault.slow(3.0, side="api"))
    done = shell.here("watch", "--auto-report")
    assert done.code == 1
    assert "watch.pass_timeout_s, 1 s" in done.err
    shell.box.requests.clear()
    with shell.start("watch", "--auto-report", "--interval", "1") as process:
        until(lambda: [path for _, path in shell.box.requests].count("/stats") >= 3, "a third pass")
        again = ended(process, signal.SIGTERM)
    assert again.err.count("watch.pass_timeout_s") >= 2


def test_the_webhook_is_reported_what_the_mail_states(boxed: Boxed) -> None:
    """New and recovered are posted as JSON, known is not; the URL is kept nowhere and shown nowhere."""
    with serve() as script:
        script.on("/T0K3N", Reply(200), method="POST")
        shell = boxed("db-locked", OPSAGENT_NOTIFY_WEBHOOK_URL=f"{script.url}/T0K3N")
        said = [shell.here("watch", "--auto-report") for _ in range(2)]
        well_again(shell)
        said.append(shell.here("watch", "--auto-report"))
    messages = [json.loads(request.body) for request in script.seen]
    assert [message["notice"] for message in messages] == ["new", "recovered"]
    assert messages[0]["approve"] == f"opsagent approve {messages[0]['incident_id']}"
    assert messages[0]["code"] == "db.locked"
    assert "T0K3N" not in "".join(done.said for done in said)
    kept = b"".join(path.read_bytes() for path in (shell.folder / "state").rglob("*") if path.is_file())
    assert b"T0K3N" not in kept


def test_a_template_shapes_what_the_webhook_gets(boxed: Boxed) -> None:
    """notify.template: slack posts Slack's document, and names cluster and command as they are configured."""
    with serve() as script:
        script.on("/T0K3N", Reply(200), method="POST")
        env = {
            "WEBHOOK_URL": f"{script.url}/T0K3N",
            "TEMPLATE": "slack",
            "CLUSTER": "seoul",
            "APPROVE": "approve-it $id",
        }
        shell = boxed("db-locked", **{f"OPSAGENT_NOTIFY_{name}": value for name, value in env.items()})
        said = shell.here("watch", "--auto-report").out
    [request] = script.seen
    body = json.loads(request.body)
    assert list(body) == ["text"]
    assert body["text"].startswith("*seoul* blog-service: AWAITING APPROVAL")
    [incident] = json.loads(shell.here("incidents", "--json").out)
    assert f"approve:  approve-it {incident['id']}\n" in said
    assert f"approve-it {incident['id']}" in body["text"]


def test_a_template_that_cannot_be_used_is_refused_before_the_pass(boxed: Boxed) -> None:
    """A wrong name is an error of the configuration, not a message lost at night."""
    shell = boxed("db-locked", OPSAGENT_NOTIFY_WEBHOOK_URL="http://localhost:1/x", OPSAGENT_NOTIFY_TEMPLATE="teams")
    done = shell.here("watch", "--auto-report")
    assert done.code == 2
    assert "notify.template" in done.err
    assert json.loads(shell.here("incidents", "--all", "--json").out) == []


def test_metrics_are_a_file_for_the_node_exporter(boxed: Boxed) -> None:
    """After each pass the file holds what is open and how the pass ended, readable for all, never half."""
    shell = boxed("db-locked")
    path = shell.folder / "opsagent.prom"
    assert shell.here("watch", "--auto-report", "--metrics-file", str(path)).code == 8
    text = path.read_text("utf-8")
    assert 'opsagent_incidents{stage="awaiting_approval"} 1\n' in text
    assert 'code="db.locked"' in text
    assert "opsagent_pass_exit_code 8\n" in text
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in shell.folder.iterdir() if "prom" in entry.name] == ["opsagent.prom"]
    for wrong in (shell.folder / "opsagent.txt", shell.folder / "no" / "opsagent.prom"):
        assert shell.here("watch", "--auto-report", "--metrics-file", str(wrong)).code == 2


def test_a_webhook_that_is_down_loses_nothing(boxed: Boxed) -> None:
    """It refuses: a warning on stderr without the URL; report and exit code are as before."""
    with serve() as script:
        script.on("/T0K3N", Reply(404), method="POST")
        shell = boxed("oom-killed", OPSAGENT_NOTIFY_WEBHOOK_URL=f"{script.url}/T0K3N")
        done = shell.here("watch", "--auto-report")
    assert done.code == 3
    assert "pod.oom-killed" in done.out
    assert "warning: the webhook" in done.err
    assert "T0K3N" not in done.said
    assert shell.here("report", "show").code == 0


def test_a_pass_without_state_still_reports(boxed: Boxed) -> None:
    """A state directory that cannot be used: the cause is on stdout, the reason on stderr, exit code 1."""
    shell = boxed("db-locked")
    (shell.folder / "file").write_text("x", "utf-8")
    done = shell.here("watch", "--auto-report", OPSAGENT_STATE_DIR=str(shell.folder / "file" / "state"))
    assert done.code == 1
    assert "db.locked" in done.out
    assert "not kept" in done.out
    assert "approve:" not in done.out
    assert "state directory" in done.err
    as_json = shell.here("watch", "--auto-report", "--json", OPSAGENT_STATE_DIR=str(shell.folder / "file" / "state"))
    assert json.loads(as_json.out)[0]["causes"][0]["code"] == "db.locked"


def test_a_state_that_cannot_be_read_is_not_an_empty_one(boxed: Boxed) -> None:
    """`incidents` states that it cannot read them; "none waits" would be a guess."""
    shell = boxed()
    (shell.folder / "file").write_text("x", "utf-8")
    done = shell.here("incidents", OPSAGENT_STATE_DIR=str(shell.folder / "file" / "state"))
    assert (done.code, done.out) == (1, "")
    assert "cannot be read" in done.err


def test_passes_keep_nothing_of_those_before(boxed: Boxed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten passes over an incident that waits: as many digests and objects of our own live on as after five."""
    shell = boxed("db-locked")
    for name, value in shell.env.items():
        monkeypatch.setenv(name, value)
    setup = Setup.from_flags(os.environ)

    def alive(passes: int) -> int:
        for _ in range(passes):
            assert one_pass(setup, as_json=False) == 8
        gc.collect()
        return sum(str(type(item).__module__).startswith("opsagent.models") for item in gc.get_objects())

    first = alive(5)
    assert alive(5) <= first * 1.1 + 50


PASSES = """\
import gc, os
from opsagent.cli.setup import Setup
from opsagent.cli.work.watch import one_pass
setup = Setup.from_flags(os.environ)
for _ in range(3):
    one_pass(setup, as_json=False)
gc.collect()
gc.disable()
one_pass(setup, as_json=False)
print(gc.collect())
"""


@pytest.mark.parametrize("scenario", ["healthy", "db-locked"])
def test_a_pass_leaves_nothing_to_search_for(boxed: Boxed, scenario: str) -> None:
    """Everything a pass read is freed as it ends: in cycles it would stay until Python searches for garbage."""
    shell = boxed(scenario)
    done = subprocess.run(
        [sys.executable, "-c", PASSES], env=shell.env, capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    assert int(done.stdout.splitlines()[-1]) <= 20  # a library may leave some of its own


def test_the_live_view_answers_to_keys_and_leaves_the_terminal_clean(boxed: Boxed) -> None:
    """In a terminal: the alternate screen, what waits with its command, a page of help, and the screen as before."""
    shell = boxed("db-locked")
    assert shell.here("watch", "--auto-report").code == 8
    [incident] = json.loads(shell.here("incidents", "--json").out)
    sized = ("COLUMNS", "LINES")  # the size is the terminal's own
    environment = {name: value for name, value in {**os.environ, **shell.env}.items() if name not in sized}
    child = pexpect.spawn(
        OPSAGENT[0], [*OPSAGENT[1:], "watch"], env={**environment, "TERM": "xterm-256color"}, cwd=str(shell.folder),
        dimensions=(24, 80), encoding="utf-8", timeout=PATIENCE_S,
    )  # fmt: skip
    before = termios.tcgetattr(child.child_fd)
    try:
        child.expect("1049h")
        child.expect(f"opsagent approve {incident['id']}")
        child.send("?")
        child.expect("choose a service")
        child.send("q")
        child.expect(r"\[q\]uit")
        child.send("q")
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == 0
        assert "1049l" in child.before
        assert child.before.rfind("\x1b[?25h") >= child.before.rfind("\x1b[?25l")
        assert termios.tcgetattr(child.child_fd) == before
    finally:
        child.close(force=True)

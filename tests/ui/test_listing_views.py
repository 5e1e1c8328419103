"""Health, pods, logs and the lists: what an operator looks up."""

from dataclasses import replace

import pytest

from opsagent.models.observed import Skipped
from opsagent.models.status import HealthReport, PodList, ServiceLogs
from opsagent.store.incidents import Incident
from opsagent.ui.describe_view import describe_view
from opsagent.ui.health_view import health_view
from opsagent.ui.incidents_view import actions_view, incidents_view, report_list_view
from opsagent.ui.logs_view import empty_note, log_lines, match_lines, print_lines
from opsagent.ui.pods_view import pods_text, pods_view
from tests.ui.drawing import drawn, flat
from tests.ui.records import (
    AT,
    HEALTH,
    LOGS,
    MATCHES,
    POD,
    POD_DESCRIPTION,
    PODS,
    REPORT,
    SKIPPED,
    WHERE,
    later,
)


def test_health_shows_failure_first() -> None:
    """The verdict names who failed; an empty body and an open port are reported as what they are."""
    lines = drawn(health_view(HEALTH)).splitlines()
    assert lines[0] == "FAILED: blog-service · 3 ok"
    shown = "\n".join(lines)
    assert "HTTP 200 (empty body)" in shown
    assert "TCP open" in shown
    assert "no answer within 2 s" in shown


def test_health_not_checked_is_not_well() -> None:
    """A path that could not be asked is named, and nobody asked means no good news."""
    assert "not checked: nodes: forbidden" in flat(health_view(replace(HEALTH, not_checked=SKIPPED)))
    unseen = tuple(Skipped(f"health of {name}", "no kubeconfig") for name in ("auth", "blog"))
    shown = flat(health_view(replace(HEALTH, looks=HEALTH.looks[:1], not_checked=unseen)))
    assert shown.startswith("1 answered well · 2 not checked")
    assert "not checked: auth, blog: no kubeconfig" in shown
    assert "all 3 answered well" in flat(health_view(HealthReport(HEALTH.looks[:3])))


def test_one_health_path_is_recognised_by_its_name() -> None:
    """Of one service asked for there is no "all 1", and no "0 ok" where it failed."""
    one = HEALTH.looks[0]
    assert flat(health_view(HealthReport((one,)))).startswith(f"{one.service} answered well")
    failed = replace(one, http=503)
    assert drawn(health_view(HealthReport((failed,)))).splitlines()[0].rstrip() == f"FAILED: {one.service}"
    assert "no health path was checked" in flat(health_view(HealthReport(())))


def test_many_pods_are_plain_columns() -> None:
    """The same cells as the table has, in columns that start below their headings, control characters inert."""
    odd = replace(PODS.pods[0], name="odd\x1b[31m", ip="10.0.0.7", node=None, service="blog")
    text = pods_text(replace(PODS, pods=(*PODS.pods, odd)), AT, wide=True)
    header, *rows = text.splitlines()
    assert header.split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "SERVICE"]
    assert len(rows) == len(PODS.pods) + 1
    assert all(row[header.index("STATUS") - 1] == " " for row in rows)
    assert "\x1b" not in text
    assert rows[-1].split()[-3:] == ["10.0.0.7", "<none>", "blog"]


def test_pods_read_like_kubectl() -> None:
    """Name, readiness, status, restarts with their age, and age: complete names at 80 columns."""
    lines = drawn(pods_view(PODS, AT)).splitlines()
    assert lines[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert lines[1].split() == [POD, "0/1", "Running", "3", "(5m", "ago)", "25h"]


def test_no_pods_states_where_it_checked() -> None:
    """An empty list names namespace and server: most often it is the wrong one."""
    assert flat(pods_view(PodList(WHERE, ()), AT)) == ("no pods in namespace titanium-local (https://10.0.0.5:6443)")


def test_describe_shows_state_last_state_and_events() -> None:
    """Why a container ended, what probes it and what happened are all there."""
    shown = flat(describe_view(POD_DESCRIPTION, AT), 140)
    for said in (
        "container blog-service-container · NOT READY · 3 restarts",
        "last state terminated: Error (exit code 1)",
        "probes liveness http-get :8005/health",
        "requests cpu=100m, memory=128Mi · limits cpu=200m, memory=256Mi",
        "events 12:25:36 Warning Unhealthy ×3",
        "not checked nodes: forbidden",
    ):
        assert said in shown
    assert "Terminating" in flat(describe_view(replace(POD_DESCRIPTION, deleting=AT, reason="Evicted"), AT))


def test_several_logs_are_distinguished() -> None:
    """With more than one log each line names its pod and container, a previous one as such."""
    lines = list(log_lines(LOGS))
    assert lines[1] == "local-blog-service-…-zk4mh/blog-service-container | database is locked"
    assert lines[2] == "local-blog-service-…-zk4mh/istio-proxy (previous) | upstream reset"


def test_one_log_is_plain() -> None:
    """A single log is printed as it is, so that it can be piped on."""
    one = replace(LOGS, excerpts=LOGS.excerpts[:1])
    assert list(log_lines(one))[1] == "database is locked"


def test_an_empty_log_is_stated_to_be_empty() -> None:
    """Nothing on stdout comes with a word about why."""
    empty = replace(LOGS, excerpts=(replace(LOGS.excerpts[0], lines=()),))
    assert empty_note(LOGS) is None
    assert "are empty" in (empty_note(empty) or "")
    assert empty_note(ServiceLogs("redis", ())) == "no log of redis could be read"


def test_a_match_names_its_place() -> None:
    """A hit reads as grep's does, with the complete place."""
    assert list(match_lines(MATCHES)) == [
        f"logs/{POD}/blog-service-container.log:L88: sqlite3.OperationalError: database is locked"
    ]


def test_lines_are_printed_complete_and_inert(capsys: pytest.CaptureFixture[str]) -> None:
    """A very long line is neither wrapped nor cut, and cannot steer."""
    print_lines(["\x1b[2J" + "x" * 5000, "[/red]"])
    assert capsys.readouterr().out == "\\x1b[2J" + "x" * 5000 + "\n[/red]\n"


def test_incidents_name_the_next_command() -> None:
    """Each incident holds with the command that goes on with it, and how long its panel still counts."""
    waiting = Incident("b7k2", "blog-service", WHERE, "awaiting_approval", AT, AT, "db.locked", later(600))
    stopped = replace(waiting, id="c3", stage="interrupted", text="Ctrl-C")
    running, ended = replace(waiting, id="d4", stage="running"), replace(waiting, id="e5", stage="escalated")
    shown = flat(incidents_view([waiting, stopped, running, ended], AT), 140)
    for said in (
        "b7k2 awaiting approval · blog-service · db.locked · 12:25:45 (0s ago) opsagent approve b7k2 (10 min left)",
        "opsagent resume c3 (Ctrl-C)",
        "another process works on it",
        "opsagent report show e5",
    ):
        assert said in shown
    assert "expired: it checks again" in flat(incidents_view([waiting], later(601)), 140)
    assert flat(incidents_view([], AT)) == "no incident waits for anybody"


def test_reports_are_listed_with_their_end() -> None:
    """A report's row shows id, status, cause and outcome; a damaged file is named, not hidden."""
    shown = flat(report_list_view([REPORT], AT, damaged=[Skipped("reports/x.json", "half a file")]), 140)
    assert "b7k2 recovered · blog-service · db.locked (0.86) · 12:26:54 recovered in 1 min 9 s" in shown
    assert "not readable: reports/x.json: half a file" in shown
    assert flat(report_list_view([], AT)) == "no reports are kept yet"


def test_the_history_states_who_changed_what() -> None:
    """Each change stands with its time, outcome and the person behind it."""
    shown = flat(actions_view(REPORT.actions, {}, AT), 140)
    assert "restart Deployment/local-blog-service-deployment: done by operator@host (panel) · incident b7k2" in shown
    assert flat(actions_view([], {}, AT)) == "nothing was changed from here"

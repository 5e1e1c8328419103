"""The incident loop on the sandbox: the real clients, tools, graph and store."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsagent.agent import run, wiring
from opsagent.agent.run import DiagnosisRequest
from opsagent.config.settings import Settings
from opsagent.errors import ExitCode, IncidentError
from opsagent.models.incident import Report, Step
from opsagent.models.panel import Panel
from opsagent.models.plan import Action, Order
from opsagent.sandbox import Fault, Sandbox
from opsagent.store.store import Store
from tests.agent.small_platform import Bench, bench, blog
from tests.agent.workloads import workload
from tests.session import Boxed, Heard, ScriptedAnswers, at_work, sandboxes

BLOG = "local-blog-service-deployment"


@pytest.fixture
def boxed(tmp_path: Path) -> Iterator[Boxed]:
    """Start sandboxes of scenarios."""
    with sandboxes(tmp_path) as start:
        yield start


def diagnosed(
    settings: Settings,
    prompter: ScriptedAnswers | None = None,
    service: str | None = "blog-service",
    heard: Heard | None = None,
) -> Report:
    """Run one diagnosis in a process of its own, so to speak."""
    with at_work(settings, heard) as (ctx, desk):
        return next(run.diagnose(ctx, DiagnosisRequest(service), desk, prompter))


def test_a_healthy_platform_ends_ok(boxed: Boxed) -> None:
    """Nothing is wrong: two boxes are walked through, the state was read, and the exit code is 0."""
    _, settings = boxed("healthy")
    heard = Heard()
    report = diagnosed(settings, service=None, heard=heard)
    assert (report.status, heard.walked, run.exit_code(report)) == ("healthy", ["detect", "end_ok"], ExitCode.OK)
    assert report.causes == ()


def test_an_approved_restart_is_done_once_and_verified(boxed: Boxed) -> None:
    """db-locked: cause named, loss of the posts reported, one rollout after the approval, and all is well."""
    box, settings = boxed("db-locked")
    heard, replies = Heard(), ScriptedAnswers(["approve"])
    report = diagnosed(settings, replies, heard=heard)
    assert report.causes[0].code == "db.locked"
    assert report.causes[0].object == f"Deployment/{BLOG}"
    assert replies.panels[0].plan.loses_data
    assert heard.walked == [
        "detect", "collect_logs", "analyze", "check_metrics", "root_cause", "approval", "execute", "verify",
        "report_success",
    ]  # fmt: skip
    assert report.status == "recovered"
    assert box.state.deployment("blog-service").rollouts == 1
    assert report.verification is not None
    assert report.verification.recovered
    assert report.verification.before["status"] == "offline"
    assert report.verification.after["status"] == "online"


def test_a_rejected_plan_changes_nothing(boxed: Boxed) -> None:
    """A no ends in a report, with no write request sent."""
    box, settings = boxed("db-locked")
    report = diagnosed(settings, ScriptedAnswers(["reject"]))
    assert (report.status, run.exit_code(report)) == ("rejected", ExitCode.REPORTED)
    assert writes(box) == []


def test_without_anybody_to_ask_it_waits(boxed: Boxed) -> None:
    """No terminal: the incident waits on disk, its report states it, and nothing was changed."""
    box, settings = boxed("db-locked")
    report = diagnosed(settings)
    assert (report.status, run.exit_code(report)) == ("awaiting_approval", ExitCode.PENDING)
    assert writes(box) == []
    [waiting] = Store.at(settings, {}).incidents.list()
    assert (waiting.id, waiting.stage, waiting.code) == (report.incident_id, "awaiting_approval", "db.locked")


def test_a_pending_incident_is_approved_by_another_process(boxed: Boxed) -> None:
    """What was left pending goes on elsewhere: a fresh check, the panel again, one rollout, the same incident."""
    box, settings = boxed("db-locked")
    left = diagnosed(settings, ScriptedAnswers(["leave"]))
    assert left.status == "awaiting_approval"
    replies = ScriptedAnswers(["approve"])
    with at_work(settings) as (ctx, desk):
        report = run.go_on(ctx, left.incident_id, desk, replies, how="opsagent approve")
    assert report.status == "recovered"
    assert report.incident_id == left.incident_id
    assert box.state.deployment("blog-service").rollouts == 1
    assert replies.panels[0].how == "opsagent approve"


def test_an_ended_incident_cannot_be_approved_again(boxed: Boxed) -> None:
    """The same approval twice is refused: the incident has ended."""
    box, settings = boxed("db-locked")
    report = diagnosed(settings, ScriptedAnswers(["approve"]))
    with at_work(settings) as (ctx, desk), pytest.raises(IncidentError, match="has ended"):
        run.go_on(ctx, report.incident_id, desk, ScriptedAnswers(["approve"]), how="opsagent approve")
    assert box.state.deployment("blog-service").rollouts == 1


def test_a_fault_that_goes_by_itself_is_left_alone(boxed: Boxed) -> None:
    """The lock goes while the panel is open there: the approval is not used, nothing is restarted, status recovered."""
    box, settings = boxed("db-locked")

    def recover(_: Panel) -> None:
        box.state.recover()
        wait_until_well(box)

    report = diagnosed(settings, ScriptedAnswers(["approve"], before=recover))
    assert (report.status, run.exit_code(report)) == ("recovered", ExitCode.OK)
    assert "by itself" in report.closing
    assert writes(box) == []


def test_an_answer_counts_only_for_the_plan_just_shown(boxed: Boxed) -> None:
    """Somebody edits the Deployment while the panel is open there: the yes is not used, a new panel states why."""
    box, settings = boxed("db-locked")

    def edit(panel: Panel) -> None:
        if panel.notice is None:
            box.state.edit("blog-service")

    replies = ScriptedAnswers(["approve", "reject"], before=edit)
    report = diagnosed(settings, replies)
    assert report.status == "rejected"
    assert len(replies.panels) == 2
    assert "generation" in (replies.panels[1].notice or "")
    assert box.state.deployment("blog-service").rollouts == 0


def test_a_status_update_alone_never_asks_again(boxed: Boxed) -> None:
    """The resourceVersion moves without a new generation: one panel, one rollout."""
    box, settings = boxed("db-locked")
    replies = ScriptedAnswers(["approve"], before=lambda panel: box.state.touch_status("blog-service"))
    assert diagnosed(settings, replies).status == "recovered"
    assert len(replies.panels) == 1


def test_what_a_restart_does_not_help_is_escalated(boxed: Boxed) -> None:
    """stays-broken: restarted once, still offline after the time-out, handed over with what was seen."""
    box, settings = boxed("stays-broken")
    settings = replace(settings, verify=replace(settings.verify, timeout_s=2.0))
    report = diagnosed(settings, ScriptedAnswers(["approve"]))
    assert (report.status, run.exit_code(report)) == ("escalated", ExitCode.ESCALATED)
    assert box.state.deployment("blog-service").rollouts == 1
    assert "ESCALATED" in report.closing


def test_a_change_that_is_refused_is_escalated(boxed: Boxed) -> None:
    """403 on the patch: the panel warned of it, nothing was changed, and a human takes over."""
    box, settings = boxed("db-locked")
    box.faults.add(Fault.forbidden("patch", "deployments"))
    settings = replace(settings, verify=replace(settings.verify, timeout_s=1.0))
    replies = ScriptedAnswers(["approve"])
    report = diagnosed(settings, replies)
    assert "forbidden" in {risk.kind for risk in replies.panels[0].plan.risks}
    assert report.status == "escalated"
    assert report.actions[0].outcome.startswith("failed")


def test_what_admission_would_refuse_is_reported_before_anybody_approves(boxed: Boxed) -> None:
    """The patch is tried out with dryRun=All: the server's words are on the panel, and no real request was sent."""
    box, settings = boxed("db-locked")
    told = json.dumps({"kind": "Status", "status": "Failure", "code": 403, "message": "exceeded quota: team-a"})
    box.faults.add(Fault.body(told, 403).only(verb="patch", target="deployments"))
    replies = ScriptedAnswers(["reject"])
    assert diagnosed(settings, replies).status == "rejected"
    [risk] = [risk for risk in replies.panels[0].plan.risks if risk.kind == "refused"]
    assert "exceeded quota: team-a" in risk.text
    assert writes(box) == []


def test_a_connection_cut_right_after_the_change_restarts_once(boxed: Boxed) -> None:
    """The answer to the patch is lost: it is read back, not repeated."""
    box, settings = boxed("db-locked")
    box.faults.add(Fault.reset_after_write(1))
    assert diagnosed(settings, ScriptedAnswers(["approve"])).status == "recovered"
    assert box.state.deployment("blog-service").rollouts == 1


def test_what_broke_with_the_last_revision_is_rolled_back(boxed: Boxed) -> None:
    """crash-loop: the revision before came up, so going back to it is offered, done once and verified."""
    box, settings = boxed("crash-loop")
    replies = ScriptedAnswers(["approve"])
    report = diagnosed(settings, replies, service="auth-service")
    assert replies.panels[0].plan.action == "rollback_deployment"
    assert "back to revision 1" in replies.panels[0].plan.change
    assert report.status == "recovered"
    assert box.state.deployment("auth-service").rollouts == 1


def test_what_does_not_help_is_not_asked(boxed: Boxed) -> None:
    """oom-killed: the plan is none, nobody is asked, the report states what to change."""
    _, settings = boxed("oom-killed")
    report = diagnosed(settings, ScriptedAnswers([]), service="user-service")
    assert report.status == "diagnosed"
    assert report.causes[0].code == "pod.oom-killed"
    assert report.plan.recommendations


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("bad-image", "image.not-found"), ("dependency-down", None), ("crash-loop", None), ("lb-down", None)],
)
def test_every_scenario_is_distinguished_from_health(boxed: Boxed, scenario: str, code: str | None) -> None:
    """Each fault of the sandbox is an incident with a cause of its own."""
    _, settings = boxed(scenario)
    report = diagnosed(settings, service=None)
    assert report.status in {"diagnosed", "awaiting_approval"}
    assert report.causes
    assert report.causes[0].code != "unknown"
    assert code is None or report.causes[0].code == code


def test_a_named_service_is_faulty_when_what_it_calls_is(boxed: Boxed) -> None:
    """api-gateway itself is online; asked for, it is an incident because blog-service below it hangs."""
    _, settings = boxed("db-locked")
    report = diagnosed(settings, service="api-gateway")
    assert report.causes[0].code == "db.locked"


def test_a_service_beside_the_fault_is_healthy(boxed: Boxed) -> None:
    """redis calls nobody and is well: asked for, it is healthy though blog-service hangs."""
    _, settings = boxed("db-locked")
    assert diagnosed(settings, service="redis").status == "healthy"


def test_nothing_that_can_be_read_is_not_a_health(boxed: Boxed) -> None:
    """Neither /stats nor the API server answers: not_checked, exit 1, never healthy; the ledger has its end."""
    box, settings = boxed("healthy")
    box.stop()
    report = diagnosed(settings, service=None)
    assert report.status == "not_checked"
    assert run.exit_code(report) == ExitCode.FAILED
    assert "nothing could be read" in report.closing
    assert report.coverage is not None
    assert report.coverage.services_read(report.services) == ()
    assert [incident.stage for incident in Store.at(settings, {}).incidents.list(everything=True)] == ["not_checked"]


def test_a_healthy_service_is_diagnosed_by_force(boxed: Boxed) -> None:
    """--force walks the complete way though nothing is wrong."""
    _, settings = boxed("healthy")
    heard = Heard()
    with at_work(settings, heard) as (ctx, desk):
        report = next(run.diagnose(ctx, DiagnosisRequest("blog-service", force=True), desk, None))
    assert "root_cause" in heard.walked
    assert report.status == "diagnosed"


def test_the_operators_own_restart_is_verified(boxed: Boxed) -> None:
    """`opsagent restart` of a healthy service: no diagnosis, the same panel, one rollout, verified."""
    box, settings = boxed("healthy")
    heard, replies = Heard(), ScriptedAnswers(["approve"])
    with at_work(settings, heard) as (ctx, desk):
        report = run.carry_out(ctx, Order("restart_deployment", BLOG), "blog-service", desk, replies)
    assert heard.walked == ["approval", "execute", "verify", "report_success"]
    assert report.status == "recovered"
    assert box.state.deployment("blog-service").rollouts == 1


def test_the_operators_own_scale_is_verified(boxed: Boxed) -> None:
    """`opsagent scale`: the scale subresource, from → to in the plan, complete by kubectl's definition."""
    box, settings = boxed("healthy")
    replies = ScriptedAnswers(["approve"])
    with at_work(settings) as (ctx, desk):
        order = Order("scale_deployment", "local-auth-service-deployment", 2)
        report = run.carry_out(ctx, order, "auth-service", desk, replies)
    assert "from 1 to 2" in replies.panels[0].plan.change
    assert report.status == "recovered"
    assert box.state.deployment("auth-service").replicas == 2


@pytest.mark.parametrize(
    ("item", "action", "told"),
    [
        (
            workload("StatefulSet", "redis-cluster", replicas=2, volumeClaimTemplates=[{"metadata": {"name": "data"}}]),
            "restart_statefulset",
            (
                "restart StatefulSet redis-cluster (2 replicas)",
                "data on the claims survives: data",
                "2/2 replicas ready",
            ),
        ),
        (
            workload("DaemonSet", "log-agent"),
            "restart_daemonset",
            (
                "restart DaemonSet log-agent (one pod a node)",
                "up to 1 of 3 nodes are without it at a time",
                "3/3 nodes have it available",
            ),
        ),
    ],
    ids=["StatefulSet", "DaemonSet"],
)
def test_the_operators_own_restart_of_another_kind(
    boxed: Boxed, item: dict[str, Any], action: Action, told: tuple[str, str, str]
) -> None:
    """Asked with its own risks, tried out, sent once, verified by its own definition of a rollout, and on record."""
    box, settings = boxed("healthy")
    change, risk, rollout = told
    box.state.add(deepcopy(item))
    replies, name = ScriptedAnswers(["approve"]), item["metadata"]["name"]
    with at_work(settings) as (ctx, desk):
        report = run.carry_out(ctx, Order(action, name), "redis", desk, replies)
        after = ctx.platform.get(item["kind"], name)
    panel = replies.panels[0]
    assert panel.plan.change == change
    assert any(risk in known.text for known in panel.plan.risks)
    assert not {known.kind for known in panel.plan.risks} & {"refused", "forbidden", "untried"}
    assert report.status == "recovered"
    assert report.verification is not None
    assert report.verification.rollout.startswith(rollout)
    stamp = after["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"]
    assert (stamp != "", after["metadata"]["generation"]) == (True, 2)
    [line] = Store.at(settings, {}).history.list()
    assert (line.action, line.target, line.outcome) == (action, f"{item['kind']}/{name}", "done")


def test_every_end_leaves_a_report_and_every_change_a_line(boxed: Boxed) -> None:
    """The report of the end is on disk, and the action history names who approved what."""
    _, settings = boxed("db-locked")
    report = diagnosed(settings, ScriptedAnswers(["approve"]))
    store = Store.at(settings, {})
    kept = store.reports.load(report.incident_id)
    assert kept.status == "recovered"
    [line] = store.history.list()
    assert (line.action, line.by, line.outcome) == ("restart_deployment", "tester@here", "done")


def ordered(small: Bench, replies: ScriptedAnswers) -> Report:
    """Carry out the operator's restart on a small platform."""
    store = Store.at(small.ctx.settings, {})
    with wiring.desk(store) as desk:
        return run.carry_out(small.ctx, Order("restart_deployment", "blog"), "blog", desk, replies)


def test_an_answer_after_the_panel_expired_is_void(tmp_path: Path) -> None:
    """The yes comes after half an hour: nothing is approved, a new panel states why."""
    small = bench(tmp_path)

    def wait(panel: Panel) -> None:
        small.later(minutes=0 if panel.notice else 30, seconds=1)

    replies = ScriptedAnswers(["approve", "reject"], before=wait)
    assert ordered(small, replies).status == "rejected"
    assert [panel.notice for panel in replies.panels] == [None, "the answer came after the panel had expired"]
    assert small.records("approval") == []
    assert small.platform.changed == []


def test_a_yes_counts_only_while_nothing_else_is_there(tmp_path: Path) -> None:
    """The Deployment was scaled while the panel was there: asked again, with the change reported, and nothing done."""
    small = bench(tmp_path)

    def scaled(panel: Panel) -> None:
        small.platform.held[0] = blog(replicas=4)

    replies = ScriptedAnswers(["approve", "reject"], before=scaled, now=lambda: small.clock[0])
    assert ordered(small, replies).status == "rejected"
    assert replies.panels[1].notice == (
        "Deployment blog was changed by somebody (generation 3 → 3); "
        "the plan is another one now: restart Deployment blog (4 replicas)"
    )
    assert small.platform.changed == []
    assert small.records("asked-again") == [{"why": replies.panels[1].notice}]


def writes(box: Sandbox) -> list[tuple[str, str]]:
    """Return the requests that change something; access reviews and dry runs only ask."""
    return [
        (method, path)
        for method, path in box.requests
        if method not in {"GET", "HEAD"}
        and "accessreview" not in path
        and not path.endswith("?dryRun=All&fieldManager=opsagent")
    ]


def wait_until_well(box: Sandbox) -> None:
    """Wait until the simulated platform reads as healthy again."""
    import time

    deadline = time.monotonic() + 60  # the end of a test that hangs
    while set(box.state.answers().values()) != {"ok"}:
        assert time.monotonic() < deadline
        time.sleep(0.02)


class CutOff(Heard):
    """Progress that a Ctrl-C ends after one box."""

    def done(self, step: Step) -> None:
        """Interrupt after `analyze`."""
        if step.node == "analyze":
            raise KeyboardInterrupt


def test_what_stopped_on_its_way_can_be_closed(boxed: Boxed) -> None:
    """An incident interrupted before its approval is closed by a no: an end, a report, and nothing was written."""
    box, settings = boxed("db-locked")
    with pytest.raises(KeyboardInterrupt):
        diagnosed(settings, heard=CutOff())
    [stopped] = Store.at(settings, {}).incidents.list()
    assert stopped.stage == "interrupted"
    with at_work(settings) as (ctx, desk):
        report = run.reject(ctx, stopped.id, desk, ScriptedAnswers([]))
    assert report.status == "rejected"
    assert Store.at(settings, {}).incidents.list() == ()
    assert writes(box) == []

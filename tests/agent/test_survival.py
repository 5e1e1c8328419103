"""Incidents survive the death of their process, and nothing happens twice."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from opsagent.agent import approval as asking
from opsagent.agent import graph as diagram
from opsagent.agent import run
from opsagent.agent.wiring import LiveArchive, utc_now
from opsagent.config.settings import ModelSettings, Settings
from opsagent.errors import ExitCode, IncidentError, StoreError
from opsagent.models.audit import AuditKind, AuditMark
from opsagent.models.incident import Report
from opsagent.models.plan import Answer
from opsagent.sandbox import Sandbox
from opsagent.store.records import to_json
from opsagent.store.schema import MIGRATIONS
from opsagent.store.store import Store
from tests import model_server
from tests.session import SPEED, ScriptedAnswers, at_work, settings_for

if TYPE_CHECKING:
    from opsagent.agent.state import State

REPO = Path(__file__).parents[2]
BOXES = (
    "detect", "collect_logs", "analyze", "check_metrics", "root_cause", "approval", "execute", "verify",
    "report_success",
)  # fmt: skip
MOMENTS = (
    *(f"after {box}" for box in BOXES),
    "in detect", "in approval", "in execute", "in verify",
    "at the panel",
    "before the patch", "after the patch",
    *(f"{when} the record of {kind}" for kind in ("panel", "approval", "intent", "change", "verification", "end")
      for when in ("before", "after")),
    "after the report",
)  # fmt: skip
# In the normal run: one in three, and those around the change itself.
SAMPLE = {*MOMENTS[::3], "in execute", "after the patch", "before the record of change"}


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Start a platform whose blog-service hangs."""
    with Sandbox("db-locked", speed=SPEED) as started:
        yield started


@pytest.fixture
def settings(box: Sandbox, tmp_path: Path) -> Settings:
    """Return settings that another process can read, too."""
    made = settings_for(box, tmp_path)
    (tmp_path / "settings.json").write_text(json.dumps(to_json(made)), "utf-8")
    return made


def start(folder: Path, moment: str, incident_id: str = "") -> "subprocess.Popen[str]":
    """Start a process that dies at the moment."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.agent.mortal", str(folder), moment, *([incident_id] if incident_id else [])],
        cwd=REPO,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def mortals() -> "Iterator[subprocess.Popen[str]]":
    """Start the process whose children die."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.agent.mortal"],
        cwd=REPO,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def killed(mortals: "subprocess.Popen[str]", tmp_path: Path) -> Callable[[str], None]:
    """Let a process die at a moment."""

    def die(moment: str) -> None:
        assert mortals.stdin is not None
        assert mortals.stdout is not None
        mortals.stdin.write(json.dumps([str(tmp_path), moment]) + "\n")
        mortals.stdin.flush()
        status = mortals.stdout.readline().strip()
        said = (tmp_path / "said").read_text("utf-8")
        assert status == str(-signal.SIGKILL), f"{moment} was never reached: {said}"

    return die


def resumed(settings: Settings) -> Report:
    """Go on with the one incident that is left, in a process of its own, so to speak."""
    [left] = Store.at(settings, {}).incidents.list()
    assert left.stage in {"interrupted", "awaiting_approval"}
    with at_work(settings) as (ctx, desk):
        return run.go_on(ctx, left.id, desk, ScriptedAnswers(["approve", "approve"]), how="opsagent resume")


def whole(report: Report, settings: Settings, box: Sandbox) -> None:
    """Hold one incident to its promises: ended, reported, once changed, on record."""
    store = Store.at(settings, {})
    assert report.status == "recovered"
    assert box.state.deployment("blog-service").rollouts == 1
    assert store.incidents.list() == ()
    kept = store.reports.load(report.incident_id)
    assert (kept.status, kept.causes[0].code) == ("recovered", "db.locked")
    assert kept.evidence
    assert kept.verification is not None
    assert kept.verification.recovered
    assert [step.node for step in kept.steps if step.node in {"execute", "verify"}] == ["execute", "verify"]
    assert [action.outcome in {"done", "already so"} for action in kept.actions] == [True]
    assert len(store.history.list()) == 1
    assert kept.audit is not None
    assert store.audit.verify({"report": kept.audit}).complaints == ()
    assert len(store.audit.list(kind="intent")) == 1


@pytest.mark.parametrize(
    "moment",
    [moment if moment in SAMPLE else pytest.param(moment, marks=pytest.mark.slow) for moment in MOMENTS],
)
def test_a_killed_process_loses_nothing_and_repeats_nothing(
    moment: str, settings: Settings, box: Sandbox, killed: Callable[[str], None]
) -> None:
    """SIGKILL at any moment: the incident is still there, goes on to its end, and there was one rollout."""
    killed(moment)
    whole(resumed(settings), settings, box)


def test_a_process_killed_between_two_look_ups_of_a_model_asks_nothing_twice(
    settings: Settings, box: Sandbox, tmp_path: Path, killed: Callable[[str], None]
) -> None:
    """The first look-up is kept before the second is made: the next process shows it, and goes on from there."""
    call: dict[str, Any] = {"tool": "timeline", "about": None, "pattern": None}
    good = {"code": "db.locked", "object": None, "evidence": ["E1"], "summary": "A writer holds the lock."}
    with model_server.running() as server:
        wanted = replace(settings, model=ModelSettings("small", server.url, when="always"))
        (tmp_path / "settings.json").write_text(json.dumps(to_json(wanted)), "utf-8")
        server.enqueue({"lookups": [call, {**call, "tool": "digest", "about": "blog-service"}]})
        killed("at look-up 2")
        assert len(server.requests) == 1
        server.enqueue(good, good)
        [left] = Store.at(settings, {}).incidents.list()
        done = start(tmp_path, "never", left.id)
        out, error = done.communicate(timeout=120)
        assert out == "recovered\n", error
        questions = [one["body"]["messages"][1]["content"] for one in server.requests]
    assert ["LOOKED UP" in question for question in questions] == [False, True, True]
    store = Store.at(settings, {})
    assert [one.data["what"] for one in store.audit.list(left.id, kind="model")] == ["call", "vote", "answer"]
    analysis = store.reports.load(left.id).analysis
    assert [one.call for one in analysis.looked_up] == ["timeline()"]
    assert analysis.opinion is not None
    assert analysis.opinion.agreement == "agrees"


def test_of_two_that_resume_one_wins(
    settings: Settings, box: Sandbox, tmp_path: Path, killed: Callable[[str], None]
) -> None:
    """Two processes resume the same incident at once: one does it, the other states who works on it."""
    killed("before the patch")
    [left] = Store.at(settings, {}).incidents.list()
    both = [start(tmp_path, "never", left.id) for _ in range(2)]
    ended = [(process.communicate(timeout=60), process.returncode) for process in both]
    said = sorted((code, out.strip()) for (out, _), code in ended)
    assert said[0] == (0, "recovered"), ended
    assert said[1][0] == 2, ended
    assert "another opsagent is working on" in said[1][1] or "has ended" in said[1][1]
    assert box.state.deployment("blog-service").rollouts == 1


@pytest.fixture
def left_inside_execute(settings: Settings, killed: Callable[[str], None]) -> str:
    """Let a process die with its intent on disk and nothing sent."""
    killed("before the patch")
    [left] = Store.at(settings, {}).incidents.list()
    return left.id


def test_an_interrupted_change_is_not_repeated_after_somebody_elses(
    settings: Settings, box: Sandbox, left_inside_execute: str
) -> None:
    """Somebody changed the Deployment since: whether ours was made cannot be determined, so a human takes over."""
    box.state.edit("blog-service")
    before = box.state.deployment("blog-service").generation
    with at_work(settings) as (ctx, desk):
        report = run.go_on(ctx, left_inside_execute, desk, ScriptedAnswers([]), how="opsagent resume")
    assert (report.status, run.exit_code(report)) == ("escalated", ExitCode.ESCALATED)
    assert "cannot be determined" in report.closing
    assert box.state.deployment("blog-service").generation == before


def test_an_approval_that_expired_meanwhile_asks_again(
    settings: Settings, box: Sandbox, left_inside_execute: str
) -> None:
    """The machine came back after two hours, the change was not made: a new panel states why, a new yes does it."""
    replies = ScriptedAnswers(["approve"])
    with at_work(settings) as (ctx, desk):
        late = replace(ctx, clock=lambda: utc_now() + timedelta(hours=2))
        replies.now = late.clock
        report = run.go_on(late, left_inside_execute, desk, replies, how="opsagent resume")
    assert "expired" in (replies.panels[0].notice or "")
    assert report.status == "recovered"
    assert box.state.deployment("blog-service").rollouts == 1


def test_a_clock_that_was_set_back_voids_an_approval(
    settings: Settings, box: Sandbox, left_inside_execute: str
) -> None:
    """An approval from the future is not an approval: it asks again."""
    replies = ScriptedAnswers(["reject"])
    with at_work(settings) as (ctx, desk):
        early = replace(ctx, clock=lambda: utc_now() - timedelta(days=1))
        report = run.go_on(early, left_inside_execute, desk, replies, how="opsagent resume")
    assert report.status == "rejected"
    assert box.state.deployment("blog-service").rollouts == 0


def test_an_approval_that_only_a_checkpoint_holds_is_not_carried_out(settings: Settings, box: Sandbox) -> None:
    """Forged into the checkpoints, without terminal or panel: resume does nothing, and asks, with the reason."""
    with at_work(settings) as (ctx, desk):
        left, _ = run.diagnose_one(ctx, run.DiagnosisRequest("blog-service"), desk, ScriptedAnswers(["leave"]))
        config: Any = {"configurable": {"thread_id": left.incident_id}}
        graph = diagram.build(desk.checkpointer)
        state = cast("State", graph.get_state(config).values)
        answer = Answer("approve", state["fingerprint"], "operator@host", "pts/3", ctx.clock(), "panel")
        forged = {"approval": asking.approved(state, answer, ctx), "answers": (answer,)}
        graph.update_state(config, forged, as_node="approval")
        assert graph.get_state(config).next == ("execute",)
    with at_work(settings) as (ctx, desk):
        report = run.go_on(ctx, left.incident_id, desk, None, how="opsagent resume")
    assert report.status == "awaiting_approval"
    assert box.state.deployment("blog-service").rollouts == 0
    store = Store.at(settings, {})
    assert store.audit.list(left.incident_id, kind="intent") == ()
    [why] = store.audit.list(left.incident_id, kind="asked-again")
    assert "no record in the audit trail" in why.data["why"]


def test_what_version_0_1_left_pending_is_closed_and_never_carried_out(settings: Settings, box: Sandbox) -> None:
    """The first start closes it with the reason; its checkpoint still waits, and is not gone on with."""
    with at_work(settings) as (ctx, desk):
        left, _ = run.diagnose_one(ctx, run.DiagnosisRequest("blog-service"), desk, ScriptedAnswers(["leave"]))
    database = Store.at(settings, {}).incidents.state_dir / "opsagent.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for table in re.findall(r"CREATE TABLE (\w+)", "".join(map("".join, MIGRATIONS[3:]))):
            connection.execute(f"DROP TABLE {table}")  # made since
        later = "".join(map("".join, MIGRATIONS[3:]))
        for index in re.findall(r"CREATE INDEX (\w+)", later):
            connection.execute(f"DROP INDEX IF EXISTS {index}")
        for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", later):
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone():
                connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("PRAGMA user_version=3")
    with at_work(settings) as (ctx, desk):
        with pytest.raises(IncidentError, match=r"has ended: closed by the update from opsagent 0\.1"):
            run.go_on(ctx, left.incident_id, desk, ScriptedAnswers(["approve"]), how="opsagent approve")
        assert desk.incidents.get(left.incident_id).stage == "rejected"
    assert box.state.deployment("blog-service").rollouts == 0


class FullFrom(LiveArchive):
    """A disk that is full from the first record of a kind on."""

    kind = "intent"

    def audit(
        self, kind: AuditKind, incident_id: str, data: Mapping[str, Any], at: datetime, *, key: str | None = None
    ) -> AuditMark | None:
        """Refuse that kind."""
        if kind == self.kind:
            raise StoreError("the trail cannot be written: database or disk is full", hint="make room")
        return super().audit(kind, incident_id, data, at, key=key)


def test_without_an_audit_there_is_no_action(settings: Settings, box: Sandbox) -> None:
    """The intent cannot be written: an error, nothing is sent, and with room again the incident goes on."""
    with at_work(settings) as (ctx, desk):
        assert isinstance(ctx.archive, LiveArchive)
        full = replace(ctx, archive=FullFrom(ctx.archive.store, ctx.archive.server_key))
        with pytest.raises(StoreError, match="full"):
            run.diagnose_one(full, run.DiagnosisRequest("blog-service"), desk, ScriptedAnswers(["approve"]))
    assert box.state.deployment("blog-service").rollouts == 0
    [left] = Store.at(settings, {}).incidents.list()
    assert left.stage == "failed"
    with at_work(settings) as (ctx, desk):
        report = run.go_on(ctx, left.id, desk, ScriptedAnswers([]), how="opsagent resume")
    whole(report, settings, box)


def test_what_did_not_help_is_not_offered_again(tmp_path: Path) -> None:
    """stays-broken: after a restart without success the next incident of these facts escalates at once."""
    with Sandbox("stays-broken", speed=SPEED) as box:
        made = settings_for(box, tmp_path)
        settings = replace(made, verify=replace(made.verify, timeout_s=1.5))
        for replies in (ScriptedAnswers(["approve"]), ScriptedAnswers([])):
            with at_work(settings) as (ctx, desk):
                report, _ = run.diagnose_one(ctx, run.DiagnosisRequest("blog-service"), desk, replies)
            assert (report.status, run.exit_code(report)) == ("escalated", ExitCode.ESCALATED)
        assert "did not help" in report.closing
        assert "not offered again within 6 h" in report.closing
        assert report.plan.action == "none"
        assert box.state.deployment("blog-service").rollouts == 1
        later = ScriptedAnswers(["reject"])
        with at_work(settings) as (ctx, desk):
            tomorrow = replace(ctx, clock=lambda: utc_now() + timedelta(hours=7))
            run.diagnose_one(tomorrow, run.DiagnosisRequest("blog-service"), desk, later)
        assert len(later.panels) == 1


def test_the_trail_shows_the_complete_story(settings: Settings) -> None:
    """Checks, plan, panel, approval, intent, change, verification, end: in this order, and who approved what."""
    with at_work(settings) as (ctx, desk):
        report, _ = run.diagnose_one(ctx, run.DiagnosisRequest("blog-service"), desk, ScriptedAnswers(["approve"]))
    records = Store.at(settings, {}).audit.list(report.incident_id)
    assert [record.kind for record in records] == [
        "look", "look", "look", "plan", "panel", "approval", "look", "plan", "intent", "change", "verification", "end",
    ]  # fmt: skip
    approval, intent = records[5], records[8]
    assert approval.data["answer"]["by"] == "tester@here"
    bound = intent.data["approval"]
    assert bound["plan_hash"] == approval.data["plan_hash"]
    assert bound["evidence_hash"] == approval.data["evidence_hash"]
    assert bound["target"]["uid"]
    assert intent.data["seen"]
    assert records[-1].mark == report.audit

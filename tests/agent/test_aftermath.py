"""After a change that did not help the report holds what is there now, not what was known before."""

from pathlib import Path

from opsagent.agent import run
from opsagent.agent.log_lines import LogLines
from opsagent.models.evidence import Evidence
from tests.session import ScriptedAnswers, at_work, sandboxes


def test_an_escalation_holds_the_state_after_the_change(tmp_path: Path) -> None:
    """What was tried, the new pod with its own log, evidence that is new or gone, and other advice than before."""
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("stays-broken")
        replies = ScriptedAnswers(["approve"])
        with at_work(settings) as (ctx, desk):
            report = next(run.diagnose(ctx, run.Request("blog-service"), desk, replies))
    assert report.status == "escalated"
    found = report.aftermath
    assert found is not None
    assert found.unread is None
    assert "restart_deployment Deployment/local-blog-service-deployment: done" in found.tried[0]
    before = {piece.where.split("/")[1] for piece in replies.panels[0].evidence if piece.where.startswith("logs/")}
    newest = found.pods[0].split(":")[0]
    assert newest.startswith("local-blog-service-deployment-")
    assert newest not in before
    assert found.log_of == newest
    assert found.log
    assert found.new
    assert found.gone
    offered = replies.panels[0].plan.recommendations
    assert report.plan.recommendations[0] == f"check first: kubectl logs {newest} -n titanium-local"
    assert not set(offered) & set(report.plan.recommendations)
    failed = [step.node for step in report.steps if not step.ok]
    assert failed == ["verify"]


def test_a_recovery_names_first_what_prevents_it(tmp_path: Path) -> None:
    """The catalog's remedy is before the other advice."""
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("db-locked")
        with at_work(settings) as (ctx, desk):
            report = next(run.diagnose(ctx, run.Request("blog-service"), desk, ScriptedAnswers(["approve"])))
            remedy = ctx.catalog["db.locked"].remedy
    assert report.status == "recovered"
    assert report.plan.recommendations[0] == remedy


def test_the_lines_around_evidence_are_its_own_logs() -> None:
    """By number, with its own lines marked, redacted; nothing of what is not a log or was not kept."""
    kept = LogLines()
    lines = [f"line {number} token=s3cret" for number in range(1, 21)]
    assert b"".join(kept.keeping("logs/p/c.log", [("\n".join(lines) + "\n").encode()])).count(b"\n") == 20
    pieces = (
        Evidence("E1", "logs", "logs/p/c.log:L10", "line 10", None),
        Evidence("E2", "logs", "logs/other.log:L1", "x", None),
        Evidence("E3", "objects", "Pod/p:status", "x", None),
        Evidence("E4", "logs", "logs/p/c.log:L99", "x", None),
    )
    around = kept.around(pieces, lambda text: text.replace("s3cret", "***"))
    assert set(around) == {"E1", "E4"}
    assert [line.split()[0] == ">" for line in around["E1"]] == [False] * 4 + [True] + [False] * 3
    assert around["E1"][4] == ">   10  line 10 token=***"
    assert around["E4"] == ()
    kept.clear()
    assert kept.around(pieces, str) == {}


def test_a_log_beyond_the_bound_is_passed_on_and_not_kept() -> None:
    """Every byte reaches the digest; memory stays bounded."""
    kept = LogLines()
    chunk = b"x" * (1024 * 1024)
    assert sum(map(len, kept.keeping("logs/p/c.log", [chunk] * 6))) == 6 * len(chunk)
    assert kept.around((Evidence("E1", "logs", "logs/p/c.log:L1", "x", None),), str) == {}

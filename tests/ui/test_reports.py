"""The report: the same facts in the terminal, in Markdown and in JSON."""

import json
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from opsagent.models.evidence import Over
from opsagent.models.incident import Aftermath, Analysis, Report
from opsagent.models.plan import Plan
from opsagent.ui.markdown_text import block, code, inline
from opsagent.ui.report_markdown import report_markdown
from opsagent.ui.report_view import closing_text, report_view
from opsagent.ui.watch_view import pass_text
from tests.ui.drawing import drawn, flat
from tests.ui.poison import poisoned
from tests.ui.records import DEPLOYMENT, PLAN, REPORT, VERIFICATION, later

WAITING = replace(
    REPORT, status="awaiting_approval", answers=(), actions=(), verification=None, closing="awaiting approval"
)
ESCALATED = replace(
    REPORT,
    status="escalated",
    closing="ESCALATED: still offline after 50 s",
    verification=replace(VERIFICATION, recovered=False, after={"status": "offline"}),
)
HEALTHY = replace(
    REPORT,
    ignored=(),
    status="healthy",
    causes=(),
    evidence=(),
    answers=(),
    actions=(),
    verification=None,
    closing="all well",
)


def _order(text: str, *words: str) -> None:
    places = [text.index(word) for word in words]
    assert places == sorted(places)


def test_the_order_is_verdict_why_todo_done_unseen() -> None:
    """What an operator needs first is first."""
    _order(
        drawn(report_view(REPORT)),
        "RECOVERED", "recovered in 1 min 9 s", "HAPPENED", "PREVENT", "CAUSE", "WHY", "CHANGED", "DONE", "VERIFIED",
        "NOT CHECKED", "WHERE",
    )  # fmt: skip


def test_who_approved_and_what_came_of_it_is_reported() -> None:
    """Approval, change and verification stand with time, person, terminal and numbers."""
    shown = flat(report_view(REPORT), 140)
    for said in (
        "12:26:20 approved by operator@host (pts/3, panel)",
        "12:26:21 restart Deployment/local-blog-service-deployment: done",
        "recovered after 27 s: rollout 1/1 in 14 s",
        "status: offline → online · response time: 1531 ms → 6.1 ms",
        "to change: Deployment/local-blog-service-deployment",
    ):
        assert said in shown


def test_a_waiting_report_states_how_to_go_on() -> None:
    """The change, its risks and the command that approves it are there."""
    shown = flat(report_view(WAITING), 140)
    _order(shown, "AWAITING APPROVAL", "restart Deployment", "DATA LOSS", "to approve: opsagent approve b7k2")


def test_an_escalation_states_what_is_still_wrong() -> None:
    """A change that did not help is never drawn as a recovery."""
    shown = flat(report_view(ESCALATED), 140)
    assert shown.startswith("ESCALATED · blog-service · incident b7k2 still offline after 50 s CAUSE")
    assert "STILL FAULTY after 27 s" in shown
    assert "status: offline → offline · response time: 1531 ms → not read" in shown


def test_a_recovered_report_opens_with_what_happened_and_what_prevents_it() -> None:
    """The cause, the change with time and person, its verification, and below it what keeps it from coming back."""
    shown = flat(report_view(REPORT), 140)
    _order(
        shown,
        "HAPPENED blog-service waits for a lock on its SQLite file",
        f"restart Deployment {DEPLOYMENT} (1 replica) at 12:26:21, approved by operator@host: done",
        "rollout 1/1 in 14 s",
        "PREVENT - wait: such locks often end by themselves - for good: WAL mode",
        "CAUSE db.locked",
    )
    by_itself = flat(report_view(replace(REPORT, actions=(), verification=None)), 140)
    assert "nothing was changed" in by_itself


def test_an_escalation_opens_with_what_was_tried_and_what_is_there_now() -> None:
    """The pods and the new pod's own log after the change, and the evidence that is new or gone."""
    found = Aftermath(
        later(90), ("12:26:21 restart Deployment/x: done",), ("web-1: 0/1 Running, restarts 0",), "web-1",
        ("database is locked",), ("E9 logs web-1:L3: database is locked",), ("E1 stats stats:x: offline",),
    )  # fmt: skip
    shown = flat(report_view(replace(ESCALATED, aftermath=found)), 140)
    _order(
        shown, "ESCALATED", "TRIED 12:26:21 restart", "NOW web-1: 0/1 Running", "last lines of web-1:",
        "database is locked", "new: E9", "gone: E1", "CAUSE",
    )  # fmt: skip
    unread = flat(report_view(replace(ESCALATED, aftermath=Aftermath(later(90), unread="401"))), 140)
    assert "NOW could not be read after the change: 401" in unread


def test_a_verdict_has_its_exit_code_and_what_is_over() -> None:
    """The line of a faultless end: verdict, why, exit code at the right, faults that are over below."""
    gone = Over("db.locked", None, None, later(-8), 7, 55, "app.log:L4")
    closing = "app.log: 3,012 records understood, no fault"
    report = replace(HEALTHY, status="nothing_found", closing=closing, over=(gone,))
    first, second, *_ = drawn(report_view(report, 5), 120).splitlines()
    assert first.startswith(f"NOTHING FOUND  {closing}")
    assert first.rstrip().endswith("exit 5")
    assert second.strip().startswith("over: db.locked, 7 records, last at 12:25:37, then 55 successes")


def test_the_history_of_a_fault_is_on_its_report() -> None:
    """How often it came and what the last change was worth."""
    line = "3rd time in 7 days; the last restart held 2 h"
    assert f"HISTORY {line}" in flat(report_view(replace(ESCALATED, history=line)), 140)


def test_a_healthy_report_is_short_and_states_what_was_read() -> None:
    """Healthy is stated with what was checked and what was not."""
    lines = drawn(report_view(HEALTHY)).splitlines()
    assert lines[0].startswith("HEALTHY  all well")
    assert "CHECKED  stats, pods, logs" in "\n".join(lines)
    assert "NOT CHECKED nodes: forbidden" in "\n".join(lines)
    assert len(lines) <= 4


def test_nothing_to_do_but_by_hand() -> None:
    """Without an action the reason and the recommendations are under DO."""
    report = replace(
        REPORT, status="diagnosed", plan=Plan("none", None, None, "a restart fixes no image", (), ("fix it",))
    )
    assert "NEXT a restart fixes no image - fix it" in flat(report_view(report))


def test_a_model_that_was_not_used_is_named() -> None:
    """Why the rules answered alone is stated."""
    report = replace(REPORT, analysis=Analysis("rules", "some-model", "no answer in 30 s"))
    assert "by the rules alone: no answer in 30 s" in flat(report_view(report))
    assert "by the rules alone" in flat(report_view(replace(REPORT, analysis=Analysis("model+rules", "some-model"))))


def test_the_closing_line_names_report_and_exit_code() -> None:
    """The last line of a run stands alone."""
    assert flat(closing_text(REPORT, 0)) == ("recovered in 1 min 9 s · report: opsagent report show b7k2 · exit 0")


def _tokens(text: str) -> list[Any]:
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(text)
    return [*tokens, *(child for token in tokens for child in token.children or ())]


@pytest.mark.parametrize(
    "hostile",
    [
        "[click](http://evil)", "![x](http://evil/x.png)", "<script>alert(1)</script>", "# heading", "## `x`",
        "http://evil.example www.evil.example a@evil.example", "- item", "1. item", "> quote", "---", "===",
        "| a | b |",
        "``` fence\n# out\n```", "`` ` ``", "*bold* _em_ ~~gone~~", "&lt;b&gt;", "\\[a](b)", "    indented code",
        "<http://evil>", "[a]: http://evil", "@someone #1", "\t- x", "`a`b`", "```````", "a\r\n# b",
    ],
)  # fmt: skip
def test_log_text_cannot_write_markdown(hostile: str) -> None:
    """Links, images, HTML, headings, lists and tables in a log line stay text wherever the report quotes it."""
    frame = _tokens(report_markdown(poisoned(REPORT, "word")))
    kinds = [token.type for token in _tokens(report_markdown(poisoned(REPORT, hostile)))]
    for kind in (
        "link_open", "image", "html_block", "html_inline", "table_open", "blockquote_open", "hr", "em_open", "s_open",
        "code_block",
    ):  # fmt: skip
        assert kind not in kinds
    expected = [token.type for token in frame]
    for kind in ("heading_open", "bullet_list_open", "ordered_list_open", "list_item_open", "fence", "strong_open"):
        assert kinds.count(kind) == expected.count(kind), kind


@pytest.mark.parametrize("text", ["plain", "`", "``", "a`b", "```x", ""])
def test_code_shows_just_the_text(text: str) -> None:
    """A code span and a code block give back what was put in, whatever back-ticks it holds."""
    (span,) = [token for token in _tokens(code(text)) if token.type == "code_inline"]
    assert span.content.strip() == text.strip()
    (fence,) = [token for token in _tokens(block(text)) if token.type == "fence"]
    assert fence.content == text + "\n"


def test_inline_shows_just_the_text() -> None:
    """Escaped text reads as it was written."""
    (paragraph,) = [token for token in _tokens(inline("a_b *c* [d] <e> 1. | #f")) if token.type == "inline"]
    assert "".join(child.content for child in paragraph.children) == "a_b *c* [d] <e> 1. | #f"


@pytest.mark.parametrize("word", ["http://evil.example", "www.evil.example", "a@evil.example", "@someone", "#12"])
def test_what_links_itself_becomes_code(word: str) -> None:
    """Addresses, mentions and issue numbers, which GitHub links without any markup, are code spans."""
    assert inline(f"see {word} now") == f"see `{word}` now"


def test_markdown_is_complete() -> None:
    """Every piece of evidence, every step, gap and digest group is in the Markdown report."""
    text = report_markdown(REPORT)
    assert text.endswith("\n")
    _order(
        text, "# RECOVERED", "## Cause", "## Evidence", "## What to do", "## What was done", "## What was not checked"
    )
    for piece in REPORT.evidence:
        assert piece.text.splitlines()[-1] in text
    assert "L88 ×2 traceback: sqlite3.OperationalError: database is locked" in text
    assert "nodes: forbidden" in text
    assert "Nothing." in report_markdown(WAITING)
    assert "opsagent approve b7k2" in report_markdown(WAITING)
    assert "Nothing: every source that was asked answered." in report_markdown(replace(REPORT, not_checked=()))


@pytest.mark.parametrize("report", [REPORT, WAITING, ESCALATED])
def test_a_pass_shows_what_and_how_to_go_on(report: Report) -> None:
    """In cron's mail stand the fault, its cause, the outcome and the report's place."""
    lines = pass_text(report, "/state/b7k2.md").splitlines()
    assert lines[0].startswith("opsagent: blog-service db.locked (0.86) since 12:25 UTC — ")
    assert "cluster:  kind-titanium · titanium-local · https://10.0.0.5:6443" in lines
    assert "report:   /state/b7k2.md" in lines
    assert ("approve:  opsagent approve b7k2   (from another machine: opsagent diagnose blog-service)" in lines) is (
        report is WAITING
    )


def test_a_healthy_pass_reports_nothing() -> None:
    """Cron sends no mail for an empty text."""
    assert pass_text(HEALTHY) == ""


def test_json_and_terminal_show_the_same_plan() -> None:
    """The plan in JSON is the one on the screen."""
    from opsagent.models.diagnosis import diagnosis

    plan = json.loads(json.dumps(diagnosis(WAITING)))["plan"]
    assert plan["change"] in flat(report_view(WAITING), 140)
    assert plan["risks"] == [risk.text for risk in PLAN.risks]

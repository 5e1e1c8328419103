"""What a model said stands beside the rules' answer, as its own, and inert."""

from dataclasses import replace

from opsagent.models.evidence import Evidence
from opsagent.models.incident import Analysis
from opsagent.models.opinion import Opinion
from opsagent.models.plan import Plan
from opsagent.ui.model_view import cost, model_lines
from opsagent.ui.panel_view import panel_view
from opsagent.ui.report_markdown import report_markdown
from opsagent.ui.report_view import report_view
from tests.ui import records
from tests.ui.drawing import drawn, flat
from tests.ui.poison import poisoned

OPINION = Opinion(
    "network.dns",
    "Deployment/web",
    "The name is not found.",
    (Evidence("E9", "logs", "logs/p/c.log:L7", "no such host db"),),
    action="restart_deployment",
    target="Deployment/web",
    recommendations=("kubectl delete ns shop | sh",),
    agreement="differs",
    text="the model says network.dns, the rules say db.locked; the rules' answer stands",
)
ANALYSIS = Analysis(
    by="model+rules", model="small", calls=3, input_tokens=9120, output_tokens=240, took_s=12.0, opinion=OPINION,
    notes=("logs/p/c.log:L9 holds text that speaks to its reader",),
)  # fmt: skip
NONE = Plan("none", None, None, reason="nothing helps")


def test_a_model_that_differs_stands_in_every_report_with_its_evidence() -> None:
    """Its cause, where it saw it, what it would do, and its advice as unchecked words."""
    report = replace(records.REPORT, analysis=ANALYSIS, plan=NONE)
    for text in (flat(report_view(report)), report_markdown(report)):
        for part in ("rules' answer stands", "no such host db", "unchecked", "delete ns shop", "speaks to its reader"):
            assert part in text, part
        assert "the plan is the rules' own" in text


def test_a_model_that_agrees_takes_one_line() -> None:
    """Agreement is said, its evidence is the rules' own."""
    said = replace(OPINION, agreement="agrees", text="the model agrees: db.locked", action="none", recommendations=())
    assert model_lines(Analysis(model="small", opinion=replace(said, target=None)), NONE) == [
        "the model agrees: db.locked"
    ]


def test_the_cost_is_told_as_the_end_point_counts_it() -> None:
    """Calls, tokens, seconds; an end point that does not count is said to be one."""
    assert cost(ANALYSIS) == "small: 3 calls, 9120 tokens in, 240 out, 12 s"
    assert "not counted" in cost(replace(ANALYSIS, calls=1, input_tokens=None))


def test_notes_stand_on_the_panel() -> None:
    """Who is asked to approve knows that a text tries to talk to somebody."""
    assert "speaks to its reader" in drawn(panel_view(replace(records.PANEL, notes=ANALYSIS.notes), records.AT), 100)


def test_a_models_words_steer_no_terminal() -> None:
    """Escape sequences and markup in any of its words are text."""
    report = replace(records.REPORT, analysis=poisoned(ANALYSIS))
    shown = drawn(report_view(report), 100)
    assert "it would restart" in shown
    assert not {"\x1b", "\x9b", "\u202e", "\x07"} & set(shown)

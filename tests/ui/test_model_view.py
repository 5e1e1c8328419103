"""What a model stated is beside the rules' answer, as its own, and inert."""

from dataclasses import replace
from html import unescape

import pytest

from opsagent.models.diagnosis import diagnosis
from opsagent.models.evidence import Evidence
from opsagent.models.incident import Analysis
from opsagent.models.opinion import USED, Agreement, Claim, LookedUp, Opinion
from opsagent.models.plan import Plan
from opsagent.ui.model_view import cost, model_lines, model_page, panel_line
from opsagent.ui.panel_view import panel_view
from opsagent.ui.report_html import report_html
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
    text="the model states network.dns, the rules state db.locked; the rules' answer holds",
)
ANALYSIS = Analysis(
    by="model+rules", model="small", calls=3, input_tokens=9120, output_tokens=240, took_s=12.0, opinion=OPINION,
    notes=("logs/p/c.log:L9 holds text that speaks to its reader",),
)  # fmt: skip
NONE = Plan("none", None, None, reason="nothing helps")


def test_a_model_that_differs_is_in_every_report_with_its_evidence() -> None:
    """Its cause, where it saw it, what it would do, and its advice as unchecked words."""
    report = replace(records.REPORT, analysis=ANALYSIS, plan=NONE)
    for text in (flat(report_view(report)), report_markdown(report)):
        for part in ("rules' answer holds", "no such host db", "unchecked", "delete ns shop", "speaks to its reader"):
            assert part in text, part
        assert "the plan is the rules' own" in text


def test_a_model_that_agrees_keeps_its_sentence() -> None:
    """Agreement and the model's own sentence are shown; its evidence is the rules' own."""
    said = replace(OPINION, agreement="agrees", text="the model agrees: db.locked", action="none", recommendations=())
    lines = model_lines(Analysis(model="small", opinion=replace(said, target=None)), NONE)
    assert [str(line) for line in lines] == [
        "the model agrees: db.locked", "in the model's words: “The name is not found.”",
    ]  # fmt: skip


CLAIMS = (
    Claim("The name db is unknown.", "no such host db", "E9", supported=True),
    Claim("The disk is full.", "No space left", "E9", why="the quote is not in E9"),
)


def test_each_claim_is_shown_with_its_quote_or_as_not_supported() -> None:
    """A claim that holds has its quote and number beside it; one that failed is marked with the reason."""
    analysis = replace(ANALYSIS, opinion=replace(OPINION, claims=CLAIMS))
    report = replace(records.REPORT, analysis=analysis, plan=NONE)
    for text in (flat(report_view(report)), report_markdown(report), unescape(report_html(report))):
        for part in (
            "The name is not found.", "supported: E9 “no such host db”", "NOT SUPPORTED", "the quote is not in E9",
            "delete ns shop", "9120 tokens in",
        ):  # fmt: skip
            assert part in text, part
        assert "No space left" not in text


def test_json_has_the_opinion_with_claims_advice_and_cost() -> None:
    """`analysis.opinion` holds summary, claims, advice, tokens and seconds, beside the rules' causes."""
    analysis = replace(ANALYSIS, opinion=replace(OPINION, claims=CLAIMS))
    shown = diagnosis(replace(records.REPORT, analysis=analysis))
    said = shown["analysis"]["opinion"]
    assert said["summary"] == "The name is not found."
    assert [(claim["quote"], claim["evidence"], claim["supported"]) for claim in said["claims"]] == [
        ("no such host db", "E9", True), ("No space left", "E9", False),
    ]  # fmt: skip
    assert (said["advice"], said["tokens"], said["seconds"]) == (["kubectl delete ns shop | sh"], 9360, 12.0)
    assert [cause["summary_by"] for cause in shown["causes"]] == ["rules", "rules"]
    assert diagnosis(replace(records.REPORT, analysis=Analysis()))["analysis"]["opinion"] is None


@pytest.mark.parametrize("agreement", ["agrees", "unsure", "differs", "reordered", "named", "explains"])
def test_the_header_names_a_model_only_where_its_answer_was_used(agreement: Agreement) -> None:
    """An answer that changed nothing is shown beside the rules', and the header states "the rules alone"."""
    report = replace(records.REPORT, analysis=replace(ANALYSIS, opinion=replace(OPINION, agreement=agreement)))
    used = agreement in USED
    for text in (flat(report_view(report)), report_markdown(report), report_html(report)):
        assert ("by small and the rules" in text) == used
        assert ("by the rules alone" in text) == (not used)


def test_the_panel_has_one_line_of_the_model_and_m_shows_the_rest() -> None:
    """Low screen or not: one line, marked, and it never pushes change or risk off the screen."""
    long = replace(OPINION, summary="The name is not found, " * 20, claims=CLAIMS)
    panel = replace(records.PANEL, analysis=replace(ANALYSIS, opinion=long))
    plain = drawn(panel_view(records.PANEL, records.AT), 80).splitlines()
    lines = drawn(panel_view(panel, records.AT), 80).splitlines()
    assert len(lines) == len(plain) + 1
    (line,) = [line for line in lines if "MODEL" in line]
    assert "differs: “network.dns: The name" in line
    assert "[m]" in line
    page = flat(model_page(panel.analysis or ANALYSIS, panel.plan, panel.causes))
    for part in ("NOT SUPPORTED", "no such host db", "delete ns shop", "9120 tokens in", "db.locked 0.86"):
        assert part in page, part


def test_without_a_model_the_panel_has_no_line_for_one() -> None:
    """Nothing was asked, so nothing is shown; a failed model is named with why it was not used."""
    assert panel_line(None) is None
    assert panel_line(Analysis()) is None
    assert "401" in str(panel_line(Analysis(model="small", fallback="it answered 401")))


def test_the_cost_is_reported_as_the_end_point_counts_it() -> None:
    """Calls, tokens, seconds; an end point that does not count is stated to be one."""
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


def test_what_was_looked_up_voted_and_spent_is_in_every_report() -> None:
    """Each call with its gist, a slip with its reason, the vote, the budgets of the run and of the day."""
    calls = (
        LookedUp("digest(web)", "12 lines", Evidence("E8", "logs", "digest(web)", "…")),
        LookedUp("search(web)", "search needs a pattern", ok=False),
        LookedUp("codes(db)", "db.locked: …"),
    )
    analysis = replace(
        ANALYSIS, opinion=replace(OPINION, vote="network.dns at Deployment/web"), looked_up=calls, most_tokens=24_000,
        most_s=120.0, day_tokens=15_000, daily_tokens=500_000,
    )  # fmt: skip
    report = replace(records.REPORT, analysis=analysis, plan=NONE)
    for text in (flat(report_view(report)), report_markdown(report), unescape(report_html(report))):
        for part in (
            "E8 digest(web): 12 lines", "search(web): not done, search needs a pattern",
            "its vote before it saw the rules' causes", "9120 tokens in (of 24,000)", "today 15,000 of 500,000 tokens",
        ):  # fmt: skip
            assert part in text, part


def test_why_a_model_was_not_asked_is_shown() -> None:
    """In the report and on the panel; an investigation of another incident is named."""
    analysis = Analysis(model="small", not_asked="model.when is never")
    assert str(panel_line(analysis)) == "not asked: model.when is never"
    assert [str(line) for line in model_lines(analysis, NONE)] == ["small was not asked: model.when is never"]
    (line,) = model_lines(Analysis(model="small", same_as="b7k2"), NONE)
    assert "incident b7k2 is of the same fault" in str(line)
    assert "could not be counted" in cost(replace(ANALYSIS, daily_tokens=5))

"""The approval panel holds what an operator must know, on one screen."""

from dataclasses import replace

import pytest

from opsagent.models.evidence import Cause
from opsagent.models.observed import Skipped
from opsagent.models.plan import Desired, Plan, PlatformIdentity
from opsagent.ui.evidence_page import evidence_view
from opsagent.ui.panel_view import change_text, panel_view
from tests.ui.drawing import drawn, flat
from tests.ui.records import AT, EVIDENCE, PANEL, PLAN, TARGET


def test_the_common_case_fits_a_terminal() -> None:
    """At 80 columns the panel has at most 24 lines, each within the width."""
    lines = drawn(panel_view(PANEL, AT), 80).splitlines()
    assert len(lines) <= 24
    assert {len(line) for line in lines} == {80}


@pytest.mark.parametrize("rows", [15, 18, 21, 27])
def test_on_a_low_screen_less_is_shown(rows: int) -> None:
    """The panel takes the rows it is given; what is left out is counted, change and risks are never cut."""
    view = panel_view(replace(PANEL, history="3rd time in 7 days; the last restart held 2 h"), AT, rows=rows)
    assert len(drawn(view, 80).splitlines()) <= rows
    shown = flat(view)
    assert "restart Deployment local-blog-service-deployment (1 replica)" in shown
    assert "ALL POSTS WILL BE LOST" in shown
    assert "one replica: about 20 s without the service" in shown
    assert "HISTORY 3rd time in 7 days; the last restart held 2 h" in shown


def test_what_does_not_fit_collapses_to_counts() -> None:
    """On the lowest screen evidence, changes, alternatives and gaps are numbers that lead to the evidence page."""
    shown = flat(panel_view(PANEL, AT, rows=1))
    for said in (
        "WHY 5 pieces of evidence: press e",
        "changed: 1 change, press e",
        "INSTEAD 2 alternatives: press e",
        "NOT CHECKED 1 source: press e",
    ):
        assert said in shown


def test_change_and_risk_are_above_the_reasons() -> None:
    """The order of the panel: where, cause, change, risk, why, history, instead, not checked."""
    shown = flat(panel_view(replace(PANEL, history="2nd time in 7 days"), AT))
    words = ("CLUSTER", "CAUSE", "CHANGE", "RISK", "WHY", "HISTORY", "INSTEAD", "NOT CHECKED")
    assert [shown.index(word) for word in words] == sorted(shown.index(word) for word in words)


def test_a_rollback_shows_from_and_to_in_full() -> None:
    """Images are not shortened however long their registry's path is, also on a low screen."""
    image = "registry.example/a/very/long/path/of/a/team/blog-service"
    differences = (f"image {image}:1.4.2 → 1.4.1", "LOG_LEVEL changed")
    plan = Plan("rollback_deployment", TARGET, None, "", to=Desired(1, "6", "3f2504e04f89"), differences=differences)
    shown = "".join(drawn(panel_view(replace(PANEL, plan=plan), AT, rows=15)).replace("│", "").split())
    assert f"image{image}:1.4.2→1.4.1" in shown
    assert "revision:3→6" in shown


@pytest.mark.parametrize("width", [80, 140])
def test_everything_needed_to_decide_is_there(width: int) -> None:
    """System, cause, evidence with its place, change, risks, alternatives and gaps all stand on the panel."""
    shown = flat(panel_view(PANEL, AT), width)
    for said in (
        "CLUSTER kind-titanium · titanium-local · https://10.0.0.5:6443",
        "db.locked 0.86: blog-service waits for a lock",
        "E3 logs local-blog-service-…-zk4mh L88 sqlite3.OperationalError: database is locked",
        "E7 history samples:12:25:25..12:25:45",
        "2 more: press e",
        "changed: 11:25:45 (60m ago) Deployment/local-api-gateway-deployment: image api-gateway:1.4 → 1.5",
        "CHANGE restart Deployment local-blog-service-deployment (1 replica)",
        "! DATA LOSS: its database is in the container: ALL POSTS WILL BE LOST",
        "! one replica: about 20 s without the service",
        "- wait: such locks often end by themselves",
        "NOT CHECKED nodes: forbidden",
    ):
        assert said in shown


def test_lost_data_comes_before_other_risks() -> None:
    """The risk that cannot be undone is first whatever the order in the plan."""
    shown = flat(panel_view(PANEL, AT))
    assert shown.index("DATA LOSS") < shown.index("about 20 s without")


def test_the_change_and_its_risks_are_never_cut() -> None:
    """A very long change and risk are wrapped, not shortened."""
    long = "word " * 200 + "END"
    plan = replace(PLAN, change=long, risks=tuple(replace(risk, text=long) for risk in PLAN.risks))
    shown = flat(panel_view(replace(PANEL, plan=plan), AT))
    assert shown.count("END") == 3


def test_long_evidence_is_cut_and_shown_complete_on_demand() -> None:
    """The panel shortens a long log line; the evidence view shows all of it at its full place."""
    long = replace(EVIDENCE[2], text="START " + "x" * 250 + " MIDDLE " + "x" * 250 + " END")
    panel = replace(PANEL, evidence=(long, *EVIDENCE[3:]))
    short = flat(panel_view(panel, AT))
    assert "START" in short
    assert "END" in short
    assert "MIDDLE" not in short
    whole = flat(evidence_view(panel, AT), 140)
    assert "MIDDLE" in whole
    assert "/blog-service-container.log:L88" in whole


def test_the_same_complaint_again_and_again_is_one_line() -> None:
    """Log lines that differ only in their numbers share a line, without the stamps in front of them."""
    again = tuple(
        replace(EVIDENCE[3], id=f"E{n}", where=f"logs/p/c.log:L{n}", text=f"2026-11-22T12:25:{n}.123456789Z "
                f"2026/11/22 12:25:{n} stats of blog-service: timed out after {n} ms")
        for n in (31, 33, 35)
    )  # fmt: skip
    causes = (replace(PANEL.causes[0], evidence=("E31", "E33", "E35")),)
    shown = flat(panel_view(replace(PANEL, causes=causes, evidence=again), AT))
    assert "E31 logs logs/p/c.log:L31 stats of blog-service" not in shown
    assert "E31 logs p L31 stats of blog-service: timed out after 31 ms (and 2 more like it)" in shown
    assert "E33" not in shown


def test_gaps_of_one_source_are_named_once() -> None:
    """NOT CHECKED groups by source and stays short; the evidence view states everything."""
    gaps = (*(Skipped("metrics", f"no {kind}") for kind in ("PodMetrics", "NodeMetrics")), Skipped("health", "y" * 200))
    panel = replace(PANEL, not_checked=gaps)
    assert "NOT CHECKED metrics: no PodMetrics, no NodeMetrics; health: yyy" in flat(panel_view(panel, AT))
    assert "y" * 100 not in flat(panel_view(panel, AT), 250)
    assert "y" * 200 in flat(evidence_view(panel, AT), 250)


def test_the_evidence_view_names_the_object_exactly() -> None:
    """UID, generation and resourceVersion of what would be changed are there to be compared."""
    shown = flat(evidence_view(PANEL, AT), 140)
    assert "uid 8f14e45f-ceea-467f-a8d3-1c0b5b5f2c11 · generation 4 · resourceVersion 81234" in shown
    assert "pod.hung — blog-service: It runs and does not answer. (confidence 0.31)" in shown


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan("scale_deployment", TARGET, 3, ""), "replicas: 1 → 3"),
        (Plan("rollback_deployment", TARGET, None, ""), "revision: 3 → not read"),
        (
            Plan("rollback_deployment", TARGET, None, "", to=Desired(1, "2", "3f2504e04f89")),
            "revision: 3 → 2 (template 3f2504e0)",
        ),
        (Plan("restart_deployment", TARGET, None, ""), "restart Deployment local-blog-service-deployment (1 replica)"),
        (Plan("none", None, None, "a person has to"), "none"),
    ],
)
def test_each_change_states_from_and_to(plan: Plan, said: str) -> None:
    """A change without words of its own is still exact."""
    assert said in flat(change_text(plan))


@pytest.mark.parametrize(
    ("platform", "said", "whole"),
    [
        (PlatformIdentity("https://a", "c1", "n1"), None, "https://a · CA c1 · namespace uid n1"),
        (
            PlatformIdentity("https://a", "c1", None, "403"),
            "known by its server and CA alone: the Namespace's UID was not read",
            "https://a · CA c1 · no namespace uid (403)",
        ),
        (
            PlatformIdentity("https://a", None, None, "403"),
            "known by its server address alone: the Namespace's UID was not read",
            "https://a · CA none of its own · no namespace uid (403)",
        ),
    ],
)
def test_what_the_platform_is_known_by_is_reported(platform: PlatformIdentity, said: str | None, whole: str) -> None:
    """Without the Namespace's UID the panel states what stands for it; the evidence view names everything."""
    panel = replace(PANEL, plan=replace(PANEL.plan, platform=platform))
    shown = flat(panel_view(panel, AT), 160)
    assert "known by" not in shown if said is None else said in shown
    assert whole in flat(evidence_view(panel, AT), 160)


def test_a_close_second_cause_is_named() -> None:
    """Where another cause is nearly as likely, the operator is reported."""
    rival = Cause("network.timeout", None, None, 0.8, "It is slow.", ())
    assert "nearly as likely: network.timeout (0.80)" in flat(
        panel_view(replace(PANEL, causes=(*PANEL.causes, rival)), AT)
    )
    assert "nearly as likely" not in flat(panel_view(PANEL, AT))


def test_a_second_question_states_why_first() -> None:
    """Why it is asked again is above the panel."""
    shown = drawn(panel_view(replace(PANEL, notice="the Deployment changed since"), AT))
    assert shown.startswith("Asked again: the Deployment changed since")


def test_an_operators_own_command_has_no_cause() -> None:
    """Without causes and evidence the panel still states why and what."""
    shown = flat(panel_view(replace(PANEL, causes=(), evidence=(), changes=(), not_checked=(), trend=None), AT))
    assert "none named — A restart drops the connection" in shown
    assert "NOT CHECKED nothing: every source that was asked answered" in shown

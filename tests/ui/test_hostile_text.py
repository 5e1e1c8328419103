"""Every view, with hostile text in every field of its record, is inert and keeps its width."""

import importlib
import inspect
import json
import pkgutil
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Group, RenderableType

from opsagent import ui
from opsagent.analysis.catalog.catalog import builtin
from opsagent.cli.work.documents import document
from opsagent.errors import OpsagentError
from opsagent.models.answered import Answered
from opsagent.models.audit import AuditRecord
from opsagent.models.checkup import Check
from opsagent.models.diagnosis import diagnosis
from opsagent.models.mute import Mute
from opsagent.models.status import ObjectDescription
from opsagent.store.audit import TrailVerdict
from opsagent.store.incidents import Incident
from opsagent.ui.audit_view import audit_view, verdict_view
from opsagent.ui.board_view import Cursor, board_view
from opsagent.ui.catalog_view import PhraseLine, RowLine, check_view, phrase_list_view, row_list_view
from opsagent.ui.changes_view import changes_view
from opsagent.ui.console import error_text, note_text
from opsagent.ui.describe_view import describe_view
from opsagent.ui.digest_view import digest_view
from opsagent.ui.doctor_view import doctor_view
from opsagent.ui.evidence_page import evidence_view
from opsagent.ui.explain_view import code_list_view, explain_view
from opsagent.ui.health_view import health_view
from opsagent.ui.incidents_view import actions_view, incidents_view, mutes_view, report_list_view
from opsagent.ui.inert import inert
from opsagent.ui.layout import say
from opsagent.ui.logs_view import empty_note, log_lines, match_lines
from opsagent.ui.model_view import answered_view
from opsagent.ui.object_view import object_view
from opsagent.ui.panel_view import panel_view
from opsagent.ui.pods_view import pods_view
from opsagent.ui.report_markdown import report_markdown
from opsagent.ui.report_view import closing_text, report_view
from opsagent.ui.stats_view import stats_view
from opsagent.ui.steps import step_line
from opsagent.ui.traffic_view import figures_view, traffic_view
from opsagent.ui.watch_view import pass_text
from tests.ui import records
from tests.ui.drawing import drawn
from tests.ui.poison import poisoned
from tests.ui.records import AT
from tests.ui.test_board_view import BOARD

AUDITED = AuditRecord(1, AT, "look", "b7k2", None, {"text": "x"}, "", "0" * 64)
INCIDENT = Incident("b7k2", "blog-service", records.WHERE, "awaiting_approval", AT, AT, "db.locked", AT, "x")
OBJECT = ObjectDescription(
    "Service",
    "x",
    "x",
    "x",
    AT,
    {"x": "x"},
    ("x",),
    {"x": "x"},
    records.PODS.pods,
    ("x",),
    {"x": "x"},
    records.SKIPPED,
)
ANSWERED = Answered("b7k2", "x", "model", ("x",), fallback="x")
View = Callable[[Any], RenderableType]
MUTE = Mute(AT, AT, "x", "x", code="x", object="x")
VIEWS: dict[str, tuple[Any, View]] = {
    "stats": (records.STATS, lambda stats: stats_view(stats, trend=records.TREND, where=poisoned(records.WHERE))),
    "health": (records.HEALTH, health_view),
    "traffic": (records.TREND, lambda trend: traffic_view(records.TRAFFIC, trend=trend)),
    "measured": (records.MEASURED, stats_view),
    "figures": (records.MEASURED, figures_view),
    "pods": (records.PODS, lambda pods: pods_view(pods, AT)),
    "describe": (records.POD_DESCRIPTION, lambda pod: describe_view(pod, AT)),
    "object": (OBJECT, lambda found: object_view(found, AT)),
    "digest": (records.DIGEST, lambda digest: digest_view([digest], most=None)),
    "changes": (records.CHANGES[0], lambda change: changes_view([change], now=AT, since="24h")),
    "answer": (ANSWERED, answered_view),
    "panel": (records.PANEL, lambda panel: panel_view(panel, AT)),
    "evidence": (records.PANEL, lambda panel: evidence_view(panel, AT)),
    "report": (records.REPORT, report_view),
    "explain": (builtin()["db.locked"], explain_view),
    "codes": (builtin()["db.locked"], lambda info: code_list_view([info])),
    "rows": (RowLine("x", "x", "x"), lambda row: row_list_view([row])),
    "phrases": (PhraseLine("x", "x", 0.8), lambda row: phrase_list_view([row])),
    "pack": (records.SKIPPED[0], lambda skipped: check_view([skipped.why], [skipped.source], 2)),
    "closing": (records.REPORT, lambda report: closing_text(report, 4)),
    "reports": (records.REPORT, lambda report: report_list_view([report], AT, damaged=report.not_checked)),
    "history": (records.REPORT, lambda report: actions_view(report.actions, {}, AT)),
    "board": (BOARD, lambda board: board_view(board, Cursor())),
    "mutes": (MUTE, lambda mute: mutes_view([mute], AT)),
    "incidents": (INCIDENT, lambda incident: incidents_view([incident], AT)),
    "step": (records.STEPS[0], step_line),
    "logs": (records.LOGS, lambda logs: Group(*(say(line) for line in log_lines(logs)), say(empty_note(logs) or ""))),
    "matches": (records.MATCHES, lambda found: Group(*(say(line) for line in match_lines(found)))),
    "pass": (records.REPORT, lambda report: say(pass_text(report), newlines=True)),
    "audit": (AUDITED, lambda record: audit_view([record])),
    "verdict": (
        AUDITED,
        lambda record: verdict_view(TrailVerdict(1, record.mark, (record.incident_id,)), 1),
    ),
    "doctor": (Check("stats", "fail", "x", "x"), lambda check: doctor_view([check])),
    "error": (records.SKIPPED[0], lambda skipped: error_text(OpsagentError(skipped.why, hint=skipped.source))),
    "note": (records.SKIPPED[0], lambda skipped: note_text(skipped.why, label="warning")),
}


def _steering(text: str) -> list[str]:
    kept = {"\n"}
    return [c for c in text if c not in kept and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", VIEWS)
def test_hostile_text_stays_inert_and_within_the_width(name: str, width: int) -> None:
    """Escapes, markup, bidi and broken characters in every field: none comes through, no line is too wide."""
    record, view = VIEWS[name]
    shown = drawn(view(poisoned(record)), width)
    assert not _steering(shown)
    assert "RED" in shown
    assert max(cell_len(line) for line in shown.split("\n")) <= width


@pytest.mark.parametrize("name", VIEWS)
def test_empty_text_everywhere_is_drawn_too(name: str) -> None:
    """A record whose every string is empty raises nothing."""
    record, view = VIEWS[name]
    assert not _steering(drawn(view(poisoned(record, "")), 80))


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60), st.sampled_from([80, 140]))
def test_no_text_at_all_breaks_the_panel(text: str, width: int) -> None:
    """Whatever is in its fields, the panel is inert and each of its lines as wide as the screen."""
    shown = drawn(panel_view(poisoned(records.PANEL, text), AT), width)
    assert not _steering(shown)
    assert {cell_len(line) for line in shown.rstrip("\n").split("\n")[1:]} <= set(range(width + 1))


def test_no_view_is_left_out() -> None:
    """Each function of the package that draws a record is drawn here with hostile text."""
    names = {
        name
        for module in pkgutil.iter_modules(ui.__path__)
        for name, found in inspect.getmembers(importlib.import_module(f"opsagent.ui.{module.name}"), inspect.isfunction)
        if name.endswith("_view")
    }
    source = inspect.getsource(sys.modules[__name__])
    assert len(names) >= 11
    assert {name for name in names if name not in source.split("VIEWS: dict")[1].split("def ")[0]} == set()


def test_a_json_document_is_inert_on_a_terminal() -> None:
    """What `--json` prints parses back as it was, and is inert where `write` prints it on a terminal."""
    text = document(diagnosis(poisoned(records.REPORT)), "json")
    assert json.loads(text)["closing"].startswith("\x1b[31mRED")
    assert not _steering(inert(text, newlines=True))


def test_markdown_holds_no_control_character() -> None:
    """The Markdown report is inert as text too."""
    assert not _steering(report_markdown(poisoned(records.REPORT)))

"""Whether a model is asked: by the setting, by what a check confirms, and by the day's tokens."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opsagent.agent import run, wiring
from opsagent.agent.context import Context, Spending
from opsagent.agent.detection import Detection
from opsagent.agent.model.when import not_asked, worth_asking
from opsagent.analysis.reasoning.agreement import NAMED
from opsagent.analysis.reasoning.ranking import Ranking
from opsagent.clients.bundle.platform import open_bundle
from opsagent.config.settings import ModelSettings, Settings
from opsagent.models.evidence import Observation, ServiceHealth, Symptom
from opsagent.models.incident import Report
from opsagent.models.service import CallGraph
from opsagent.redact import Redactor
from opsagent.store.store import Store
from tests.agent.incidents import CAUSE
from tests.agent.model.scripts import cited
from tests.model_server import Handler, ModelServer, replies
from tests.session import Heard

pytestmark = pytest.mark.usefixtures("own_environment")

CHECKED = replace(CAUSE, basis="checked", confidence=0.93)


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    """Surroundings of any bundle."""
    (tmp_path / "web.log").write_text("2026-11-22T12:00:00Z ERROR no\n")
    opened = open_bundle(str(tmp_path / "web.log"))
    return wiring.bundled(Settings(), opened, Redactor(), progress=Heard(), environ={}, model=False)


@pytest.mark.parametrize(
    ("model", "cause", "day", "why"),
    [
        ({"when": "unsure"}, CHECKED, 0, "a check confirms db.locked at 0.93 (model.when: unsure)"),
        ({"when": "unsure"}, replace(CHECKED, confidence=0.89), 0, None),
        ({"when": "unsure"}, replace(CHECKED, basis="seen"), 0, None),
        ({"when": "unsure"}, None, 0, None),
        ({"when": "always"}, CHECKED, 0, None),
        ({"when": "never"}, None, 0, "model.when is never"),
        ({"daily_tokens": 100}, CAUSE, 100, "100 tokens were used today, and model.daily_tokens is 100"),
        ({"daily_tokens": 100}, CAUSE, 99, None),
        ({"daily_tokens": 0}, CAUSE, 10**9, None),
        ({"daily_tokens": 100}, CAUSE, None, None),
    ],
)
def test_when_a_model_is_asked(
    ctx: Context, model: dict[str, Any], cause: Any, day: int | None, why: str | None
) -> None:
    """Not where a check confirms a cause at 0.9 or more, never where it is off, not beyond the tokens of a day."""
    wanted = replace(ctx, settings=replace(ctx.settings, model=ModelSettings(**model)))
    assert not_asked(wanted, Ranking((cause,) if cause else (), ()), day) == why


_SERVED = [f"2026-11-22T12:{n // 12:02}:{5 * (n % 12):02}Z INFO GET /orders 200 {n % 12} ms" for n in range(120)]
_SEATS = "25 of 25 seats are taken, the oldest is held by batch-import"
_FAILED_ONCE = [*_SERVED[:60], f"2026-11-22T12:05:00Z ERROR {_SEATS}", *_SERVED[60:]]
_NEW_LINES = [*_SERVED, *(f"2026-11-22T12:10:{n:02}Z INFO {_SEATS}" for n in range(3))]
_VOTE: dict[str, Any] = {"reasoning": "", "lookups": [], "code": "other", "object": None, "evidence": []}
_KNOWS = {"code": "other", "summary": "All 25 seats are taken by batch-import.", "evidence": []}


def _answers(server: ModelServer, answer: dict[str, Any]) -> None:
    """Vote, then answer with a claim on the line that holds the quote."""

    def last(handler: Handler) -> None:
        question = handler.server.requests[-1]["body"]["messages"][1]["content"]
        claim = {"text": "All 25 seats are taken.", "quote": _SEATS, "evidence": cited(question, _SEATS)}
        replies(json.dumps({**answer, "claims": [claim]}))(handler)

    server.enqueue(_VOTE, last)


def _diagnosed(log: Path, lines: list[str], *, spending: Spending | None = None, **model: Any) -> Report:
    log.write_text("\n".join(lines) + "\n")
    settings = replace(Settings(), model=ModelSettings(**{"when": "unsure", **model}))
    opened = open_bundle(str(log))
    ctx = wiring.bundled(settings, opened, Redactor(), progress=Heard(), environ={}, spending=spending)
    try:
        return next(iter(run.diagnose(ctx, run.DiagnosisRequest(), None)))
    finally:
        if ctx.model:
            ctx.model.close()


@pytest.mark.parametrize("lines", [_FAILED_ONCE, _NEW_LINES], ids=["a failure record", "new lines"])
def test_it_is_asked_where_the_rules_found_nothing(tmp_path: Path, server: ModelServer, lines: list[str]) -> None:
    """What holds is named, below what any plan acts on; what does not, or no knowledge, leaves it at nothing found."""
    alone = _diagnosed(tmp_path / "orders.log", lines)
    assert (alone.status, alone.causes) == ("nothing_found", ())
    where: dict[str, Any] = {"name": "small", "base_url": server.url}
    _answers(server, _KNOWS)
    named = _diagnosed(tmp_path / "orders.log", lines, **where)
    assert (named.status, named.plan.action) == ("diagnosed", "none")
    (first,) = named.causes
    assert (first.code, first.summary_by, first.summary) == ("unknown", "model", _KNOWS["summary"])
    assert first.confidence <= NAMED
    for useless in ({**_KNOWS, "code": "unknown"}, {**_KNOWS, "summary": "The moon landed upon the datacenter."}):
        _answers(server, useless)
        unsure = _diagnosed(tmp_path / "orders.log", lines, **where)
        assert (unsure.status, unsure.closing, unsure.causes) == (alone.status, alone.closing, ())
        assert unsure.analysis.opinion is not None


@pytest.mark.parametrize(
    ("lines", "model"),
    [(_SERVED, {"when": "always"}), (_FAILED_ONCE, {"when": "never"}), (_FAILED_ONCE, {"daily_tokens": 1})],
    ids=["nothing hints at a fault", "never", "the day's tokens"],
)
def test_it_is_not_asked_without_a_hint_or_where_it_may_not(
    tmp_path: Path, server: ModelServer, lines: list[str], model: dict[str, Any]
) -> None:
    """A quiet log, a setting and a used-up day cost nothing, and the end is nothing found."""
    spent = Store.at(replace(Settings(), state_dir=tmp_path / "state"), {}).model_tokens
    spent.add(datetime.now(UTC), 5)
    where: dict[str, Any] = {"name": "small", "base_url": server.url, "spending": spent}
    report = _diagnosed(tmp_path / "orders.log", lines, **where, **model)
    assert (report.status, server.requests) == ("nothing_found", [])


def test_an_ill_neighbour_is_a_reason_to_ask() -> None:
    """A service that is well itself, and calls one that is not; of the others nothing is asked."""
    seen = Observation("stats", "/stats", "offline")
    ill = ServiceHealth("stock", "unknown", (Symptom("stock", "offline", "offline", seen),))
    found = Detection((ServiceHealth("orders", "healthy"), ill), CallGraph({"orders": ("stock",)}), (), None, "orders")
    assert worth_asking(found, ()) == "beside it, stock is ill"
    assert worth_asking(replace(found, calls=CallGraph()), ()) == ""
    assert worth_asking(replace(found, asked=None), ()) == ""

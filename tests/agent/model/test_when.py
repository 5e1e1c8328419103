"""Whether a model is asked: by the setting, by what a check confirms, and by the day's tokens."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsagent.agent import wiring
from opsagent.agent.context import Context
from opsagent.agent.model.when import not_asked
from opsagent.analysis.reasoning.ranking import Ranking
from opsagent.clients.bundle.platform import open_bundle
from opsagent.config.settings import ModelSettings, Settings
from opsagent.redact import Redactor
from tests.agent.incidents import CAUSE
from tests.session import Heard

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

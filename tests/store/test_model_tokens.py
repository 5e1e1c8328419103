"""Tokens are counted to the day, in UTC."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from opsagent.store.model_tokens import ModelTokens


def test_a_day_adds_up_and_the_next_begins_at_zero(tmp_path: Path) -> None:
    """Of the same moment in another zone the day in UTC counts."""
    tokens = ModelTokens(tmp_path)
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert tokens.of_day(noon) == 0
    tokens.add(noon, 120)
    tokens.add(noon + timedelta(hours=11), 30)
    assert tokens.of_day(noon) == 150
    assert tokens.of_day(datetime(2026, 11, 23, 8, tzinfo=timezone(timedelta(hours=9)))) == 150
    assert tokens.of_day(noon + timedelta(days=1)) == 0

"""How many tokens the model cost on each day (UTC): what `model.daily_tokens` is held against."""

from datetime import UTC, datetime
from pathlib import Path

from opsagent.store.db import reading, writing


class ModelTokens:
    """The tokens of each day in a state directory."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def of_day(self, at: datetime) -> int:
        """Return the tokens of the day of this moment."""
        with reading(self.state_dir) as connection:
            row = connection.execute("SELECT tokens FROM model_tokens WHERE day = ?", (_day(at),)).fetchone()
        return int(row[0]) if row else 0

    def add(self, at: datetime, tokens: int) -> None:
        """Count tokens to the day of this moment; two processes at once count both."""
        with writing(self.state_dir) as connection:
            connection.execute(
                "INSERT INTO model_tokens VALUES (?1, ?2) ON CONFLICT (day) DO UPDATE SET tokens = tokens + ?2",
                (_day(at), tokens),
            )


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"

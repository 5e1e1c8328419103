"""Whether a configured model is asked at all: by the setting, what the rules are sure of, and the day's tokens."""

from opsagent.agent.context import Context
from opsagent.analysis.reasoning.ranking import Ranking

SURE = 0.9  # a cause that a check confirms at this confidence needs no model


def not_asked(ctx: Context, ranking: Ranking, day_tokens: int | None) -> str | None:
    """Return why the model is not asked; None where it is."""
    wanted, first = ctx.settings.model, next(iter(ranking.causes), None)
    if wanted.when == "never":
        return "model.when is never"
    if wanted.daily_tokens and day_tokens is not None and day_tokens >= wanted.daily_tokens:
        return f"{day_tokens:,} tokens were used today, and model.daily_tokens is {wanted.daily_tokens:,}"
    if wanted.when == "unsure" and first is not None and first.basis == "checked" and first.confidence >= SURE:
        return f"a check confirms {first.code} at {first.confidence:.2f} (model.when: unsure)"
    return None

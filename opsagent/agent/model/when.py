"""Whether a configured model is asked at all: by the setting, what the rules are sure of, and the day's tokens."""

from collections.abc import Iterable, Iterator

from opsagent.agent.context import Context
from opsagent.agent.detection import Detection
from opsagent.analysis.reasoning.ranking import Ranking
from opsagent.models.digest import LogDigest, LogGroup

SURE = 0.9  # a cause that a check confirms at this confidence needs no model
_FAILING = frozenset({"traceback", "error"})
_TELLING = frozenset({"warning", "rare"})
_LONG = 50  # lines of a log in which something can be called new
_NEW = 0.8  # of a log: what began after this share of it
_SEVERAL = 3  # lines of a new kind


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


def worth_asking(found: Detection, digests: Iterable[LogDigest]) -> str:
    """Return why a model may still know something where no rule found a fault; "" where nothing hints at one.

    Records of failures that no rule names, kinds of lines that began late in a log, or a service that looks ill beside
    the one asked about.
    """
    return "; ".join((*_in_logs(tuple(digests)), *_neighbours(found)))


def _in_logs(digests: tuple[LogDigest, ...]) -> Iterator[str]:
    failing = sum(group.count for log in digests for group in log.groups if group.kind in _FAILING)
    if failing:
        yield f"{failing:,} failure record{'s' * (failing != 1)} without a known meaning"
    new = sum(_is_new(group, log) for log in digests for group in log.groups)
    if new:
        yield f"{new} new kind{'s' * (new != 1)} of lines"


def _is_new(group: LogGroup, log: LogDigest) -> bool:
    late = log.lines >= _LONG and group.first_line > _NEW * log.lines
    return late and group.kind in _TELLING and group.count >= _SEVERAL


def _neighbours(found: Detection) -> Iterator[str]:
    if found.asked is None:
        return
    near = {*found.calls.below(found.asked), *found.calls.callers(found.asked)}
    ill = [one.service for one in found.healths if one.service in near and one.symptoms]
    if ill:
        yield f"beside it, {', '.join(ill[:3])} {'is' if len(ill) == 1 else 'are'} ill"

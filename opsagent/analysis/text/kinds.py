"""Of what kind an informative line is: an error, a warning, noise, or plain after all."""

from opsagent.analysis.logs.matching.routine import is_routine
from opsagent.analysis.text import levels
from opsagent.analysis.text.levels import Level
from opsagent.models.digest import GroupKind


def judge(text: str, lowered: str) -> GroupKind:
    """Report about what kind a line is; `lowered` is the line in lower case, without digits."""
    noise = levels.any_of(levels.NOISE, lowered)
    strong = levels.any_of(levels.STRONG, lowered)
    level = levels.level_of(text)
    status = levels.answered(text, level)
    if status is not None:
        return _judge_access(status, noise=noise)
    if noise and level <= Level.INFO and not strong:
        return "noise"
    if level < Level.WARNING and not strong and not levels.any_of(levels.WEAK, lowered):
        return "plain"  # a level that is stated reports a failure in whatever language
    if (level < Level.ERROR and levels.BENIGN.search(text)) or is_routine(text):
        return "plain"
    return _judge_level(level, strong=strong)


def _judge_access(status: int, *, noise: bool) -> GroupKind:
    if status >= 500:
        return "error"
    if noise:
        return "noise"
    return "warning" if status in (401, 403, 407, 408, 413, 429, 499) else "plain"


def _judge_level(level: Level, *, strong: bool) -> GroupKind:
    if level >= Level.ERROR:
        return "error"
    if level == Level.WARNING:
        return "warning"
    if level == Level.NONE:
        return "error" if strong else "warning"
    return "warning" if strong else "plain"

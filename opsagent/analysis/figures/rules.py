"""The metrics that an alerting rule reads: a rule whose metrics do not exist can never fire."""

import re

_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")
_MATCHERS = re.compile(r"\{[^{}]*\}")
_WINDOW = re.compile(r"\[[^\[\]]*\]")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?![\w:]*\s*\()")
_WORDS = frozenset(
    {
        "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset",
        "inf", "nan", "start", "end", "atan2",
    }
)  # fmt: skip


def metrics_of(expression: str) -> frozenset[str]:
    """Return the names of the metrics in a PromQL expression; those given by a matcher on __name__ are not seen."""
    plain = _STRING.sub('""', expression)
    for part in (_MATCHERS, _WINDOW, _GROUPING):
        plain = part.sub(" ", plain)
    return frozenset(name for name in _NAME.findall(plain) if name.lower() not in _WORDS)

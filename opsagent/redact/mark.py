"""What stands where a secret stood."""

import re
from collections.abc import Callable, Iterable

# (kind, value) -> "<redacted:kind:N>"
Mark = Callable[[str, str], str]

PLACEHOLDER = re.compile(r"<redacted:[a-z-]{1,20}:\d{1,9}>")


def is_placeholder(value: str) -> bool:
    """Return whether `value` is one placeholder and nothing else."""
    return PLACEHOLDER.fullmatch(value) is not None


def has_one(text: str, hints: Iterable[str]) -> bool:
    """Return whether one of the words stands in the text: a plain loop, for this runs on every line of a log."""
    for hint in hints:  # noqa: SIM110  any() costs twice the time
        if hint in text:
            return True
    return False


def replace_group(pattern: re.Pattern[str], text: str, kind: str, mark: Mark) -> str:
    """Return `text` with the first group of every match replaced; a value that is a placeholder already stays."""

    def put(match: re.Match[str]) -> str:
        value = match.group(1)
        if not value or PLACEHOLDER.fullmatch(value):
            return match.group()
        whole, start = match.group(), match.start()
        return whole[: match.start(1) - start] + mark(kind, value) + whole[match.end(1) - start :]

    return pattern.sub(put, text)

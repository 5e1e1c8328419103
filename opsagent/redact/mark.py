"""What is where a secret stood."""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

# (kind, value) -> "<redacted:kind:N>"
Mark = Callable[[str, str], str]

_FEW = 200  # texts that are searched word by word

PLACEHOLDER = re.compile(r"<redacted:[a-z-]{1,20}:\d{1,9}>")


def is_placeholder(value: str) -> bool:
    """Return whether `value` is one placeholder and nothing else."""
    return PLACEHOLDER.fullmatch(value) is not None


class AnyOf:
    """Whether one of many words is in a text, case ignored, in one pass: a loop costs more than all the rest."""

    def __init__(self, words: Iterable[str]) -> None:
        """Keep the words; no words are in no text."""
        self.words = tuple(sorted({word.lower() for word in words}))
        self._asked = 0

    def in_text(self, text: str) -> bool:
        """Return whether the text holds one of the words."""
        self._asked += 1
        if self._asked <= _FEW:
            return has_one(text.lower(), self.words)
        # A lone surrogate is nothing that RE2 can be given; such a text is searched in any case.
        try:
            return bool(self.words) and self._pattern.search(text) is not None
        except UnicodeEncodeError:
            return True

    @cached_property
    def _pattern(self) -> Any:
        import re2  # noqa: PLC0415 - late: it takes 20 ms, which a few texts are not worth

        return re2.compile(f"(?i){'|'.join(map(re2.escape, self.words))}")


def has_one(text: str, hints: Iterable[str]) -> bool:
    """Return whether one of the words is in the text: a plain loop, for this runs on every line of a log."""
    for hint in hints:  # noqa: SIM110  any() costs twice the time
        if hint in text:
            return True
    return False


def end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where a match that begins at `at` ends; `at` itself where there is none."""
    match = pattern.match(text, at)
    return match.end() if match else at


def replace_passwords(pattern: re.Pattern[str], text: str, mark: Mark) -> str:
    """Return `text` with the first group of every match replaced; a value that is a placeholder already stays."""

    def put(match: re.Match[str]) -> str:
        value = match.group(1)
        if not value or PLACEHOLDER.fullmatch(value):
            return match.group()
        whole, start = match.group(), match.start()
        return whole[: match.start(1) - start] + mark("password", value) + whole[match.end(1) - start :]

    return pattern.sub(put, text)

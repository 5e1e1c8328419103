"""Room for text in a prompt: every chapter has a bound, what does not fit is counted, nothing is taken twice."""

import re
from collections.abc import Iterable

from opsagent.models.tokens import estimate, shortened

# Escape sequences and signs without a shape cost tokens, report nothing, and may hide words from whoever proof-reads.
_SHAPELESS = re.compile(
    "\x1b\\[[0-?]{0,32}[ -/]{0,4}[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


class PromptRoom:
    """The lines of a prompt, as far as they fit."""

    def __init__(self, tokens: int) -> None:
        """Begin with room for so many tokens."""
        self.left = tokens
        self.lines: list[str] = []

    def add(self, title: str, lines: Iterable[str], *, most: int, each: int = 120) -> None:
        """Add a chapter of at most `most` tokens, each line of at most `each`; one without lines is left out."""
        waiting = list(lines)
        kept, left = [title], min(most, self.left) - estimate(title) - 12
        for line in waiting:
            text = shortened(readable(line), each)
            cost = estimate(text) + 1
            if cost > left:
                break
            left -= cost
            kept.append(text)
        if len(kept) == 1:
            return
        if len(kept) <= len(waiting):
            kept.append(f"… and {len(waiting) - len(kept) + 1} more")
        self.lines += kept
        self.left -= sum(estimate(line) + 1 for line in kept)


def readable(text: str) -> str:
    """Return a text without signs that nobody sees; line ends within it stay."""
    return _SHAPELESS.sub("", text)

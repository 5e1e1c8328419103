"""Patterns of our own that are compiled when first searched: of a hundred a log needs a few."""

import re


class Late:
    """A pattern that ignores case and is compiled when first searched."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """Search as a compiled pattern does; re.error where it is not one."""
        if self._compiled is None:
            self._compiled = re.compile(self.source, re.IGNORECASE)
        return self._compiled.search(text)

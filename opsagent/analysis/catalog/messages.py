"""What Kubernetes writes, by the subject that a check reads it for."""

import re
from collections.abc import Iterable
from functools import cache

from opsagent.analysis.catalog.records import Message


class MessageIndex:
    """The messages of a catalog by subject, in their order."""

    def __init__(self, rows: Iterable[Message]) -> None:
        """Group the rows; of those of one subject the first that fits decides."""
        self._rows: dict[str, list[Message]] = {}
        for row in rows:
            self._rows.setdefault(row.subject, []).append(row)

    def find(self, subject: str, text: str) -> Message | None:
        """Return the first row of a subject that fits a text."""
        lowered = text.lower()
        return next((row for row in self._rows.get(subject, ()) if _fits(row, lowered)), None)

    def summary(self, subject: str, code: str) -> str:
        """Return the sentence that a subject has for a code, "" where it has none."""
        rows = self._rows.get(subject, ())
        return next((row.summary for row in rows if row.code == code and row.summary), "")


def _fits(row: Message, lowered: str) -> bool:
    if any(part in lowered for part in row.said):
        return True
    return bool(row.pattern) and _compiled(row.pattern).search(lowered) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)

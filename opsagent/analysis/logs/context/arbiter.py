"""Workers that their own master killed because they hung: its guess at memory is a guess about any SIGKILL."""

import re

from opsagent.analysis.logs.matching.matches import Match

_TIMED_OUT = re.compile(r"\bWORKER TIMEOUT\b|\bworker \S+ timed out\b", re.IGNORECASE)
_GUESSED = re.compile(r"SIGKILL\)?!? Perhaps out of memory", re.IGNORECASE)


def without_guesses(grouped: dict[tuple[str, str | None], list[Match]]) -> None:
    """Leave out that a worker was perhaps out of memory where the log shows that it had timed out."""
    if not any(_TIMED_OUT.search(match.text) for found in grouped.values() for match in found):
        return
    for key, found in list(grouped.items()):
        grouped[key] = [match for match in found if not _GUESSED.search(match.text)]
        if not grouped[key]:
            del grouped[key]

"""Print which rows of the catalog take a line, and what a log that holds it comes to: `python -m tests.rows LINE...`.

The first row counts; the others would take the line if the ones before it did not.
"""

import sys
from collections.abc import Iterator

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.compile import phrase_sources
from opsagent.analysis.catalog.phrase import Meaning, compiled
from opsagent.analysis.catalog.search import searched
from opsagent.analysis.logs.digest import digest
from opsagent.analysis.logs.matching.engine import Matcher, matcher_of
from opsagent.analysis.logs.matching.matches import Match, matches
from opsagent.analysis.text.own_words import plain_words
from opsagent.models.observed import LogRef

OTHER = "2031-05-04T09:12:43Z INFO listening on port 8080"


def read(line: str) -> list[Match]:
    """Return what a small log that holds a line comes to."""
    text = f"{OTHER}\n{line}\n"
    return [match for match in matches(digest(LogRef("app.log"), [text.encode()])) if match.text != OTHER]


def meaning_of(match: Match) -> Meaning | None:
    """Return the built-in meaning that a match is of; None where no phrase showed it."""
    return next((m for m in compiled() if any(phrase is match.phrase for phrase in m.phrases)), None)


def explained(line: str) -> Iterator[str]:
    """Yield, one text a row, what takes a line, what is ruled out and by which veto, and what it comes to."""
    files = {int(entry["order"]): name for name, file in phrase_sources()[0].items() for entry in file["meanings"]}
    words = plain_words(line)
    for meaning, phrase in matcher_of(builtin()).fitting(words):
        yield f"fits       {meaning.id} in phrases/{files[meaning.order]}.yaml: {phrase.pattern}"
    for meaning in compiled():
        veto = next((veto for veto in meaning.vetoes if searched(veto, words)), None)
        if veto is not None and list(Matcher([_without_vetoes(meaning)]).fitting(words)):
            yield f"ruled out  {meaning.id} in phrases/{files[meaning.order]}.yaml by its veto {veto}"
    for match in read(line):
        row = meaning_of(match)
        yield f"read as    {row.id if row else match.verdict.code} with strength {match.strength:.2f}"
    if not read(line):
        yield "read as    nothing: no row fits, or the line's level or words show that it is no fault"


def _without_vetoes(meaning: Meaning) -> Meaning:
    return Meaning(meaning.order, meaning.verdict, meaning.phrases, (), meaning.least_s)


def main(lines: list[str]) -> int:
    """Explain each line."""
    for line in lines:
        sys.stdout.write("".join(f"{text}\n" for text in (line, *explained(line))))
    return 0 if lines else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

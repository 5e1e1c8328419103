"""One engine for all phrases: literals first, then the few patterns that can match, then what rules them out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.catalog.phrase import Meaning, Phrase, Where
from opsagent.analysis.catalog.search import pattern_of, searched
from opsagent.analysis.text.durations import seconds

_FAR = 5.0  # times the usual
_PIECE = 3  # letters; no literal is shorter


class Matcher:
    """The phrases of a catalog, ready to be searched in lines of text."""

    __slots__ = ("_always", "_by_literal", "_by_piece", "_meanings", "catalog")

    def __init__(self, meanings: Sequence[Meaning], catalog: Catalog | None = None) -> None:
        self.catalog = catalog or builtin()
        self._meanings = tuple(meanings)
        self._always: list[tuple[int, int]] = []
        self._by_literal: dict[str, list[tuple[int, int]]] = {}
        for place, meaning in enumerate(self._meanings):
            for row, phrase in enumerate(meaning.phrases):
                for literal in phrase.literals:
                    self._by_literal.setdefault(literal, []).append((place, row))
                if not phrase.literals:
                    self._always.append((place, row))
        self._by_piece = _by_rarest_piece(self._by_literal)

    def fitting(self, text: str, where: Where = "log") -> Iterator[tuple[Meaning, Phrase]]:
        """Yield the meanings that fit a line, most specific first, each with the first phrase that shows it."""
        lowered = text.lower()
        refused = -1
        for place, row in sorted(self._candidates(lowered)):
            if place == refused:
                continue
            meaning = self._meanings[place]
            phrase = meaning.phrases[row]
            if where not in phrase.where or not _shows(meaning, phrase, text):
                continue
            refused = place  # decided for the meaning, whichever way
            if not any(searched(veto, text) for veto in meaning.vetoes):
                yield meaning, phrase

    def _candidates(self, lowered: str) -> set[tuple[int, int]]:
        """Return the places of the phrases of which a line holds a literal, and of those that have none."""
        pieces = {lowered[at : at + _PIECE] for at in range(len(lowered) - _PIECE + 1)}
        literals = (literal for piece in pieces & self._by_piece.keys() for literal in self._by_piece[piece])
        found = {place for literal in literals if literal in lowered for place in self._by_literal[literal]}
        return found.union(self._always)


def times_of(phrase: Phrase, text: str) -> tuple[float, ...]:
    """Return the times in seconds that the groups of a phrase's pattern hold in a text."""
    found = pattern_of(phrase.pattern).search(text)
    return seconds(found) if found else ()


def _by_rarest_piece(literals: Iterable[str]) -> dict[str, list[str]]:
    """Index literals by that one of their first, middle and last pieces that the fewest share."""
    pieces = {
        literal: (literal[:_PIECE], literal[(len(literal) - _PIECE) // 2 :][:_PIECE], literal[-_PIECE:])
        for literal in literals
    }
    shared = Counter(chain.from_iterable(pieces.values()))
    indexed: dict[str, list[str]] = {}
    for literal, found in pieces.items():
        indexed.setdefault(min(found, key=shared.__getitem__), []).append(literal)
    return indexed


@lru_cache(maxsize=4)
def matcher_of(catalog: Catalog) -> Matcher:
    """Return the matcher of a catalog's phrases."""
    return Matcher(catalog.meanings, catalog)


def _shows(meaning: Meaning, phrase: Phrase, text: str) -> bool:
    # A candidate whose pattern is plain text is in the line already.
    if phrase.literals != (phrase.pattern.lower(),) and not searched(phrase.pattern, text):
        return False
    if phrase.needs is not None and not searched(phrase.needs, text):
        return False
    if not meaning.least_s:
        return True
    times = times_of(phrase, text)
    return bool(times) and times[0] >= meaning.least_s and all(times[0] >= _FAR * usual for usual in times[1:])

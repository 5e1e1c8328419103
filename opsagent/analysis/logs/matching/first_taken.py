"""Which row of a catalog takes a line first: what an operator has to know of a phrase that a pack adds."""

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.catalog.phrase import Meaning
from opsagent.analysis.catalog.records import PackPhrase
from opsagent.analysis.logs.matching.engine import matcher_of
from opsagent.analysis.text.levels import BENIGN
from opsagent.analysis.text.own_words import plain_words


def taken_first(catalog: Catalog, row: PackPhrase) -> Meaning | None:
    """Return the meaning that takes a phrase's example before the phrase itself does; None where none does."""
    for meaning, phrase in matcher_of(catalog).fitting(row.example, row.where[0]):
        own = phrase.pattern == row.pattern and meaning.verdict.code == row.code
        return None if own else meaning
    return None


def reads_as_routine(row: PackPhrase) -> bool:
    """Return whether the example is read as good news, or as what a user chose: then the phrase is never searched."""
    words = plain_words(row.example)
    return BENIGN.search(words) is not None or not words.strip()

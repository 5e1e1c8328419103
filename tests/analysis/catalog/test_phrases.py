"""Every wording is shown right by its own example and near miss, through the complete reading of a log."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.compile import phrase_sources
from opsagent.analysis.catalog.phrase import LONGEST, as_json, compiled, expanded, meanings_of
from opsagent.analysis.catalog.search import searched
from opsagent.analysis.logs.matching.engine import Matcher, matcher_of
from opsagent.analysis.text.own_words import plain_words
from tests.rows import explained, meaning_of, read

_DOCUMENTS, _PATTERNS = phrase_sources()
_MEANINGS = [
    pytest.param(name, entry, id=f"{name}-{entry['order']}-{entry['code']}")
    for name, document in _DOCUMENTS.items()
    for entry in document["meanings"]
]
_CHARACTERS = 20_000
_SHARED = 4  # letters that a near miss shares with its row
_SHORT = 8  # a pattern of fewer letters is a code such as 40P01: its near miss is another one of the same series


@cache
def _without_vetoes() -> Matcher:
    return Matcher([replace(meaning, vetoes=()) for meaning in compiled()])


@pytest.mark.parametrize(("name", "entry"), _MEANINGS)
def test_each_example_is_matched_by_its_own_meaning(name: str, entry: Mapping[str, Any]) -> None:
    """What the program prints is read as this meaning and no other, and the row's own pattern shows it."""
    wrong = []
    for row in entry["phrases"]:
        meanings = [meaning_of(match) for match in read(row["example"])]
        own = searched(expanded(row["pattern"], _PATTERNS), row["example"])
        if not own or not meanings or any(one is None or one.order != entry["order"] for one in meanings):
            wrong.append(_told("the example", row["pattern"], row["example"]))
    assert not wrong, f"not read as {entry['code']}#{entry['order']}:\n" + "\n".join(wrong)


def _told(what: str, pattern: str, line: str) -> str:
    taken = "\n".join(f"    {text}" for text in explained(line))
    return f"{what} of {pattern}\n  {line}\n{taken}"


@pytest.mark.parametrize(("name", "entry"), _MEANINGS)
def test_no_near_miss_gives_the_code(name: str, entry: Mapping[str, Any]) -> None:
    """A line that shares the row's words and means something else gives another code or none."""
    wrong = [
        _told("the near miss", row["pattern"], row["not"])
        for row in entry["phrases"]
        if any(match.verdict.code == entry["code"] for match in read(row["not"]))
    ]
    assert not wrong, f"read as {entry['code']}, so narrow the pattern or add a veto:\n" + "\n".join(wrong)


@pytest.mark.parametrize(("name", "entry"), _MEANINGS)
def test_each_near_miss_shares_words_with_its_row(name: str, entry: Mapping[str, Any]) -> None:
    """A line that has nothing in common with a pattern would show nothing."""
    far = [row["not"] for row in entry["phrases"] if not _shares(expanded(row["pattern"], _PATTERNS), row["not"])]
    assert far == [], f"a near miss has to share at least {_SHARED} letters in a row with its pattern"


@pytest.mark.parametrize(("name", "entry"), _MEANINGS)
def test_each_veto_matches_its_example(name: str, entry: Mapping[str, Any]) -> None:
    """What rules a meaning out is shown by a line that fits the meaning but for its vetoes."""
    for veto in entry.get("vetoes", ()):
        assert searched(expanded(veto["pattern"], _PATTERNS), veto["example"]), veto
        words = plain_words(veto["example"])
        assert entry["order"] in [meaning.order for meaning, _ in _without_vetoes().fitting(words)], veto
        assert entry["order"] not in [meaning.order for meaning, _ in matcher_of(builtin()).fitting(words)], veto


@pytest.mark.parametrize(("name", "entry"), _MEANINGS)
def test_each_meaning_gives_a_code_and_a_variant_of_the_catalog(name: str, entry: Mapping[str, Any]) -> None:
    """What a line shows has its meaning, its advice and its effects in the catalog."""
    code = builtin()[entry["code"]]
    assert entry.get("variant") is None or code.variant(entry["variant"]) is not None


@pytest.mark.parametrize("name", sorted(_PATTERNS))
def test_each_sub_pattern_matches_its_example(name: str) -> None:
    """A named part of patterns is shown by a text as well."""
    assert searched(_PATTERNS[name], _examples()[name])


@pytest.mark.parametrize("name", sorted(_DOCUMENTS))
def test_patterns_are_short_and_never_look_around(name: str) -> None:
    """A pattern can be reviewed, RE2 takes it, and what runs at start-up is what was written."""
    for entry in _DOCUMENTS[name]["meanings"]:
        for pattern in (row["pattern"] for row in (*entry["phrases"], *entry.get("vetoes", ()))):
            assert len(pattern) <= LONGEST
            assert not re.search(r"\(\?<?[=!]", pattern)
            searched(expanded(pattern, _PATTERNS), "")  # raises where RE2 refuses it


def test_no_two_rows_of_a_meaning_are_the_same() -> None:
    """A wording has one home."""
    for name, document in _DOCUMENTS.items():
        for entry in document["meanings"]:
            patterns = [(row["pattern"], row.get("needs")) for row in entry["phrases"]]
            assert len(set(patterns)) == len(patterns), (name, entry["order"])


@pytest.mark.parametrize(("name", "entry"), _MEANINGS)
def test_no_plain_row_is_covered_by_another(name: str, entry: Mapping[str, Any]) -> None:
    """A plain text that another row of the same meaning matches anyway is one row too many."""
    for row in entry["phrases"]:
        plain = row["pattern"].replace(r"\b", "")
        if not entry.get("least_s") and not re.search(r"[\\\[\](){}?*+|^$]", plain):
            others = [other for other in entry["phrases"] if other is not row and not other.get("needs")]
            covering = [other["pattern"] for other in others if searched(expanded(other["pattern"], _PATTERNS), plain)]
            assert covering == [], row["pattern"]


def test_the_compiled_file_equals_its_sources() -> None:
    """Who changes a row compiles it: `python -m tests.compile`."""
    text = resources.files("opsagent.analysis.catalog").joinpath("phrases.json").read_text("utf-8")
    assert text == as_json(meanings_of(_DOCUMENTS.values(), _PATTERNS)), "run `python -m tests.compile`"
    assert compiled() == meanings_of(_DOCUMENTS.values(), _PATTERNS)


@pytest.mark.parametrize("missing", ["example", "not", "prints"])
def test_a_row_without_what_shows_it_does_not_load(missing: str) -> None:
    """A pattern alone is not a knowledge: the error names the row and what it lacks."""
    row = {
        "pattern": "disk on fire",
        "example": "ERROR disk on fire",
        "not": "INFO disk on fire drill",
        "prints": "fire alarm",
    }
    with pytest.raises(ValueError, match=f"{missing} is missing: disk on fire"):
        meanings_of([_document({**row, missing: ""})], {})


def test_a_veto_without_an_example_does_not_load() -> None:
    """What rules a meaning out is shown as well."""
    row = {"pattern": "disk on fire", "example": "ERROR disk on fire", "not": "INFO disk 7", "prints": "fire alarm"}
    document = _document(row)
    document["meanings"][0]["vetoes"] = [{"pattern": "drill"}]
    with pytest.raises(ValueError, match="example is missing: drill"):
        meanings_of([document], {})


def test_a_pattern_that_is_too_long_does_not_load() -> None:
    """What cannot be reviewed is cut into two rows."""
    row = {"pattern": "x" * (LONGEST + 1), "example": "x", "not": "x", "prints": "x"}
    with pytest.raises(ValueError, match=f"{LONGEST + 1} characters"):
        meanings_of([_document(row)], {})


@pytest.mark.parametrize("line", ["a", "error: ", "timed out ", "(", "0.1 ", "database ", "\\x00", "connection "])
def test_hostile_lines_cost_no_more_than_their_length(line: str) -> None:
    """Twice the text costs about twice the time, whatever is repeated in it: counted in the process's own time."""
    matcher = matcher_of(builtin())
    short, long = (line * (size // len(line)) for size in (_CHARACTERS, 4 * _CHARACTERS))
    list(matcher.fitting(short))  # compiles
    once, more = (min(_cost(matcher, text) for _ in range(3)) for text in (short, long))
    assert more <= 12 * once + 0.02


def _cost(matcher: Matcher, text: str) -> float:
    start = time.process_time()
    list(matcher.fitting(text))
    return time.process_time() - start


def _document(row: Mapping[str, str]) -> dict[str, Any]:
    entry = {"code": "volume.disk-full", "order": 1, "strength": 0.5, "link": 0, "summary": "a disk burns"}
    return {"meanings": [{**entry, "phrases": [row]}]}


def _shares(pattern: str, line: str) -> bool:
    pieces = re.findall(r"[^\W_]+", re.sub(r"\\[a-zA-Z]", " ", pattern).lower())
    size = _SHARED if pattern.isascii() and sum(map(len, pieces)) > _SHORT else 2
    return any(run in line.lower() for run in _runs(pieces, size))


def _runs(pieces: list[str], size: int) -> Iterator[str]:
    for piece in pieces:
        if len(piece) == _SHARED - 1:
            yield piece
        yield from (piece[at : at + size] for at in range(len(piece) - size + 1))


def _examples() -> dict[str, str]:
    import yaml

    text = resources.files("opsagent.analysis.catalog").joinpath("phrases/_patterns.yaml").read_text("utf-8")
    return {name: entry["example"] for name, entry in yaml.safe_load(text).items()}

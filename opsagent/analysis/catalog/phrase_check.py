"""Check the phrase files before they are compiled: every mistake with its file and line, and what to write instead."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from opsagent.analysis.catalog.phrase import EVERYWHERE, expanded
from opsagent.analysis.catalog.search import searched
from opsagent.analysis.catalog.sources import Located, Mistake, check_pattern, located

_MEANING = {
    "code": "a code of codes/*.yaml",
    "order": "a whole number that no other meaning has; of the meanings that fit a line the lowest counts",
    "strength": "how sure it makes, from 0 to 1",
    "link": "its place in a causal chain within one log, from 0 for what comes first to 9 for what only shows",
    "summary": "what it comes to, for the report; {what} stands for what the line names",
    "phrases": "a list of rows, each with pattern, example, not and prints",
}
_MEANING_MORE = ("variant", "blames", "weak", "lasting", "vetoes", "least_s")
_PHRASE = {
    "pattern": "RE2, case is ignored",
    "example": "a line as the program prints it, which the pattern matches",
    "not": "a line that shares words with the pattern and means something else",
    "prints": "which program prints it, and where",
}
_PHRASE_MORE = ("needs", "where")
_VETO = {
    "pattern": "RE2, case is ignored",
    "example": "a line that fits the meaning, and that this pattern rules out",
}
_NUMBERS = {"order": (0, 1_000_000), "strength": (0, 1), "link": (0, 9)}


def phrase_problems(texts: Mapping[str, str], patterns: Mapping[str, str], codes: Collection[str]) -> list[Mistake]:
    """Return what is wrong with phrase files.

    texts: file name -> YAML; patterns: the named sub-patterns; codes: what the catalog knows.
    """
    problems: list[Mistake] = []
    taken: dict[int, str] = {}
    for name, text in texts.items():
        document = located(text, name, problems)
        meanings = document.get("meanings") if isinstance(document, dict) else None
        if not isinstance(meanings, list):
            problems.append(Mistake(f"{name}:1", "expected `meanings:` with a list of meanings"))
            continue
        for entry in meanings:
            if not isinstance(entry, Located):
                problems.append(Mistake(f"{name}:1", f"a meaning has to be a mapping, not {entry!r}"))
                continue
            place = f"{name}:{entry.line}"
            problems += [Mistake(place, wrong) for wrong in _wrong_meaning(entry, codes, taken, place)]
            for part, needed, more in (("phrases", _PHRASE, _PHRASE_MORE), ("vetoes", _VETO, ())):
                problems += _wrong_rows(entry, part, (needed, more), patterns, name)
    return problems


def _wrong_meaning(entry: Located, codes: Collection[str], taken: dict[int, str], place: str) -> Iterator[str]:
    yield from _fields(entry, _MEANING, _MEANING_MORE)
    code = entry.get("code")
    if code and code not in codes:
        yield f"code {code!r} is not in codes/*.yaml: correct it, or add its row there first"
    for field, (least, most) in _NUMBERS.items():
        value = _number(entry.get(field), whole=field != "strength")
        if entry.get(field) and (value is None or not least <= value <= most):
            yield f"{field} {entry[field]!r} is not {_MEANING[field]}"
    order = _number(entry.get("order"), whole=True)
    if order is not None and taken.setdefault(int(order), place) != place:
        free = next(number for number in range(int(order) + 1, 1_000_000) if number not in taken)
        yield f"order {int(order)} is that of {taken[int(order)]}: take another one, such as {free}"


def _wrong_rows(
    entry: Located, part: str, known: tuple[Mapping[str, str], Collection[str]], patterns: Mapping[str, str], name: str
) -> Iterator[Mistake]:
    for row in entry.get(part) or ():
        if not isinstance(row, Located):
            yield Mistake(f"{name}:{entry.line}", f"a row of {part} has to be a mapping, not {row!r}")
            continue
        wrong = [*_fields(row, *known)] or [*_wrong_pattern(row, patterns)]
        yield from (Mistake(f"{name}:{row.line}", text) for text in wrong)


def _fields(row: Mapping[str, Any], needed: Mapping[str, str], more: Collection[str]) -> Iterator[str]:
    for field in row:
        if field not in needed and field not in more:
            yield f"unknown field {field!r}: use {', '.join((*needed, *more))}"
    for field, meaning in needed.items():
        if not row.get(field):
            yield f"{field} is missing: {meaning}"


def _wrong_pattern(row: Mapping[str, Any], patterns: Mapping[str, str]) -> Iterator[str]:
    import re2  # noqa: PLC0415 - only who compiles needs its error

    try:
        check_pattern(row["pattern"])
        matched = searched(expanded(row["pattern"], patterns), row["example"])
    except ValueError as error:
        yield f"{error}: {row['pattern']}"
        return
    except re2.error as error:
        yield f"RE2 does not accept the pattern ({error}): {row['pattern']}"
        return
    if not matched and not row.get("needs"):
        yield f"the pattern does not match its own example: {row['pattern']} | {row['example']}"
    unknown = sorted(set(row.get("where") or ()) - set(EVERYWHERE))
    if unknown:
        yield f"where {unknown[0]!r} is not one of {', '.join(EVERYWHERE)}"


def _number(text: Any, *, whole: bool) -> float | None:
    try:
        return int(text) if whole else float(text)
    except (TypeError, ValueError):
        return None

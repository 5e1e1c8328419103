"""Settings that a validator misses or cannot convert: it names them in lines below its verdict."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from opsagent.analysis.catalog.phrase import Verdict
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest

_MISSING = Verdict(
    "config.missing-env", 0.86, 0, "a setting that the program needs is not given ({what})", lasting=True
)
_UNREADABLE = Verdict("config.invalid", 0.8, 0, "a setting has a value that the program cannot use", lasting=True)
_ROOTS = (
    "required",
    "value_error.missing",
    "must not be",
    "undefined",
    "config",
    "settings",
    "flags",
    "options",
    "environ",
    "getenv",
    "process.env",
    "env[",
)
# pydantic, zod, Spring: the name, and below it what is wrong with it.
_ABSENT = Late(
    r"\n[\s|]*(?P<pydantic>[\w.]+)\s*\n[\s|]+field required\b"
    r"|\"received\":\s*\"undefined\",\s*\"path\":\s*\[\s*\"(?P<zod>(?-i:[A-Z][A-Z0-9]*_[A-Z0-9_]+))\""
    r"|Property: (?P<spring>[\w.-]+)\s+Value: \"?(?:null|)\"?\s+(?:Origin: .*\s+)?Reason: (?:must not be|is required)"
)
_OF_SETTINGS = Late(
    r"validation errors? for \w*(?:Settings|Config\w*|Env\w*)\b|\bZodError\b|invalid env|process\.env|Binding to target"
)
_PARTS = ('"received": "undefined"', "Reason: must not be", "Reason: is required", "Field required [type=missing")
_WIDTH = 100_000
# The value of a variable is converted where it is read: the source line states it.
_CONVERTED = Late(
    r"\b(?:int|float|bool|Decimal|parseInt|Number|Integer|Atoi|ParseInt|ParseBool|ParseDuration|valueOf|json\.loads"
    r"|timedelta|UUID)\w*\([^\n]{0,40}?(?:os\.environ|os\.getenv|os\.Getenv|process\.env|System\.getenv|ENV\["
    r"|ENV\.fetch)"
)  # fmt: skip
_VALUE = Late(
    r"ValueError|TypeError|NumberFormatException|ArgumentError|JSONDecodeError|InvalidOperation|invalid syntax"
    r"|invalid literal|invalid (?:duration|boolean|port|integer|number)|could not convert|invalid value"
)


# ... or the function that reads the settings is among the frames.
_LOADER = Late(
    r"\b(?:load|read|parse|must|init|new|from|get)_?(?:app_?|the_?)?(?:config\w*|settings|env(?:ironment)?|flags"
    r"|options)\("
)


def required(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield what validators of settings complain of, and conversions of variables that failed."""
    seen: set[int] = set()
    for match in (m for matches in found.values() for m in matches):
        text = match.group.text
        if id(match.group) in seen or not any(root in text.lower() for root in _ROOTS):
            continue
        seen.add(id(match.group))
        absent = _absent(text)
        if absent:
            yield replace(match, verdict=_MISSING, strength=_MISSING.strength, blames=None, named=absent)
        elif (_CONVERTED.search(text) or _LOADER.search(text)) and _VALUE.search(text):
            yield replace(match, verdict=_UNREADABLE, strength=_UNREADABLE.strength, blames=None)
    yield from _over_lines(log)


def _absent(text: str) -> str | None:
    found = _ABSENT.search(text)
    return found[found.lastgroup or 0] if found and _OF_SETTINGS.search(text) else None


def _over_lines(log: LogDigest) -> Iterator[Match]:
    """Yield the complaint of a validator that prints each part on a line of its own."""
    parts = [group for group in log.groups if any(word in group.text for word in _PARTS)]
    if not parts:
        return
    groups = sorted(log.groups, key=lambda group: group.first_line)
    absent = _absent("\n".join(group.text for group in groups)[:_WIDTH])
    if absent:
        head = min(parts, key=lambda group: group.first_line)
        yield Match(_MISSING, head, head.first_line, head.text, _MISSING.strength, None, None, absent)

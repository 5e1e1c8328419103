"""What is redacted as data: names, shapes, programs. The source is secrets.yaml; `compiled()` reads its JSON file."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, Literal

_MARKED = re.compile("«(.*?)»", re.DOTALL)
_BOUND = r"(?<![A-Za-z0-9_-])({})(?![A-Za-z0-9])"  # around a token that is a word on its own


@dataclass(frozen=True)
class Name:
    """A name whose value is a secret."""

    kind: str
    name: str  # pattern of the end of a key, a variable, a flag; case ignored
    in_text: str  # the same within a line of text
    hints: tuple[str, ...]  # one of these, lower case, is in every name that fits


@dataclass(frozen=True)
class SecretShape:
    """Text that gives itself away; the pattern's first group is the secret."""

    kind: str
    pattern: str
    hints: tuple[str, ...]  # one of these is in every text that fits; none: not known
    folded: bool = False  # the hints are searched for in lower-case text
    check: str | None = None  # name of a condition in checks.py
    after: Literal["names"] | None = None  # applied behind the names
    digits: bool = False  # needs a long number, or two short ones with a sign between them
    least: int = 0  # characters without a blank between them that it is long at least

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled pattern, made when a text first needs it."""
        return re.compile(self.pattern)


@dataclass(frozen=True)
class Program:
    """Programs of which one flag's value is a password."""

    programs: tuple[str, ...]
    flag: str
    glued: bool = False  # the value is right behind the flag
    command: str | None = None  # the flag means it for this sub-command only


@dataclass(frozen=True)
class Rows:
    """All rows, in their order."""

    names: tuple[Name, ...]
    shapes: tuple[SecretShape, ...]
    programs: tuple[Program, ...]
    no_value: tuple[str, ...]
    prose: frozenset[str]
    described: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows that a row is right: a text without its marks, what must go from it, and under which kind."""

    kind: str
    text: str
    secrets: tuple[str, ...]  # empty: the text must survive


@cache
def compiled() -> Rows:
    """Return the built-in rows from the compiled file."""
    return restored(json.loads(resources.files("opsagent.redact").joinpath("secrets.json").read_text("utf-8")))


def rows_of(document: Mapping[str, Any]) -> Rows:
    """Return the rows of secrets.yaml; ValueError names the row without an example or with a pattern that is none."""
    for section in ("names", "shapes", "programs"):
        for row in document[section]:
            _proved(row)
    return Rows(
        names=tuple(
            Name(row["kind"], row["name"], row.get("in_text", row["name"]), tuple(row["hints"]))
            for row in document["names"]
        ),
        shapes=tuple(_shape(row) for row in document["shapes"]),
        programs=tuple(
            Program(tuple(row["programs"]), row["flag"], bool(row.get("glued")), row.get("command"))
            for row in document["programs"]
        ),
        no_value=tuple(row["pattern"] for row in document["no_value"]),
        prose=frozenset(document["prose"].split()),
        described=frozenset(document["described"].split()),
    )


def shown(document: Mapping[str, Any]) -> Iterator[Shown]:
    """Yield every example and every survivor of secrets.yaml."""
    for section in ("names", "shapes", "programs"):
        for row in document[section]:
            kind = row.get("kind", "password")
            for text in row["examples"]:
                yield Shown(kind, _MARKED.sub(r"\1", text), tuple(_MARKED.findall(text)))
            for text in row["survives"]:
                yield Shown(kind, text, ())
    for row in document["no_value"]:
        yield Shown("password", f"password: {row['example']}", ())


def as_json(rows: Rows) -> str:
    """Return rows as the text of the compiled file."""
    kept = {name: [_sparse(asdict(row)) for row in getattr(rows, name)] for name in ("names", "shapes", "programs")}
    words = {"no_value": list(rows.no_value), "prose": sorted(rows.prose), "described": sorted(rows.described)}
    return json.dumps(kept | words, ensure_ascii=False, indent=0) + "\n"


def restored(kept: Mapping[str, Any]) -> Rows:
    """Return the rows of the compiled file's JSON."""
    return Rows(
        names=tuple(Name(**_tuples(row)) for row in kept["names"]),
        shapes=tuple(SecretShape(**_tuples(row)) for row in kept["shapes"]),
        programs=tuple(Program(**_tuples(row)) for row in kept["programs"]),
        no_value=tuple(kept["no_value"]),
        prose=frozenset(kept["prose"]),
        described=frozenset(kept["described"]),
    )


def _shape(row: Mapping[str, Any]) -> SecretShape:
    pattern = row["pattern"]
    if not re.compile(pattern).groups:
        pattern = _BOUND.format(pattern)
    given = {name: row[name] for name in ("folded", "check", "after", "digits", "least") if name in row}
    return SecretShape(row["kind"], pattern, tuple(row["hints"]), **given)


def _proved(row: Mapping[str, Any]) -> None:
    what = row.get("pattern") or row.get("name") or row.get("programs")
    for field in ("examples", "survives"):
        if not row.get(field):
            raise ValueError(f"{field} is missing: {what}")
    for text in row["examples"]:
        if not _MARKED.search(text):
            raise ValueError(f"no «…» marks what must go: {text}")


def _sparse(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, False, 0)}


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}

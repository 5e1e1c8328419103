"""Read rows of the catalog from YAML: every mistake is reported with its file and line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, cast

from opsagent.analysis.catalog.records import Code, Effect, Message, PackPhrase, PackVariant, Peer, Reason, Remark, Row

_BOOLEANS = {"yes": "true", "no": "false"}
_FLAGS = frozenset({"transient", "failing", "blames", "of_template"})
_RENAMED = {"not": "near_miss"}
SECTIONS = ("codes", "variants", "phrases", "peers", "off")
_LONGEST = 120  # characters of a pattern


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a file of the catalog."""

    place: str  # "file.yaml:12"
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(slots=True)
class Sources:
    """The rows of some files, and what is wrong with them."""

    codes: list[Code] = field(default_factory=list)
    variants: list[PackVariant] = field(default_factory=list)
    phrases: list[PackPhrase] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    off: dict[str, tuple[str, str]] = field(default_factory=dict)  # a row that a pack switches off -> place, why
    sections: list[tuple[str, str]] = field(default_factory=list)  # (place, name) of each section that was read
    actions: dict[str, str] = field(default_factory=dict)  # action -> effect kind
    effects: dict[str, Effect] = field(default_factory=dict)  # reasons that several codes share, by name
    tags: dict[str, str] = field(default_factory=dict)
    families: dict[str, dict[str, Any]] = field(default_factory=dict)  # what holds for each code of a family
    problems: list[Mistake] = field(default_factory=list)
    lines: dict[int, str] = field(default_factory=dict)  # id of a row -> its place


class Located(dict[str, Any]):
    """A mapping that knows its line."""

    line = 0


def read_text(text: str, name: str, into: Sources, *, kind: str = "") -> None:
    """Add the rows of one YAML text to `into`; `kind` is the kind of row of a file that is one list."""
    document = located(text, name, into.problems)
    if document is None:
        return
    if isinstance(document, list) and kind:
        document = {kind: document}
    if not isinstance(document, dict):
        into.problems.append(Mistake(f"{name}:1", "expected a mapping with codes, phrases, peers, reasons or off"))
        return
    _read_document(document, name, into)


def located(text: str, name: str, problems: list[Mistake]) -> Any:
    """Return a YAML text as strings, lists and mappings that know their line; None where it is empty or wrong."""
    import yaml  # noqa: PLC0415 - 30 ms that only who reads sources pays

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problems.append(Mistake(f"{name}:{line}", f"invalid YAML: {getattr(error, 'problem', None) or error}"))
        return None
    if node is None:
        return None
    try:
        return _plain(node)
    except ValueError as error:
        problems.append(Mistake(f"{name}:{node.start_mark.line + 1}", str(error)))
        return None


def _read_document(document: Mapping[str, Any], name: str, into: Sources) -> None:
    for key in document:
        into.sections.append((f"{name}:1", key))
        if key not in (*SECTIONS, "reasons", "messages", "remarks", "actions", "effects", "tags", "families"):
            into.problems.append(Mistake(f"{name}:1", f"unknown section {key!r}: use {', '.join(SECTIONS)}"))
    into.actions.update(document.get("actions") or {})
    into.tags.update(document.get("tags") or {})
    into.families.update(document.get("families") or {})
    for shared, entry in (document.get("effects") or {}).items():
        into.effects[shared] = Effect(*entry)
    makers: tuple[tuple[str, type[Row]], ...] = (
        ("codes", Code), ("variants", PackVariant), ("phrases", PackPhrase), ("peers", Peer), ("reasons", Reason),
        ("messages", Message), ("remarks", Remark),
    )  # fmt: skip
    for section, make in makers:
        for raw in _rows(document, section, name, into):
            try:
                row = _row(raw, make, into)
            except ValueError as error:
                into.problems.append(Mistake(f"{name}:{raw.line}", str(error)))
            else:
                into.lines[id(row)] = f"{name}:{raw.line}"
                cast(list[Row], getattr(into, section)).append(row)
    for raw in _rows(document, "off", name, into):
        if set(raw) == {"row", "why"} and raw["why"]:
            into.off[str(raw["row"])] = (f"{name}:{raw.line}", str(raw["why"]))
        else:
            into.problems.append(Mistake(f"{name}:{raw.line}", "expected row: <built-in row> and why: <reason>"))


def _rows(document: Mapping[str, Any], section: str, name: str, into: Sources) -> Iterator[Located]:
    rows = document.get(section) or []
    if not isinstance(rows, list):
        into.problems.append(Mistake(f"{name}:1", f"{section} has to be a list"))
        return
    for raw in rows:
        if isinstance(raw, Located):
            yield raw
        else:
            into.problems.append(Mistake(f"{name}:1", f"a row of {section} has to be a mapping, not {raw!r}"))


def _row(raw: Located, make: type[Row], into: Sources) -> Row:
    import msgspec  # noqa: PLC0415 - the compiled rows need no checking

    entry = {_RENAMED.get(key, key): value for key, value in raw.items()}
    if make is Code:  # its own words go first
        entry = {**into.families.get(str(entry.get("code")).partition(".")[0], {}), **entry}
    known = {one.name: one for one in fields(make)}
    wrong = sorted(set(entry) - set(known))
    if wrong:
        raise ValueError(f"unknown field {wrong[0]!r}: use {', '.join(known)}")
    missing = [one.name for one in known.values() if one.default is MISSING and one.default_factory is MISSING]
    missing = [one for one in missing if not entry.get(one)]
    if missing:
        raise ValueError(f"{missing[0]} is missing")
    for flag in _FLAGS & set(entry):
        entry[flag] = _BOOLEANS.get(entry[flag], entry[flag])
    if "effects" in entry:
        entry["effects"] = _effects(entry["effects"], into)
    for variant in entry.get("variants") or ():
        if "effects" in variant:
            variant["effects"] = _effects(variant["effects"], into)
    try:
        row: Row = msgspec.convert(entry, make, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise ValueError(f"{where.rstrip('`') or 'row'}: {what[:1].lower()}{what[1:]}") from error
    if isinstance(row, PackPhrase | Remark):
        check_pattern(row.pattern)
    return row


def _effects(entry: Any, into: Sources) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise ValueError("effects has to be a mapping from restart, scale or rollback to [yes | no | sometimes, why]")  # noqa: TRY004
    found: dict[str, Any] = {}
    for kind, value in entry.items():
        if isinstance(value, str) and value in into.effects:
            shared = into.effects[value]
            found[kind] = {"verdict": shared.verdict, "why": shared.why}
        elif isinstance(value, list) and len(value) == 2:
            found[kind] = {"verdict": value[0], "why": value[1]}
        else:
            shared_ones = f" or the name of a shared effect: {', '.join(into.effects)}" if into.effects else ""
            raise ValueError(f"effects.{kind}: expected [yes | no | sometimes, why]{shared_ones}")
    return found


def check_pattern(pattern: str) -> None:
    """Raise ValueError where a pattern is too long to be reviewed, or is none that RE2 can search."""
    if len(pattern) > _LONGEST:
        raise ValueError(f"the pattern has {len(pattern)} characters, at most {_LONGEST} are allowed")
    if re.search(r"\(\?(?:[=!]|<[=!])", pattern):
        raise ValueError("the pattern looks around, which RE2 cannot do")


def _plain(node: Any) -> Any:
    """Return a YAML node as strings, lists and located mappings: YAML's own reading would turn `no` into False."""
    import yaml  # noqa: PLC0415

    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    found = Located()
    found.line = node.start_mark.line + 1
    for key, value in node.value:
        if key.value in found:
            raise ValueError(f"line {key.start_mark.line + 1}: {key.value} is given twice")
        found[str(key.value)] = _plain(value)
    return found

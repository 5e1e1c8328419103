"""Packs: rows that operators add to the catalog, and built-in rows that they switch off.

A pack can add codes, variants of codes, phrases and peers. It cannot replace a built-in row, and it cannot make an
action more helpful than it is: a code of a pack proposes no action, and a variant only takes effects away.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.catalog.compiled import loaded
from opsagent.analysis.catalog.phrase import compiled
from opsagent.analysis.catalog.records import Code, PackPhrase, PackVariant, Peer, Reason, Row, Variant
from opsagent.analysis.catalog.sources import Mistake, Sources, read_text

_CODE = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9-]*")
_RANK = {"no": 0, "sometimes": 1, "yes": 2}
# What every code is weighed by: a pack adds rows, it does not change the rules.
_NOT_IN_PACKS = ("actions", "effects", "tags", "families", "reasons", "messages", "remarks")


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file of a pack, as it was read."""

    name: str  # for messages: its path
    text: str


def with_packs(files: Iterable[PackFile]) -> tuple[Catalog, tuple[Mistake, ...]]:
    """Return the built-in catalog with the rows of packs, and every mistake with its file and line."""
    base = loaded()
    added = Sources(families=base.families)
    for file in files:
        read_text(file.text, file.name, added)
    problems = [*added.problems, *_problems(base, added)]
    wrong = {problem.place for problem in problems}
    kept = _kept(added, wrong)
    return Catalog(_joined(base, kept)), tuple(sorted(problems, key=lambda problem: _line(problem.place)))


def row_ids() -> tuple[str, ...]:
    """Return the names of the built-in rows that a pack can switch off."""
    return (
        *(meaning.id for meaning in compiled()),
        *(f"peer:{row.product}" for row in loaded().peers),
        *(f"reason:{row.reason}" for row in loaded().reasons),
    )


def _problems(base: Sources, added: Sources) -> list[Mistake]:
    codes = {row.code: row for row in (*base.codes, *added.codes)}
    found: list[Mistake] = []
    for place, section in added.sections:
        if section in _NOT_IN_PACKS:
            found.append(Mistake(place, f"a pack cannot hold {section}: use codes, variants, phrases, peers or off"))
    built_in = {row.code for row in base.codes}
    seen: set[str] = set()
    for code in added.codes:
        found += _at(added, code, _code_complaints(code, built_in | seen))
        seen.add(code.code)
    for variant in added.variants:
        found += _at(added, variant, _variant_complaints(variant, codes))
    for phrase in added.phrases:
        found += _at(added, phrase, _phrase_complaints(phrase, codes, added.variants))
    kinds = {row.kind for row in base.peers}
    for peer in added.peers:
        found += _at(added, peer, _peer_complaints(peer, kinds))
    known = row_ids() if added.off else ()
    for row, (place, _) in added.off.items():
        if row not in known:
            near = get_close_matches(row, known, n=2, cutoff=0.6)
            hint = f": nearest {', '.join(near)}" if near else ""
            found.append(Mistake(place, f"there is no built-in row {row!r}{hint}"))
    return found


def _at(added: Sources, row: Row, complaints: Iterable[str]) -> list[Mistake]:
    return [Mistake(added.lines[id(row)], text) for text in complaints]


def _code_complaints(code: Code, taken: set[str]) -> Iterable[str]:
    if not _CODE.fullmatch(code.code):
        yield f"{code.code!r} is not a code: use family.cause, for example shop.cart-full"
    if code.code in taken:
        yield f"{code.code} exists already: a pack cannot replace a code, but it can add variants to it"
    if code.proposes:
        yield "a pack cannot make opsagent propose an action: leave out proposes"
    if not 0 <= code.rung <= 9:
        yield f"rung is {code.rung}, expected 0 (what comes first) to 9 (what only shows)"
    for kind, effect in code.effects.items():
        if effect.verdict == "yes":
            yield f"effects.{kind}: a pack cannot use yes: use sometimes, with the condition"


def _variant_complaints(row: PackVariant, codes: dict[str, Code]) -> Iterable[str]:
    code = codes.get(row.code)
    if code is None:
        yield _unknown_code(row.code, codes)
        return
    if code.variant(row.name):
        yield f"{row.code} has a variant {row.name} already"
    for kind, effect in row.effects.items():
        own = code.effect(kind)
        if _RANK[effect.verdict] > _RANK[own.verdict]:
            yield f"effects.{kind}: {row.code} has {own.verdict}, and a pack cannot raise it to {effect.verdict}"


def _phrase_complaints(row: PackPhrase, codes: dict[str, Code], variants: Sequence[PackVariant]) -> Iterable[str]:
    code, named = codes.get(row.code), {(other.code, other.name) for other in variants}
    if code is None:
        yield _unknown_code(row.code, codes)
    elif row.variant and not code.variant(row.variant) and (row.code, row.variant) not in named:
        yield f"{row.code} has no variant {row.variant!r}"
    if not 0 < row.strength <= 0.9:
        yield f"strength is {row.strength:g}, expected more than 0 and at most 0.9"
    import re2  # noqa: PLC0415 - 20 ms that only packs pay

    options = re2.Options()
    options.case_sensitive, options.log_errors = False, False
    try:
        pattern = re2.compile(row.pattern, options)
    except re2.error as error:
        yield f"pattern: RE2 cannot read it: {_text(error)}"
        return
    if pattern.search(""):
        yield "pattern: it matches an empty line, and so every line"
    if not pattern.search(row.example):
        yield f"the example does not match the pattern: {row.example[:80]!r}"
    if pattern.search(row.near_miss):
        yield f"not: the near miss matches the pattern too: {row.near_miss[:80]!r}"


def _peer_complaints(row: Peer, kinds: set[str]) -> Iterable[str]:
    from opsagent.analysis.catalog.peers import PeerIndex  # noqa: PLC0415

    if row.kind not in kinds:
        yield f"kind {row.kind!r} is unknown: use {', '.join(sorted(kinds))}"
    if not (row.names or row.images or row.ports or row.words):
        yield "give names, images, ports or words by which it is recognised"
    elif any(name.strip("*") == "" for name in row.names):
        yield 'names: "*" alone would be every program'
    elif not (index := PeerIndex((row,))).find(name=row.example) and not index.find(image=row.example):
        yield f"the example is not recognised: {row.example[:80]!r}"


def _unknown_code(code: str, codes: Iterable[str]) -> str:
    near = get_close_matches(code, tuple(codes), n=2, cutoff=0.6)
    return f"there is no code {code!r}" + (f": nearest {', '.join(near)}" if near else ": add it under codes")


def _text(error: Exception) -> str:
    said = error.args[0] if error.args else error
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _kept(added: Sources, wrong: set[str]) -> Sources:
    def right(row: Row) -> bool:
        return added.lines[id(row)] not in wrong

    return Sources(
        codes=[row for row in added.codes if right(row)],
        variants=[row for row in added.variants if right(row)],
        phrases=[row for row in added.phrases if right(row)],
        peers=[row for row in added.peers if right(row)],
        off={row: entry for row, entry in added.off.items() if entry[0] not in wrong},
        lines=added.lines,
    )


def _joined(base: Sources, added: Sources) -> Sources:
    codes = [_with_variants(row, added) for row in (*base.codes, *added.codes)]
    known = {row.code for row in codes}
    return Sources(
        codes=codes,
        phrases=[row for row in added.phrases if row.code in known],
        # Operators know what their programs are called: their peers come first.
        peers=[*added.peers, *(row for row in base.peers if f"peer:{row.product}" not in added.off)],
        reasons=[row for row in base.reasons if not _is_off(row, added)],
        messages=base.messages,
        remarks=base.remarks,
        off=added.off,
        actions=base.actions,
        tags=base.tags,
        lines=added.lines,
    )


def _with_variants(code: Code, added: Sources) -> Code:
    rows = [row for row in added.variants if row.code == code.code]
    if not rows:
        return code
    more = (Variant(row.name, row.meaning, row.steps, row.effects) for row in rows)
    return replace(code, variants=(*code.variants, *more))


def _is_off(row: Reason, added: Sources) -> bool:
    return f"reason:{row.reason}" in added.off


def _line(place: str) -> tuple[str, int]:
    name, _, line = place.rpartition(":")
    return name, int(line) if line.isdigit() else 0

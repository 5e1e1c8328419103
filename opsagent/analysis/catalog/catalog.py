"""What is known, as one value: codes, phrases, peers and reasons, with one query a property."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property

from opsagent.analysis.catalog.compiled import loaded
from opsagent.analysis.catalog.literals import literals_of
from opsagent.analysis.catalog.messages import MessageIndex
from opsagent.analysis.catalog.peers import PeerIndex
from opsagent.analysis.catalog.phrase import Meaning, Phrase, Verdict, compiled
from opsagent.analysis.catalog.records import NO_EFFECT, Code, Effect, Message, PackPhrase, Peer, Reason, Row, Variant
from opsagent.analysis.catalog.remarks import RemarkIndex
from opsagent.analysis.catalog.sources import Sources

_NOTHING = Effect("no", "nothing is done")
_LATEST = 5  # the rung of a code that no row knows


class Catalog:
    """The rows of the catalog, built-in and of packs; frozen once made."""

    def __init__(self, sources: Sources) -> None:
        """Index the rows; a later row of the same code takes an earlier one's place."""
        self._codes = {row.code: row for row in sources.codes}
        self._actions = dict(sources.actions)
        self.tags: Mapping[str, str] = dict(sources.tags)
        self.added: tuple[PackPhrase, ...] = tuple(sources.phrases)  # phrases of packs
        self._places = dict(sources.lines)
        self.peers: tuple[Peer, ...] = tuple(sources.peers)
        self.reasons: tuple[Reason, ...] = tuple(sources.reasons)
        self.messages = MessageIndex(sources.messages)
        self.remarks = RemarkIndex(sources.remarks)
        self.off: Mapping[str, tuple[str, str]] = dict(sources.off)  # a row that a pack switched off -> place, why
        self._tagged: dict[str, frozenset[str]] = {}
        for tag in {tag for row in self._codes.values() for tag in row.tags}:
            self._tagged[tag] = frozenset(row.code for row in self._codes.values() if tag in row.tags)
        self._explains: dict[str, frozenset[str]] = {}

    def __len__(self) -> int:
        """Return the number of codes."""
        return len(self._codes)

    def __contains__(self, code: object) -> bool:
        """Return whether a code is known."""
        return code in self._codes

    def __getitem__(self, code: str) -> Code:
        """Return a code that has to be there; KeyError where it is not."""
        return self._codes[code]

    def get(self, code: str) -> Code | None:
        """Return what is known about a code, None where it is not one of the catalog."""
        return self._codes.get(code)

    def about(self, code: str) -> Code:
        """Return what is known about a code; of one that is none of the catalog, a row that states nothing."""
        return self._codes.get(code) or Code(code, "low", "", "", "", _LATEST)

    @property
    def rows(self) -> tuple[Code, ...]:
        """Return every code with what is known of it, family by family."""
        return tuple(self._codes.values())

    @property
    def codes(self) -> tuple[str, ...]:
        """Return every code."""
        return tuple(self._codes)

    def place_of(self, row: Row) -> str:
        """Return where a row was read: "packs/shop.yaml:12", "" for a built-in one."""
        return self._places.get(id(row), "")

    def order(self, code: str) -> int:
        """Return a code's place in the causal chain: 0 for what comes first, 9 for what only shows."""
        return self.about(code).rung

    def explains(self, code: str) -> frozenset[str]:
        """Return the codes that follow from a code."""
        if code not in self._explains:
            self._explains[code] = frozenset(self._expanded(self.about(code).explains))
        return self._explains[code]

    def tagged(self, tag: str) -> frozenset[str]:
        """Return the codes that carry a tag of tags.yaml."""
        return self._tagged.get(tag, frozenset())

    def is_a(self, code: str, tag: str) -> bool:
        """Return whether a code carries a tag of tags.yaml."""
        return code in self._tagged.get(tag, ())

    def transient(self, code: str) -> bool:
        """Return whether later successes show that a code is over."""
        return self.about(code).transient

    def about_callee(self, code: str) -> bool:
        """Return whether a code reports the failure of another program, one that is called."""
        return self.about(code).complaint == "callee"

    def proposes(self, code: str) -> str:
        """Return the kind of effect that a plan proposes by itself for a code: "restart" …, "" for none."""
        return self.about(code).proposes

    def variant(self, code: str, name: str) -> Variant | None:
        """Return a variant of a code."""
        return self.about(code).variant(name)

    def effect(self, code: str, variant: str, action: str) -> Effect:
        """Return whether an action fixes a code or its variant; doing nothing never does, nor what no row names."""
        kind = self._actions.get(action)
        if action == "none":
            return _NOTHING
        row = self._codes.get(code)
        if row is None or kind is None:
            return NO_EFFECT
        sub = row.variant(variant)
        if sub is not None and kind in sub.effects:
            return sub.effects[kind]
        return row.effects.get(kind, NO_EFFECT)

    def steps(self, code: str, variant: str = "") -> tuple[str, ...]:
        """Return the next steps for a code, those of the variant where it has its own."""
        row = self.about(code)
        sub = row.variant(variant)
        return sub.steps if sub is not None and sub.steps else row.steps

    def message(self, subject: str, text: str) -> Message | None:
        """Return what a message of Kubernetes means to the check of a subject; None where no row fits."""
        return self.messages.find(subject, text)

    def remarks_on(self, subject: str, text: str) -> bool:
        """Return whether a line states what remarks.yaml has under a subject: "routine", "recovered" …"""
        return self.remarks.fits(subject, text)

    def summary(self, subject: str, code: str) -> str:
        """Return the sentence of a finding: that of the subject's rows, else the code's meaning."""
        return self.messages.summary(subject, code) or self.about(code).meaning

    def reason(self, reason: str, of: str) -> Reason | None:
        """Return the row of a reason as it is reported by an event, a condition, a state or a pod; None if unknown."""
        return self._reasons.get((reason, of))

    @cached_property
    def _reasons(self) -> Mapping[tuple[str, str], Reason]:
        return {(row.reason, row.of): row for row in reversed(self.reasons)}

    @cached_property
    def meanings(self) -> tuple[Meaning, ...]:
        """Return the phrases by their meaning, built-in ones first: of those that fit one line the first counts."""
        kept = tuple(meaning for meaning in compiled() if meaning.id not in self.off)
        last = kept[-1].order if kept else 0
        return (*kept, *(self._meaning(row, last + place) for place, row in enumerate(self.added, 1)))

    def _meaning(self, row: PackPhrase, order: int) -> Meaning:
        known = self._codes[row.code]
        summary = row.summary or known.meaning.rstrip(".")
        verdict = Verdict(row.code, row.strength, known.rung, summary, row.variant or None, row.blames)
        return Meaning(order, verdict, (Phrase(row.pattern, literals_of(row.pattern), None, tuple(row.where)),))

    @cached_property
    def peer_index(self) -> PeerIndex:
        """Return the peers, found by name, image, port or text."""
        return PeerIndex(self.peers)

    def peer_kind(
        self, *, name: str | None = None, image: str | None = None, port: int | str | None = None, text: str = ""
    ) -> str | None:
        """Return what a peer is ("database", "cache", "broker" …), None where nothing states it; see PeerIndex.find."""
        return self.peer_index.kind(name=name, image=image, port=port, text=text)

    def unreachable_code(self, kind: str | None) -> str | None:
        """Return the code of a peer of a kind that cannot be reached, None where its kind has none of its own."""
        return next((row.code for row in self._codes.values() if kind and row.unreachable == kind), None)

    def unreached(self, kind: str | None = None, *, silent: bool = False) -> str:
        """Return the code of a server of a kind that cannot be reached; `silent`: it takes calls and answers none."""
        general = next(iter(self.tagged("hung-server" if silent else "any-server")))
        return self.unreachable_code(kind) or general

    def _expanded(self, entries: Iterable[str]) -> Iterator[str]:
        for entry in entries:
            if entry.startswith("="):
                yield from self.tagged(entry[1:])
            elif entry.endswith(".*"):
                yield from (code for code in self._codes if code.startswith(entry[:-1]))
            else:
                yield entry


@cache
def builtin() -> Catalog:
    """Return the built-in catalog, read once from its compiled file; packs are added by the wiring."""
    return Catalog(loaded())

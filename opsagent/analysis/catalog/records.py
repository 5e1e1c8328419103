"""The rows of the catalog: codes, phrases, peers and reasons, as frozen records."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Verdict = Literal["yes", "no", "sometimes"]
Severity = Literal["critical", "high", "medium", "low"]
Kind = Literal["symptom", "cause"]
Complaint = Literal["self", "callee"]
Where = Literal["log", "event", "condition", "alert"]
Lifecycle = Literal[
    "declared", "observed", "created", "admitted", "scheduled", "sandbox", "network", "volumes", "images",
    "container-created", "started", "running", "ready", "in-endpoints", "reachable", "ended",
]  # fmt: skip
OverWhen = Literal["", "placed", "pulled", "mounted", "ready", "started"]
CallFailure = Literal["", "refused", "silent", "unresolved", "protocol"]
NodeState = Literal["", "cordoned", "not-ready", "pressure"]
Quoted = Literal["", "variable", "path", "host", "object", "account", "pull-secret"]
WHERE: tuple[Where, ...] = ("log", "event", "condition", "alert")


@dataclass(frozen=True, slots=True)
class Effect:
    """Whether an action fixes a cause, and why or why not."""

    verdict: Verdict
    why: str


EFFECT_KINDS = ("restart", "scale", "rollback")
_PROGRAM = 3  # the rung from which on a fault shows in a program that itself may be sound
NO_EFFECT = Effect("no", "nothing is known that states it helps")


@dataclass(frozen=True, slots=True)
class Variant:
    """A sub-case of a code that needs other advice, or on which an action has another effect."""

    name: str
    meaning: str
    steps: tuple[str, ...] = ()  # instead of the code's own
    effects: Mapping[str, Effect] = field(default_factory=dict)  # by effect kind ("restart"), over the code's own
    proposes: str = ""  # the effect kind that a plan proposes, instead of the code's


@dataclass(frozen=True, slots=True)
class Code:
    """One cause code with everything that is known of it."""

    code: str
    severity: Severity
    meaning: str  # one sentence for an operator
    found: str  # what the checks go by
    remedy: str  # what usually fixes it
    rung: int  # place in the causal chain: 0 for what comes first, 9 for what only shows
    kind: Kind = "cause"
    complaint: Complaint = "self"  # whose failure it reports: the program's own, or that of one it calls
    transient: bool = False  # whether later successes show that it is over
    explains: tuple[str, ...] = ()  # codes, "family.*" or "=tag": what follows from it
    tags: frozenset[str] = frozenset()  # see tags.yaml
    failure: CallFailure = ""  # how a call to another program fails where that is what it reports
    over_when: OverWhen = ""  # what of the pod, seen later in a log of Kubernetes, shows that it is over
    quotes: Quoted = ""  # what its wording names, which the steps are filled in with
    names_object: Literal["", "no-pod", "any"] = ""  # whether a log line names the object that has to change
    brought_by: tuple[str, ...] = ()  # fields of a pod spec whose change can bring it in; none: anything can
    node_state: NodeState = ""  # the state in which a node takes no pods, where that is what it reports
    of_template: bool = False  # a fault of the pod template alone: with that corrected, only old pods have it
    unreachable: str = ""  # the kind of peer that this code names when it cannot be reached: "database", "cache"
    proposes: str = ""  # the effect kind that a plan proposes by itself: "restart", "scale", "rollback" or none
    effects: Mapping[str, Effect] = field(default_factory=dict)  # by effect kind; none: it does not help
    steps: tuple[str, ...] = ()  # with {ref}, {name}, {workload}, {service} and {ns} to be filled in
    confirms: tuple[str, ...] = ()  # what, if seen, makes it certain
    rules_out: tuple[str, ...] = ()  # what, if seen, states that it is something else
    variants: tuple[Variant, ...] = ()

    @property
    def family(self) -> str:
        """Return what is before the dot: "db"."""
        return self.code.partition(".")[0]

    @property
    def follows(self) -> bool:
        """Return whether it is how a program fails that another fault, elsewhere, may have led to."""
        return self.rung >= _PROGRAM

    def effect(self, kind: str) -> Effect:
        """Return whether an effect kind ("restart", "scale", "rollback") fixes it; what no row names does not."""
        return self.effects.get(kind, NO_EFFECT)

    def of(self, name: str) -> "Code":
        """Return the code as it is for one of its variants: with the variant's steps and effects over its own."""
        found = self.variant(name)
        if found is None:
            return self
        effects = {**self.effects, **found.effects}
        proposes = found.proposes or self.proposes
        useful = bool(proposes) and effects.get(proposes, NO_EFFECT).verdict != "no"
        return replace(self, effects=effects, steps=found.steps or self.steps, proposes=proposes if useful else "")

    def variant(self, name: str) -> Variant | None:
        """Return a variant by its name, None where the code has none of it."""
        return next((variant for variant in self.variants if variant.name == name), None)


@dataclass(frozen=True, slots=True)
class PackPhrase:
    """One wording that a pack adds: what a program, an event or an alert prints."""

    code: str
    pattern: str  # RE2, case is ignored
    example: str  # what is really printed; has to match
    near_miss: str  # `not` in the file: shares the rarest word and means something else; must not match
    variant: str = ""
    where: tuple[Where, ...] = WHERE
    strength: float = 0.7  # 0 to 1
    summary: str = ""  # for the report; the code's meaning where it is left out
    blames: bool = False  # a complaint about somebody else: the line names a host
    prints: str = ""  # which program prints it, and where in it


@dataclass(frozen=True, slots=True)
class PackVariant:
    """A variant that a pack adds to a code."""

    code: str
    name: str
    meaning: str
    steps: tuple[str, ...] = ()
    effects: Mapping[str, Effect] = field(default_factory=dict)  # never better than the code's own


@dataclass(frozen=True, slots=True)
class Peer:
    """One kind of program that others call: a database, a cache, a broker …"""

    kind: str
    example: str  # a name, an image or host:port that this row recognises
    product: str = ""
    names: tuple[str, ...] = ()  # parts of a name between "-", "." and "_"; "*" at either end stands for more letters
    images: tuple[str, ...] = ()  # last path elements of an image, without tag
    ports: tuple[int, ...] = ()
    words: tuple[str, ...] = ()  # words of its protocol that only its clients and it print


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a Kubernetes event, condition or container state."""

    reason: str
    of: Literal["event", "condition", "waiting", "terminated", "pod"]
    meaning: str
    rung: Lifecycle  # the step of the lifecycle that it is about
    example: str  # a message as Kubernetes writes it
    failing: bool = True  # or routine
    code: str = ""  # what it points to, where one
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What Kubernetes writes, and what it means to the check that reads it."""

    subject: str  # "scheduling", "claim", "creation", "image", "mount", "sandbox", "start", "exit", "node"
    code: str
    example: str
    said: tuple[str, ...] = ()  # one of these, in lower case, is in the message
    pattern: str = ""  # or this fits, case ignored
    strength: float = 0.0  # 0: the check has its own
    summary: str = ""
    variant: str = ""
    then: str = ""  # what the check has to decide itself


@dataclass(frozen=True, slots=True)
class Remark:
    """What a program prints that is no fault, or that states that one is over."""

    subject: str  # "routine", "recovered" …: see remarks.yaml
    pattern: str  # RE2, case is ignored, named sub-patterns expanded
    example: str
    near_miss: str  # `not` in the file
    unless: str = ""  # a line that matches this, too, is another matter
    literals: tuple[str, ...] = ()  # one of these, lower case, is in every match; empty: not known


Row = Code | PackPhrase | PackVariant | Peer | Reason | Message | Remark

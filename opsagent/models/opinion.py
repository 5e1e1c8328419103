"""What a model stated: its first reading of the logs, and its last word on the cause."""

from dataclasses import dataclass
from typing import Literal

from opsagent.models.evidence import UNKNOWN, Evidence
from opsagent.models.plan import Action

# agrees: the rules' first cause. unsure: it does not know. differs: another cause, and the rules' order holds.
# reordered: it chose among causes that the rules hold nearly as likely. named: where the rules did not know.
# explains: what the rules found is a symptom, and its cause is behind it.
Agreement = Literal["agrees", "unsure", "differs", "reordered", "named", "explains"]
USED: frozenset[Agreement] = frozenset({"reordered", "named", "explains"})  # the report rests on the model's answer
OTHER = "other"  # a cause outside the catalog, in the model's own words


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the model with its quote, and what the tests in code made of it."""

    text: str
    quote: str
    evidence: str  # id
    supported: bool = False
    why: str = ""  # why it is not supported


@dataclass(frozen=True, slots=True)
class LookedUp:
    """One call of a read-only tool that the model made, and what came of it."""

    call: str  # "search(blog, 'timeout')"
    text: str  # its gist; the answer itself where it is not evidence, and the right form where it was a slip
    evidence: Evidence | None = None
    ok: bool = True  # False: a slip


@dataclass(frozen=True, slots=True)
class Reading:
    """The model's own vote before it saw what the rules concluded, and what it looked up on the way."""

    code: str | None = None  # None: it did not come to an answer
    object: str | None = None
    text: str = ""
    evidence: tuple[Evidence, ...] = ()
    calls: tuple[LookedUp, ...] = ()

    def __post_init__(self) -> None:
        for name in ("evidence", "calls"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def looked_up(self) -> tuple[Evidence, ...]:
        """The answers that may be cited."""
        return tuple(one.evidence for one in self.calls if one.evidence is not None)


@dataclass(frozen=True, slots=True)
class Opinion:
    """The model's cause beside the rules' one, with its own evidence; it never changes what is planned."""

    code: str
    object: str | None
    summary: str
    evidence: tuple[Evidence, ...]
    action: Action = "none"  # what it would do; the plan is made by rules alone
    target: str | None = None
    replicas: int | None = None
    recommendations: tuple[str, ...] = ()  # its words, checked by nobody
    claims: tuple[Claim, ...] = ()
    unfounded: str = ""  # why its cause does not hold, whatever its claims: too late, off the call path
    doubt: str = ""  # the risk that it sees in the rules' plan, where it explains their cause by a deeper one
    vote: str = ""  # its own vote before it saw the rules' causes: "db.locked at Deployment/blog"
    agreement: Agreement = "differs"
    text: str = ""  # one sentence for the operator: what became of it, and why

    def __post_init__(self) -> None:
        for name in ("evidence", "recommendations", "claims"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def unexplained(self) -> bool:
        """Return whether it states that the evidence does not show the cause."""
        return self.code == UNKNOWN

    @property
    def supported(self) -> tuple[Claim, ...]:
        """The claims that passed every test."""
        return tuple(claim for claim in self.claims if claim.supported)

    @property
    def holds(self) -> bool:
        """Whether at least one claim is supported, and nothing speaks against the cause itself."""
        return bool(self.supported) and not self.unfounded

"""A model's opinion held against the incident: each claim tested, and the cause's time, place and words."""

from dataclasses import replace
from typing import TYPE_CHECKING

from opsagent.agent.context import Context
from opsagent.agent.diagnosis import Conclusion
from opsagent.agent.model.prompt_room import readable
from opsagent.agent.state import State
from opsagent.agent.weighing import graph_of
from opsagent.analysis.reasoning.claims import judged, late, off_path, related, unfounded
from opsagent.analysis.reasoning.meanings import bearing, read_as
from opsagent.models.evidence import Cause, Evidence
from opsagent.models.opinion import OTHER, Claim, Opinion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opsagent.agent.model.answer_check import Known

_KINDS = ("a ", "where ")
_SURE = 12  # characters of a quote that can stand for one piece only


def checked(
    said: Opinion,
    state: State,
    ctx: Context,
    concluded: Conclusion,
    *,
    names: frozenset[str],
    evidence: "Sequence[Evidence]",
) -> Opinion:
    """Return the opinion with each claim tested, and why its cause as such does not hold, where it does not."""
    # A quote is copied from what was shown: without the signs that nobody sees.
    pieces = {piece.id: replace(piece, text=readable(piece.text)) for piece in evidence}
    about = [name for name in (state.get("patient"), said.object, (said.object or "").partition("/")[2]) if name]
    placed = tuple(_placed(claim, pieces) for claim in said.claims)
    claims = judged(placed, pieces, known=names, about=(*about, said.code))
    claims, shown = _by_meaning(said.code, claims, pieces, ctx, concluded)
    quoted = {claim.evidence for claim in claims if claim.supported}
    sources = [pieces[name] for name in quoted]
    kept = {piece.id: piece for piece in (*said.evidence, *(piece for piece in evidence if piece.id in quoted))}
    first = concluded.ranking.causes[0] if concluded.ranking.causes else None
    weighed = replace(said, claims=claims, evidence=tuple(kept.values()))
    why = (
        shown
        or _words_wrong(said, sources, names, about)
        or late(claims, pieces, symptom_of(first, said, pieces))
        or off_path(service_of(ctx, said.object), state.get("patient"), graph_of(ctx, tuple(state.get("digests", ()))))
    )
    return replace(weighed, unfounded=why)


def _by_meaning(
    code: str, claims: "Sequence[Claim]", pieces: "Mapping[str, Evidence]", ctx: Context, concluded: Conclusion
) -> tuple[tuple[Claim, ...], str]:
    """Return the claims, and why the cause does not hold: no real quote of another fault supports it.

    A quote of what follows from the cause may stand, but something has to show the cause itself.
    """
    tested, bears = [], set()
    for claim in claims:
        if claim.supported:
            read = read_as(claim.quote, pieces[claim.evidence], concluded.findings, ctx.catalog)
            bears.add(found := bearing(code, read, ctx.catalog))
            if found == "foreign":
                why = f"{claim.evidence} shows {', '.join(sorted(read)[:2])}, which is not {code}"
                claim = replace(claim, supported=False, why=why)  # noqa: PLW2901 - the same claim, tested
        tested.append(claim)
    only = f"all that it quotes follows from {code}; nothing shows {code} itself"
    return tuple(tested), only if bears - {"foreign"} == {"consequence"} else ""


def _placed(claim: Claim, pieces: "Mapping[str, Evidence]") -> Claim:
    """Return a claim at the piece that holds its quote, where it names another one: a slip in a number."""
    there, quote = pieces.get(claim.evidence), " ".join(claim.quote.split())
    if there is None or len(quote) < _SURE or quote in " ".join(there.text.split()):
        return claim
    holding = (piece.id for piece in pieces.values() if quote in " ".join(piece.text.split()))
    return replace(claim, evidence=next(holding, claim.evidence))


def names_in(ctx: Context, known: "Known") -> frozenset[str]:
    """Return every name that a text may use of this incident: objects, services, and products of the catalog."""
    objects = {name.partition("/")[2] for name in known.objects.values()}
    services = {service.name for service in ctx.seen.services}
    # A row that describes a kind ("a database") has ordinary words for names; of the others each is a product.
    rows = [peer for peer in ctx.catalog.peers if not peer.product.startswith(_KINDS)]
    products = {name.strip("*") for peer in rows for name in peer.names}
    return frozenset(objects | services | products)


def service_of(ctx: Context, name: str | None) -> str | None:
    """Return the service whose workload, Pod or Service an object is; None for any other object."""
    kind, _, own = (name or "").partition("/")
    if kind not in ("Deployment", "Pod", "ReplicaSet", "Service"):
        return None
    for service in ctx.seen.services:
        if own in (service.name, service.deployment) or (
            service.deployment and own.startswith(f"{service.deployment}-")
        ):
            return service.name
    return None


def symptom_of(first: Cause | None, said: Opinion, pieces: "Mapping[str, Evidence]") -> "Sequence[Evidence]":
    """Return the evidence of what a cause has to come before: the rules' first cause, where it is another one."""
    if first is None or first.code == said.code:
        return ()
    return [pieces[name] for name in first.evidence if name in pieces]


def _words_wrong(said: Opinion, sources: "Sequence[Evidence]", names: frozenset[str], about: "Sequence[str]") -> str:
    """Return what is wrong with the words of a cause outside the catalog: nothing else carries it."""
    if said.code != OTHER or not sources:
        return ""
    if not said.summary:
        return "it does not state its cause"
    made_up = unfounded(said.summary, sources, known=names, about=about)
    if made_up:
        return f"{made_up!r} in its sentence is in no evidence that it quotes"
    return "" if related(said.summary, sources) else "its sentence is not about the evidence that it quotes"

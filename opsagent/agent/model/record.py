"""What a model was asked, looked up and stated, on the audit trail, so that nothing is asked twice.

A process that resumes an incident finds its look-ups and answers here. So does another incident of the same fault: one
investigation serves all of them for some hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from opsagent.agent.context import Context
from opsagent.agent.trail import facts_key
from opsagent.errors import StoreError
from opsagent.models.audit import AuditRecord
from opsagent.models.evidence import Cause, Evidence
from opsagent.models.opinion import LookedUp, Opinion, Reading
from opsagent.store.records import RecordError, from_json, to_json

SAME_FAULT_H = 6.0  # for which one investigation of a fault serves its other incidents


@dataclass(frozen=True)
class Kept:
    """What the trail holds of one incident's model."""

    calls: tuple[LookedUp, ...] = ()
    reading: Reading | None = None  # its vote, where it had given one
    said: Opinion | None = None  # its last answer


def fault_key(ctx: Context, patient: str | None, causes: Sequence[Cause]) -> str:
    """Name a fault by its facts, as an incident is named; an own kind of key, for it names no plan."""
    first = next(iter(causes), None)
    return facts_key(
        ctx.platform.where, patient, first.code if first else None, first.object if first else None, "model"
    )


def keep(ctx: Context, incident_id: str, what: str, value: Any, text: str, *, key: str | None = None) -> None:
    """Put one call, vote or answer on the trail."""
    name = ctx.model.name if ctx.model else ""
    data = {"model": name, "what": what, "text": ctx.seen.redact(text)[:400], "record": to_json(value)}
    ctx.archive.audit("model", incident_id, data, ctx.clock(), key=key)


def kept(ctx: Context, incident_id: str) -> Kept:
    """Return what this incident's model has looked up and stated so far."""
    return _kept(ctx.archive.audited("model", incident_id=incident_id))


def same_fault(ctx: Context, incident_id: str, key: str) -> tuple[str, Kept] | None:
    """Return the newest finished investigation of the same fault by another incident, within some hours."""
    for record in reversed(ctx.archive.audited("model", key=key)):
        hours = (ctx.clock() - record.at).total_seconds() / 3600
        if record.incident_id != incident_id and 0 <= hours < SAME_FAULT_H and record.data.get("what") == "answer":
            found = kept(ctx, record.incident_id)
            return (record.incident_id, found) if found.said is not None else None
    return None


def renumbered(calls: Iterable[LookedUp], after: int) -> tuple[LookedUp, ...]:
    """Return kept calls with numbers behind those that this process has given."""
    numbered: list[LookedUp] = []
    for one in calls:
        piece = one.evidence
        if piece is not None:
            after += 1
            piece = replace(piece, id=f"E{after}")
        numbered.append(replace(one, evidence=piece))
    return tuple(numbered)


def adopted(said: Opinion, evidence: Sequence[Evidence], after: int) -> Opinion:
    """Return another incident's opinion with the numbers of this one: what both hold has this one's number."""
    there = {(piece.source, piece.where, piece.text): piece.id for piece in evidence}
    names: dict[str, str] = {}
    pieces: list[Evidence] = []
    for piece in said.evidence:
        known = there.get((piece.source, piece.where, piece.text))
        if known is None:
            after += 1
            known = f"E{after}"
        names[piece.id] = known
        pieces.append(replace(piece, id=known))
    claims = tuple(replace(claim, evidence=names.get(claim.evidence, "")) for claim in said.claims)
    return replace(said, evidence=tuple(pieces), claims=claims)


def spent_today(ctx: Context) -> int | None:
    """Return the tokens of this day; None where nobody counts them."""
    if ctx.spending is None:
        return None
    try:
        return ctx.spending.of_day(_today())
    except StoreError:
        return None  # the report states that the day is not counted


def spend(ctx: Context, tokens: int) -> int | None:
    """Count tokens to this day, and return the day's; None where nobody counts them."""
    if ctx.spending is None:
        return None
    try:
        if tokens:
            ctx.spending.add(_today(), tokens)
        return ctx.spending.of_day(_today())
    except StoreError:
        return None  # as above


def _today() -> datetime:
    """Return the time at which tokens are paid for: the clock of a bundle is that of its incident."""
    return datetime.now(UTC)


def _kept(records: Iterable[AuditRecord]) -> Kept:
    found = Kept()
    for record in records:
        what, value = record.data.get("what"), record.data.get("record")
        try:
            if what == "call":
                found = replace(found, calls=(*found.calls, from_json(LookedUp, value)))
            elif what == "vote":
                found = replace(found, reading=from_json(Reading, value))
            elif what == "answer":
                found = replace(found, said=from_json(Opinion, value))
        except RecordError as error:
            raise StoreError(
                f"record {record.number} of the audit trail holds no {what} of a model: {error}",
                hint="opsagent audit --verify names every broken record",
            ) from error
    return found

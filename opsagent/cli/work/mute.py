"""Mute a known fault, list what is muted, and list what was done."""

from datetime import UTC, datetime, timedelta

from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.errors import IncidentError, UsageError
from opsagent.models.mute import Mute
from opsagent.store.incidents import Incident
from opsagent.tools.since import parse_since
from opsagent.ui.console import err, note_text, show, write
from opsagent.ui.incidents_view import actions_view, mutes_view
from opsagent.ui.moment import full
from opsagent.ui.terminal import operator


def mute(setup: Setup, what: str, obj: str | None, *, duration: str | None, reason: str | None) -> None:
    """Keep the mute and state until when it lasts."""
    if duration is None or not reason:
        raise UsageError(
            "mute needs a time and a reason", hint='opsagent mute ID --for 8h --reason "the disk is ordered"'
        )
    seconds = parse_since(duration)
    if not seconds:
        raise UsageError(f"invalid duration {duration!r}: use 45m, 8h or 1h30m")
    now = datetime.now(UTC)
    known = _named(setup, what, obj)
    made = Mute(now, now + timedelta(seconds=seconds), operator(), reason, known.fault, known.code, known.object,
                known.incident_id)  # fmt: skip
    setup.store.mutes.add(made)
    text = "{what} is not announced until {until}; opsagent mute lists it"
    show(note_text(text.format(what=_name(made), until=full(made.until)), label="muted"), err())


def ended(setup: Setup, what: str, obj: str | None) -> None:
    """Announce it again."""
    now, wanted = datetime.now(UTC), _named(setup, what, obj)
    for known in setup.store.mutes.list(now):
        if (known.fault, known.code, known.object) == (wanted.fault, wanted.code, wanted.object):
            setup.store.mutes.remove(known)
            show(note_text(f"{_name(known)} is announced again", label="mute ended"), err())
            return
    raise IncidentError(f"{_name(wanted)} is not muted", hint="opsagent mute lists what is")


def listed(setup: Setup, *, output: OutputFormat | None) -> None:
    """List what is muted."""
    now = datetime.now(UTC)
    found = setup.store.mutes.list(now)
    if output:
        write(document(found, output))
    else:
        show(mutes_view(found, now))


def actions(setup: Setup, service: str | None, *, output: OutputFormat | None) -> None:
    """List what was done, newest first, with how it went."""
    ledger = {incident.id: incident for incident in setup.store.incidents.list(everything=True)}
    name = setup.service(service).name if service else None
    records = [
        record
        for record in setup.store.history.list()
        if name is None or _service(ledger.get(record.incident_id)) == name
    ]
    records.sort(key=lambda record: record.at, reverse=True)
    if output:
        write(document([_with_end(record, ledger.get(record.incident_id)) for record in records], output))
    else:
        show(actions_view(records, ledger, datetime.now(UTC)))


def _service(incident: Incident | None) -> str | None:
    return incident.service if incident else None


def _with_end(record: object, incident: Incident | None) -> dict[str, object]:
    from opsagent.models.plain import plain

    known = {"service": incident.service, "end": incident.stage, "text": incident.text} if incident else {}
    return {**plain(record), **known}


def _named(setup: Setup, what: str, obj: str | None) -> Mute:
    """Return a mute without its time, of the incident or of code and object."""
    now = datetime.now(UTC)
    if "." in what or obj is not None:
        from opsagent.cli.work.explain import found

        return Mute(now, now, "", "", code=found(setup.catalog, what).code, object=obj)
    incident = setup.store.incidents.get(what)
    if not incident.fault:
        raise IncidentError(
            f"incident {incident.id} found no fault that could be known again", hint="opsagent mute CODE OBJECT"
        )
    return Mute(now, now, "", "", fault=incident.fault, incident_id=incident.id)


def _name(mute: Mute) -> str:
    if mute.fault is not None:
        return f"the fault of incident {mute.incident_id}"
    return f"{mute.code} of {mute.object}" if mute.object else f"{mute.code}"

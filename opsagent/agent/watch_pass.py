"""One unattended pass: what is new is diagnosed and reported once, what is known is counted, what is over is closed.

An incident is known again by facts (see `faults`), never by wording.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from opsagent.agent.blind_spots import Blindness, blind_spots
from opsagent.agent.context import Context
from opsagent.agent.detection import Detection, observe
from opsagent.agent.diagnosis import collect, conclude
from opsagent.agent.faults import began_again_at, fault_key, named_place, place_of
from opsagent.agent.weighing import all_findings
from opsagent.errors import ExitCode, IncidentError, OpsagentError, StoreError
from opsagent.models.incident import FAULTLESS, Report
from opsagent.models.sighting import NoticeKind, Sighting
from opsagent.store.incidents import OPEN, Incident
from opsagent.store.store import Store

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opsagent.agent.driving import Desk

_CODES = {"escalated": ExitCode.ESCALATED, "diagnosed": ExitCode.REPORTED, "rejected": ExitCode.REPORTED}


@dataclass(frozen=True, slots=True)
class Met:
    """One incident that a pass met, and whether it is to be reported."""

    sighting: Sighting
    stage: str
    code: ExitCode
    notice: NoticeKind | None = None  # None: known already, nothing is stated
    report: Report | None = None


@dataclass(frozen=True)
class Pass:
    """One pass over one platform."""

    ctx: Context
    store: Store
    platform: str  # whose sightings these are
    desk: Callable[[], "AbstractContextManager[Desk]"]

    def run(self) -> Iterator[Met | Blindness | OpsagentError]:
        """Yield what could not be read, then what was met, service by service; an error of one hides no other."""
        found = observe(self.ctx, None)
        yield from self._blind(found)
        known = self.store.sightings.list(self.platform)
        met: set[str] = set()
        for patient in () if found.doubtful else found.patients:
            try:
                one = self._patient(found, patient, known)
            except StoreError:
                raise  # it fails for every other service, too
            except OpsagentError as error:
                yield error
                # What could not be diagnosed is not proof of a recovery.
                met.update(sighting.key for sighting in known if _explains(sighting.service, found, patient))
                continue
            if one:
                met.add(one.sighting.key)
                yield one
                self.store.sightings.save(one.sighting)  # after it was reported: better twice than never
        known = self.store.sightings.list(self.platform)
        yield from self._over(found, [one for one in known if one.open and one.key not in met])

    def _blind(self, found: Detection) -> Iterator[Blindness]:
        sightings, known = self.store.sightings, self.store.sightings.blind_spots(self.platform)
        settings = self.ctx.settings
        there = {"objects": settings.kubernetes.enabled, "stats": settings.stats.enabled}
        sources = frozenset(name for name, enabled in there.items() if enabled)
        now = self.ctx.clock()
        for one in blind_spots(found, known, platform=self.platform, live_sources=sources, now=now):
            yield one
            sightings.save_blind_spot(one.spot)  # after it was reported: better twice than never

    def _patient(self, found: Detection, patient: str | None, known: tuple[Sighting, ...]) -> Met | None:
        now = self.ctx.clock()
        sighting = next((one for one in known if one.open and _explains(one.service, found, patient)), None)
        incident = self._incident(sighting) if sighting else None
        if sighting is None or incident is None or incident.stage == "recovered":
            return self._met(self._diagnosed(patient), known)
        if incident.stage != "running" and began_again_at(self.ctx, sighting.service, sighting.last_seen):
            return self._began_again(patient, sighting, incident)
        again = replace(sighting, last_seen=now, count=sighting.count + 1)
        if not sighting.announced and not self._muted(sighting.key, sighting.code, sighting.object):
            return self._announced_late(again, incident)
        if incident.stage == "running" or sighting.service != patient or self._key(found, patient) == sighting.key:
            return Met(again, incident.stage, _code(incident.stage))
        report = self._refreshed(incident) if incident.stage == "awaiting_approval" else self._diagnosed(patient)
        self.store.sightings.save(replace(again, open=False))
        return self._met(report, known, before=sighting)

    def _began_again(self, patient: str | None, sighting: Sighting, incident: Incident) -> Met | None:
        """Close an incident whose fault was gone between two passes, and begin another one."""
        gone = replace(sighting, open=False)
        self.store.sightings.save(gone)
        if incident.stage == "awaiting_approval":
            closing = "recovered by itself between two checks, and began again later"
            self.store.incidents.closed_with(incident.id, "recovered", closing, self.ctx.clock())
        others = [one for one in self.store.sightings.list(self.platform) if one.key != gone.key]
        return self._met(self._diagnosed(patient), (*others, gone))

    def _announced_late(self, sighting: Sighting, incident: Incident) -> Met:
        """Announce what was muted when it was met, and still is there when the mute is over."""
        try:
            report = self.store.reports.load(incident.id)
        except (IncidentError, StoreError):
            report = None
        announced = replace(sighting, announced=True, told_at=self.ctx.clock())
        return Met(announced, incident.stage, _code(incident.stage), "new" if report else None, report)

    def _muted(self, fault: str, code: str | None, obj: str | None) -> bool:
        now = self.ctx.clock()
        return any(mute.covers(fault, code, obj, now) for mute in self.store.mutes.list(now))

    def _diagnosed(self, patient: str | None) -> Report:
        # A pass that meets nothing new does without the graph, which costs over a second at import.
        from opsagent.agent import run  # noqa: PLC0415

        waiting = next((one for one in self._waiting() if one.service == patient), None)
        if waiting:
            return self._refreshed(waiting)
        with self.desk() as desk:
            return run.diagnose_one(self.ctx, run.DiagnosisRequest(patient), desk, None)[0]

    def _refreshed(self, incident: Incident) -> Report:
        """Let a pending incident check again: it waits with a new panel, or has ended by itself."""
        # As above.
        from opsagent.agent import run  # noqa: PLC0415

        with self.desk() as desk:
            return run.go_on(self.ctx, incident.id, desk, None, how="opsagent watch")

    def _met(self, report: Report, known: tuple[Sighting, ...], before: Sighting | None = None) -> Met | None:
        """Enter a report's incident among the sightings, and decide whether it is reported."""
        if report.status in (*FAULTLESS, "recovered"):
            return None  # gone between two checks
        cause, now = next(iter(report.causes), None), self.ctx.clock()
        code, obj = (cause.code, cause.object) if cause else (None, None)
        key = report.fault or fault_key(named_place(report.where), report.service, cause)
        if before and before.key == key:
            same_facts = replace(before, last_seen=now, count=before.count + 1, incident_id=report.incident_id)
            return Met(same_facts, report.status, _code(report.status), None, report)
        fresh = Sighting(key, self.platform, report.service, code, obj, report.incident_id, now, now, now)
        notice: NoticeKind | None = "changed" if before else "new"
        if before:
            fresh = replace(fresh, first_seen=before.first_seen, count=before.count + 1)
        same = next((one for one in known if one.key == key), None)
        if same:
            # It was here before. Soon after, that is flapping: reported once, then quiet until it cooled down.
            soon = abs(now - same.told_at) < self._cool_down
            returns = same.returns + 1 if soon else 0
            quiet = soon and returns > 1
            fresh = replace(fresh, first_seen=same.first_seen if soon else now, count=same.count + 1, returns=returns)
            fresh = replace(fresh, told_at=same.told_at) if quiet else fresh
            notice = None if quiet else "flapping" if soon else notice
        if notice and self._muted(key, code, obj):
            fresh, notice = replace(fresh, announced=False), None
        return Met(fresh, report.status, _code(report.status), notice, report)

    def _over(self, found: Detection, gone: list[Sighting]) -> Iterator[Met | OpsagentError]:
        """Close what is healthy again; what could not be read is not."""
        closed: set[str] = set()
        for sighting in gone:
            if not (found.proved(sighting.service) if sighting.service else found.well(None)):
                continue
            incident, report = self._incident(sighting), None
            try:
                if incident and incident.stage == "awaiting_approval":
                    report = self._refreshed(incident)
                    if report.status != "recovered":
                        continue
            except OpsagentError as error:
                yield error
                continue
            closed.add(sighting.incident_id)
            now = self.ctx.clock()
            quiet = sighting.returns > 0 and abs(now - sighting.told_at) < self._cool_down
            quiet = quiet or not sighting.announced
            over = replace(sighting, open=False, last_seen=now)
            yield Met(over, "recovered", ExitCode.OK, None if quiet else "recovered", report)
            self.store.sightings.save(over)
        for incident in self._waiting():
            # Left by hand, and met by no pass.
            if incident.id not in closed and incident.service and found.proved(incident.service):
                try:
                    self._refreshed(incident)
                except OpsagentError as error:
                    yield error

    def _key(self, found: Detection, patient: str | None) -> str:
        """Return the facts as they are now: the rules alone, for their codes are those of the diagnosis."""
        digests = collect(self.ctx, found.calls, patient)
        findings = all_findings(self.ctx, found.calls, digests)
        made = conclude(self.ctx, patient=patient, healths=found.healths, findings=findings, digests=digests)
        cause = next(iter(made.ranking.causes), None)
        return fault_key(place_of(self.ctx), patient, cause)

    def _waiting(self) -> list[Incident]:
        return [
            incident
            for incident in self.store.incidents.list()
            if incident.stage == "awaiting_approval"
            and incident.where == self.ctx.platform.where
            and not incident.settings.get("order")
        ]

    def _incident(self, sighting: Sighting) -> Incident | None:
        try:
            return self.store.incidents.get(sighting.incident_id)
        except IncidentError:
            return None  # its ledger was begun again

    @property
    def _cool_down(self) -> timedelta:
        return timedelta(minutes=self.ctx.settings.notify.cool_down_min)


def standing(store: Store, platform: str) -> list[Met | Blindness]:
    """Return what the passes before know to be wrong, or could not read."""
    stages = {incident.id: incident.stage for incident in store.incidents.list(everything=True)}
    known = [one for one in store.sightings.list(platform) if one.open]
    blind = [spot for spot in store.sightings.blind_spots(platform).values() if spot.since is not None]
    return [
        *(Blindness(spot, ExitCode.FAILED) for spot in blind),
        *(Met(one, stages.get(one.incident_id, "diagnosed"), _code(stages.get(one.incident_id, ""))) for one in known),
    ]


def _code(stage: str) -> ExitCode:
    """Return the exit code that an incident holds for as long as its service is faulty."""
    return ExitCode.PENDING if stage in OPEN else _CODES.get(stage, ExitCode.REPORTED)


def _explains(known: str | None, found: Detection, patient: str | None) -> bool:
    """Return whether all that is faulty about a patient is above or below the service of a known incident.

    A hung service is faulty at once and slows its callers a moment later: the same incident, met from further up.
    """
    if known is None or patient is None:
        return known == patient
    faulty = {health.service for health in found.healths if health.state == "faulty"}
    concerned = faulty & {patient, *found.calls.below(patient)} | {patient}
    return all(
        name == known or name in found.calls.below(known) or known in found.calls.below(name) for name in concerned
    )

"""Did the change help: kubectl's definition of a finished rollout, and the figure that raised the incident."""

import time
from dataclasses import dataclass
from typing import Any

from opsagent.agent.context import Context
from opsagent.agent.detection import Detection, detect_now
from opsagent.agent.figure_proof import FigureProof
from opsagent.agent.scope import reading_only, scope_of
from opsagent.agent.state import State
from opsagent.analysis.evidence.rollout import Rollout, rollout_status
from opsagent.analysis.figures.stats import service_statuses, traffic_metrics
from opsagent.analysis.objects import kube
from opsagent.errors import CheckError
from opsagent.models.observed import KubeObject, StatsSample
from opsagent.models.plan import Approval, Target, Verification
from opsagent.models.service import CallGraph, Service

_HELD_READS = 3  # reads within the hold window, after the one that begins it


@dataclass
class HoldWindow:
    """One verification as it goes on: what was seen last, and since when everything is good without a break."""

    begun: float  # monotonic seconds, as every time here
    rollout: Rollout | None = None
    rolled_out_after: float | None = None
    good_since: float | None = None
    last_error: str | None = None

    def unread(self, why: str) -> None:
        """Note that something could not be read: that proves nothing, and the window starts over."""
        self.last_error, self.good_since = why, None

    def saw(self, rollout: Rollout, *, healthy: bool, now: float) -> None:
        """Note one complete check; anything but a complete rollout and a healthy patient starts the window over."""
        self.last_error, self.rollout = None, rollout
        if rollout.complete and self.rolled_out_after is None:
            self.rolled_out_after = now - self.begun
        if not (rollout.complete and healthy):
            self.good_since = None
        elif self.good_since is None:
            self.good_since = now

    def held(self, now: float, hold_s: float) -> bool:
        """Return whether it has been good for long enough."""
        return self.good_since is not None and now - self.good_since >= hold_s


def verify(state: State, ctx: Context) -> Verification:
    """Poll until rollout and figure are good for the hold window, or the time is over."""
    approval = state["approval"]
    assert approval is not None
    failed = [
        action.outcome for action in state.get("actions", ()) if action.outcome.startswith(("failed", "not known"))
    ]
    calls = state.get("calls") or CallGraph()
    scope = scope_of(state, approval.target, ctx.seen.services, calls, ctx.seen.known_objects)
    with reading_only(ctx.seen, scope):  # what was read before the change verifies nothing
        return _watched(state, ctx, approval, failed[-1] if failed else None)


def _watched(state: State, ctx: Context, approval: Approval, failed: str | None) -> Verification:
    limits = ctx.settings.verify
    watch = HoldWindow(begun=time.monotonic())
    detection: Detection | None = None
    proof = FigureProof.of(state, ctx)
    while not (failed and detection):
        if failed or _rolled_out(ctx, approval, watch):
            with proof.alone():
                detection = _look(state, ctx, approval, watch) or detection
        if watch.good_since is not None and not proof.good():
            watch.good_since = None
        now = time.monotonic()
        if watch.held(now, limits.hold_s):
            return _result(state, ctx, watch, detection, recovered=True, quote=proof.quote())
        if now - watch.begun >= limits.timeout_s + proof.longer_s:
            break
        ctx.progress.doing("verify", _progress(watch, limits.hold_s))
        # A few reads prove the hold window as well as many: each costs the API server a few requests.
        ctx.pause(max(limits.interval_s, limits.hold_s / _HELD_READS if watch.good_since is not None else 0.0))
    if detection is None:  # the rollout never got that far: what is wrong with it is reported all the same
        with proof.alone():
            detection = _look(state, ctx, approval, watch)
    return _result(state, ctx, watch, detection, recovered=False, why=failed, quote=proof.quote())


def _rolled_out(ctx: Context, approval: Approval, watch: HoldWindow) -> bool:
    """Return whether the rollout is complete; until then the object alone is read, for it states how far it is."""
    if watch.rollout is not None and watch.rollout.complete and not watch.last_error:
        return True
    target = approval.target
    try:
        rollout = rollout_status(ctx.platform.get(target.kind, target.name))
    except CheckError as error:
        watch.unread(error.message)
        return False
    watch.saw(rollout, healthy=False, now=time.monotonic())  # not judged yet: that follows a complete rollout
    return rollout.complete


def _look(state: State, ctx: Context, approval: Approval, watch: HoldWindow) -> Detection | None:
    patient, target = state.get("patient"), approval.target
    try:
        detection = detect_now(ctx, state.get("asked") or patient, confirm=False)
        workload, pods = _seen_or_read(ctx, target)
    except CheckError as error:
        objects = ctx.seen.known_objects
        watch.unread(objects.skipped[0].why if objects.skipped and not objects.looked else error.message)
        return None
    if kube.text(workload, "metadata", "uid") != target.uid:
        watch.unread(f"{target} was replaced after the change")
        return detection
    rollout = rollout_status(workload, pods)
    watch.saw(rollout, healthy=_healthy(state, detection), now=time.monotonic())
    return detection


def _seen_or_read(ctx: Context, target: Target) -> tuple[KubeObject, list[KubeObject]]:
    """Return the changed object and the pods of this check; CheckError where it could not be read."""
    objects = ctx.seen.objects
    found = [i for i in objects.items if kube.kind(i) == target.kind and kube.name(i) == target.name]
    workload = found[0] if found else ctx.platform.get(target.kind, target.name)
    if "Pod" not in objects.looked:
        whys = {skipped.source: skipped.why for skipped in objects.skipped}
        raise CheckError(whys.get("pods", "the pods could not be read"), source="pods")
    return workload, [item for item in objects.items if kube.kind(item) == "Pod"]


def _healthy(state: State, detection: Detection) -> bool:
    """Return whether the patient, and each service below it that was faulty, was read and is healthy."""
    patient = state.get("patient")
    if patient and state.get("order"):  # what else was faulty before it is no matter of the operator's own command
        return detection.state(patient) == "healthy"
    return detection.well(patient, detection.faulty_before(state.get("healths", ()), patient))


def _progress(watch: HoldWindow, hold_s: float) -> str:
    if watch.rollout is None or watch.last_error:
        return f"could not check: {watch.last_error}"
    if watch.good_since is None:
        return watch.rollout.text
    return f"{watch.rollout.text} · good for {time.monotonic() - watch.good_since:.0f} of {hold_s:.0f} s"


def _result(
    state: State,
    ctx: Context,
    watch: HoldWindow,
    detection: Detection | None,
    *,
    recovered: bool,
    why: str | None = None,
    quote: str = "",
) -> Verification:
    patient = state.get("patient") or "all services"
    took_s = time.monotonic() - watch.begun
    after = figures(ctx.seen.services, state.get("patient"), detection.newest if detection else None)
    before = figures(ctx.seen.services, state.get("patient"), state.get("before"))
    rollout = watch.rollout.text if watch.rollout else "not read"
    if recovered:
        rollout += f" in {watch.rolled_out_after or 0:.0f} s"
        figure = f"{patient} {after.get('status', 'well')} for {ctx.settings.verify.hold_s:.0f} s"
    elif why:
        figure = why
    elif detection is None or watch.last_error:
        figure = f"could not check: {watch.last_error}"
    else:
        symptoms = detection.symptoms(state.get("patient"))
        why = symptoms[0].text if symptoms else "not well long enough"
        figure = f"{patient} still faulty after {took_s:.0f} s: {why}"
    speed = _arrow(before.get("response_ms"), after.get("response_ms"), ctx.settings.thresholds.response_ms)
    text = " · ".join(part for part in (rollout, figure, quote, speed) if part)
    return Verification(recovered, rollout, figure, before, after, took_s, text)


def figures(services: tuple[Service, ...], patient: str | None, sample: StatsSample | None) -> dict[str, Any]:
    """Return the figures of one sample that before and after are reported in; empty where there is none."""
    if sample is None or sample.stats is None:
        return {}
    statuses = service_statuses(services, sample)
    traffic = traffic_metrics(sample)
    return {
        "at": sample.at.isoformat(timespec="seconds"),
        "status": next((status.status for status in statuses if status.service == patient), None),
        "requests_per_second": traffic.window_requests_per_second if traffic else None,
        "response_ms": _rounded(traffic.window_avg_response_time_ms if traffic else None, 1),
        "stats_took_s": _rounded(sample.took_s, 2),
    }


def _rounded(figure: float | None, digits: int) -> float | None:
    return None if figure is None else round(figure, digits)


def _arrow(before: float | None, after: float | None, limit: float) -> str:
    """Return "1531 → 6 ms, limit 1000 ms"; the limit where it was passed."""
    if before is None or after is None:
        return ""
    bound = f", limit {limit:.0f} ms" if max(before, after) >= limit else ""
    return f"{before:.0f} → {after:.0f} ms{bound}"

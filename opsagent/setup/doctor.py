"""The check-up behind `opsagent doctor`: one small function a thing, each stating what was seen and how to fix it.

A check never raises OpsagentError: what fails is what it reports.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsagent.clients.identity import Greeting, Identity
from opsagent.config.settings import Settings, logs_elsewhere
from opsagent.errors import CheckError, StoreError
from opsagent.models.checkup import Check
from opsagent.models.platform import Platform
from opsagent.models.service import Service
from opsagent.models.status import HealthReport
from opsagent.setup.access_checks import access_checks
from opsagent.setup.collecting import COLLECTING
from opsagent.setup.model_check import model_check
from opsagent.store.paths import make_private, open_private, reason, way_out
from opsagent.store.store import Store, sample_key
from opsagent.tools.stats import check_all_health

SLOW_S = 1.9  # the load balancer gives each service 2 s
_FEWEST_SAMPLES = 3  # two windows of the success share have three ends
_NO_CLUSTER = Check("cluster", "ok", "switched off (kubernetes.enabled is false): nothing of one is read or changed")
SKEW_S = 10.0  # more than the Date header's second and an ordinary drift


def check_up(
    settings: Settings,
    platform: Platform,
    services: Callable[[], tuple[Service, ...]],
    store: Store,
    *,
    environ: Mapping[str, str],
    file: Path | None,
) -> Iterator[Check]:
    """Yield every check as it is made, the nearest things first; `services` are asked for when they are needed."""
    yield config_check(settings, file)
    yield state_check(store)
    yield stats_check(settings, platform)
    if settings.stats.enabled:
        yield samples_check(settings, store, datetime.now(UTC))
    yield from health_checks(platform, services)
    yield from cluster_checks(settings, platform) if settings.kubernetes.enabled else (_NO_CLUSTER,)
    # Late: who has none of these sources loads nothing for them.
    if logs_elsewhere(settings):
        from opsagent.setup.log_checks import log_checks  # noqa: PLC0415

        yield from log_checks(settings, services, environ)
    if settings.prometheus.configured or settings.alertmanager.configured:
        from opsagent.setup.figure_checks import figure_checks  # noqa: PLC0415

        yield from figure_checks(settings, environ)
    yield from model_check(settings, environ)


def config_check(settings: Settings, file: Path | None) -> Check:
    """Name the configuration file and the namespace; what is wrong with a file is stated before any check begins."""
    read = str(file) if file else "no file, so the defaults and the environment"
    hint = None if file else "opsagent init writes one for this cluster"
    return Check("config", "ok", f"{read}; namespace {settings.kubernetes.namespace}", hint)


def state_check(store: Store) -> Check:
    """Write a private file into the state directory and read the ledger."""
    path = store.incidents.state_dir
    try:
        make_private(path)
        probe = path / "doctor.json"
        try:
            with os.fdopen(open_private(probe), "wb") as file:
                file.write(b"{}")
        finally:
            probe.unlink(missing_ok=True)
        waiting = store.incidents.list()
    except StoreError as error:
        return Check("state", "fail", error.message, error.hint)
    except OSError as error:
        return Check("state", "fail", f"{path} cannot be written: {reason(error)}", way_out(error))
    waits = f"; {len(waiting)} incident{'s' * (len(waiting) != 1)} without an end" if waiting else ""
    return Check("state", "ok", f"{path} can be written, and by nobody else{waits}")


def stats_check(settings: Settings, platform: Platform) -> Check:
    """GET /stats once, and state which way was taken."""
    if not settings.stats.enabled:
        return Check("stats", "ok", "switched off (stats.enabled is false): Kubernetes alone decides who is healthy")
    try:
        sample = platform.stats()[-1]
    except CheckError as error:
        return Check("stats", "fail", error.message, error.hint)
    if sample.stats is None:
        hint = sample.hint or "a platform without /stats: stats.enabled: false"
        return Check("stats", "fail", sample.error or "GET /stats gave nothing", hint)
    direct = sample.reach == "direct"
    answered = "answered directly in" if direct else "answered through the API server's service proxy in"
    text = f"{sample.url} {answered} {sample.took_s:.2f} s"
    if sample.took_s >= SLOW_S:
        return Check("stats", "warn", f"{text}: a service hangs", "opsagent stats shows which")
    return Check("stats", "ok", text)


def samples_check(settings: Settings, store: Store, now: datetime) -> Check:
    """Count the samples of /stats kept lately: without them there is no trend, and requests that fail are not seen."""
    span = timedelta(minutes=settings.window_min)
    try:
        kept = store.samples.recent(sample_key(settings), now - span)
    except StoreError as error:
        return Check("samples", "fail", error.message, error.hint)
    lately = f"in the last {settings.window_min:g} min"
    if len(kept) < _FEWEST_SAMPLES:
        some = f"{len(kept)} sample{'s' * (len(kept) != 1)} of /stats" if kept else "no samples of /stats"
        text = f"{some} {lately}: no trend, and no success share"
        return Check("samples", "warn", text, f"crontab -e, and add: {COLLECTING}")
    return Check("samples", "ok", f"{len(kept)} of /stats {lately}")


def health_checks(platform: Platform, services: Callable[[], tuple[Service, ...]]) -> Iterator[Check]:
    """Ask each service's health path; a service that is faulty is not a fault of the set-up."""
    try:
        asked = tuple(service for service in services() if service.health_url)
        report = check_all_health(platform, asked) if asked else HealthReport((), ())
    except CheckError as error:
        yield Check("health paths", "warn", error.message, error.hint)
        return
    for look in report.looks:
        answer = look.error or (f"HTTP {look.http}" if look.http is not None else f"TCP {look.tcp}")
        hint = None if look.ok else f"opsagent diagnose {look.service}"
        yield Check(f"health of {look.service}", "ok" if look.ok else "warn", f"{answer} ({look.reach})", hint)
    for skipped in report.not_checked:
        yield Check(skipped.source, "warn", skipped.why, "the state of its workload is used in its place")


def cluster_checks(settings: Settings, platform: Platform) -> Iterator[Check]:
    """Reach the API server; then compare the clocks, search for pods, and ask for each verb."""
    try:
        identity = Identity(settings.kubernetes)
        greeting = identity.greet()
    except CheckError as error:
        yield Check("cluster", "fail", error.message, error.hint)
        return
    text = f"{greeting.server} ({greeting.context}) is {greeting.version}, in {greeting.took_s:.2f} s"
    yield Check("cluster", "ok", text)
    yield clock_check(greeting)
    yield pods_check(settings, platform)
    yield from access_checks(settings, identity)


def clock_check(greeting: Greeting) -> Check:
    """Compare this machine's clock with the API server's Date header."""
    if greeting.skew_s is None:
        return Check("clock", "warn", "the API server names no time to compare with")
    off = abs(greeting.skew_s)
    if off < SKEW_S:
        return Check("clock", "ok", f"within {max(round(off), 1)} s of the API server's")
    way = "s behind the API server's" if greeting.skew_s > 0 else "s ahead of the API server's"
    text = f"{off:.0f} {way}: log lines and changes would be ordered wrongly"
    return Check("clock", "warn", text, "synchronise it (timedatectl), or that of the cluster's machines")


def pods_check(settings: Settings, platform: Platform) -> Check:
    """Count the pods of the namespace: an empty one is usually the wrong one."""
    namespace = settings.kubernetes.namespace
    try:
        pods = platform.list("Pod")
    except CheckError as error:
        return Check("pods", "fail", error.message, error.hint)
    if not pods:
        return Check("pods", "warn", f"there is no pod in {namespace}", "name another: -n, or kubernetes.namespace")
    return Check("pods", "ok", f"{len(pods)} pods in {namespace}")


def failed(checks: tuple[Check, ...]) -> bool:
    """Return whether something has to be corrected before opsagent can work."""
    return any(check.verdict == "fail" for check in checks)

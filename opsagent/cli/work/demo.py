"""Serve a platform in a box, and walk through an incident on it."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from opsagent.agent import wiring
from opsagent.cli.setup import Setup
from opsagent.cli.work.approver import prompter
from opsagent.cli.work.ending import close, worst
from opsagent.cli.yes import Yes
from opsagent.config.settings import Settings
from opsagent.errors import ExitCode, UsageError
from opsagent.models.observed import StatsSample
from opsagent.sandbox import FIGURES_ALONE, SCENARIOS, Sandbox
from opsagent.store.records import from_json
from opsagent.store.store import sample_key
from opsagent.ui.console import prose, write
from opsagent.ui.language import localised
from opsagent.ui.steps import Steps

# The box lives four times as fast as a platform: a rollout takes seconds, and a figure has to hold for three.
SPEED = 4.0
# As long as the real load balancer waits for a service that hangs: that shows hung from dead.
HANG_S = 2.0
_RATE_WINDOW_S = 30.0


def demo(setup: Setup, scenario: str, *, yes: bool, as_json: bool) -> ExitCode:
    """Diagnose a simulated incident; its state is its own and goes with it."""
    if scenario == "list":
        return _list()
    _known(scenario)
    # What goes by itself has to last until the panel is open there.
    with _box(scenario, speed=1.0 if scenario == "recovers-by-itself" else SPEED) as (box, settings):
        simulation = f"SIMULATED: {scenario} — {SCENARIOS[scenario]} No cluster, no network; nothing here is real."
        prose(f"{localised(simulation)}\n")
        from opsagent.agent import run

        simulated = replace(setup, settings=settings)
        platform, store = simulated.platform, simulated.store
        # A platform that is watched has a past: without it no figure could be seen to rise.
        store.samples.keep((from_json(StatsSample, line) for line in box.past_stats()), sample_key(settings))
        with wiring.desk(store) as desk, Steps(where=platform.where) as steps:
            ctx = wiring.live(settings, platform, setup.redact, store=store, progress=steps, environ={}, model=False)
            answerer = Yes("demo --yes", accept_data_loss=True) if yes else prompter()
            reports = list(close(run.diagnose(ctx, run.DiagnosisRequest(), desk, answerer), as_json=as_json))
        if any(report.status == "awaiting_approval" for report in reports):
            waits = (
                "On a real platform it would wait for `opsagent approve ID`, from any terminal. This one ends with "
                f"the demo; `opsagent sandbox {scenario}` serves one that stays."
            )
            prose(f"\n{localised(waits)}")
        return worst(reports)


def sandbox(scenario: str, *, stats_port: int, api_port: int) -> ExitCode:
    """Serve a scenario until interrupted, and state how to point opsagent and kubectl at it."""
    if scenario == "list":
        return _list()
    _known(scenario)
    with _box(scenario, stats_port=stats_port, api_port=api_port, speed=1.0) as (_, settings):
        simulation = f"SIMULATED: {scenario} — {SCENARIOS[scenario]} Ctrl-C ends it. In another terminal:"
        prose(f"{localised(simulation)}\n")
        write(
            f"export KUBECONFIG={settings.kubernetes.kubeconfig}\n"
            f"export OPSAGENT_STATS_URL={settings.stats.url}\n"
            f"export OPSAGENT_STATE_DIR={settings.state_dir}"
            + (f"\nexport OPSAGENT_PROMETHEUS_URL={url}" if (url := settings.prometheus.url) else "")
        )
        prose(f"\n{localised('then for example')}\n  opsagent diagnose blog-service\n  kubectl get pods")
        # Nothing to do but to serve; Ctrl-C and SIGTERM end the wait.
        threading.Event().wait()
    return ExitCode.OK


@contextmanager
def _box(
    scenario: str, *, stats_port: int = 0, api_port: int = 0, speed: float = SPEED
) -> Iterator[tuple[Sandbox, Settings]]:
    box = Sandbox(scenario, stats_port=stats_port, api_port=api_port, speed=speed, hang_s=HANG_S)
    try:
        box.start()
    except OSError as error:
        raise UsageError(
            f"cannot serve on loopback, ports {stats_port} and {api_port}: {error.strerror}",
            hint="--stats-port 0 --api-port 0 take free ones",
        ) from error
    try:
        with tempfile.TemporaryDirectory(prefix="opsagent-sandbox-") as folder:
            kubeconfig = Path(folder) / "kubeconfig"
            box.write_kubeconfig(kubeconfig)
            settings = sandbox_settings(box.stats_url, kubeconfig, Path(folder) / "state", speed)
            yield box, with_figures(settings, box.figures_url) if scenario in FIGURES_ALONE else settings
    finally:
        box.stop()


def sandbox_settings(stats_url: str, kubeconfig: Path, state_dir: Path, speed: float) -> Settings:
    """Return the defaults, pointed at the box and at its pace."""
    plain = Settings()
    return replace(
        plain,
        kubernetes=replace(plain.kubernetes, kubeconfig=str(kubeconfig)),
        stats=replace(plain.stats, url=stats_url),
        thresholds=replace(plain.thresholds, confirm_interval_s=plain.thresholds.confirm_interval_s / speed),
        verify=replace(
            plain.verify,
            hold_s=plain.verify.hold_s / speed,
            interval_s=plain.verify.interval_s / speed,
            timeout_s=plain.verify.timeout_s / speed,
        ),
        state_dir=state_dir,
    )


def with_figures(settings: Settings, url: str) -> Settings:
    """Return the settings with the box as a source of figures; it needs no time between two scrapes."""
    return replace(settings, prometheus=replace(settings.prometheus, url=url, rate_window_s=_RATE_WINDOW_S))


def _known(scenario: str) -> None:
    if scenario not in SCENARIOS:
        raise UsageError(f"there is no scenario {scenario!r}", hint="known: " + ", ".join(SCENARIOS))


def _list() -> ExitCode:
    write("\n".join(f"{name:<20} {localised(sentence)}" for name, sentence in SCENARIOS.items()))
    return ExitCode.OK

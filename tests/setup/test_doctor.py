"""The check-up against platforms that are well, ill, forbidden and away."""

from dataclasses import replace
from pathlib import Path

import pytest

from opsagent.clients.identity import Greeting
from opsagent.clients.live import LivePlatform
from opsagent.config.load import services_of
from opsagent.config.settings import ModelSettings, Settings
from opsagent.models.checkup import Check
from opsagent.models.observed import StatsSample
from opsagent.sandbox import Fault
from opsagent.setup.doctor import check_up, clock_check, failed
from opsagent.store.records import from_json
from opsagent.store.store import Store, sample_key
from tests.model_server import fails, running
from tests.session import Boxed


def checked(settings: Settings, file: Path | None = None) -> dict[str, Check]:
    """Return the checks by their names."""
    services = services_of(settings) or ()
    store = Store.at(settings, {})
    made = check_up(settings, LivePlatform(settings, services), lambda: services, store, environ={}, file=file)
    return {check.name: check for check in made}


def test_a_platform_that_is_well(boxed: Boxed) -> None:
    """Everything is checked, every verb is allowed, nothing fails."""
    _, settings = boxed("healthy")
    checks = checked(settings, Path("/etc/opsagent.yaml"))
    assert not failed(tuple(checks.values()))
    assert {check.name for check in checks.values() if check.verdict != "ok"} == {"health of redis", "samples"}
    assert checks["samples"].said.startswith("no samples of /stats in the last 15 min")
    assert "opsagent stats" in (checks["samples"].hint or "")
    assert "/etc/opsagent.yaml" in checks["config"].said
    assert "directly" in checks["stats"].said
    assert "34 of 34" in checks["access to check"].said
    assert "6 of 6" in checks["access to change, once approved"].said


def test_the_way_to_stats_is_named(boxed: Boxed) -> None:
    """Where no direct way points to /stats, the proxy is named."""
    _, settings = boxed("healthy")
    checks = checked(replace(settings, stats=replace(settings.stats, url="http://127.0.0.1:1")))
    assert "through the API server's service proxy" in checks["stats"].said


def test_nothing_there_fails_with_ways_out(tmp_path: Path) -> None:
    """Without load balancer and cluster both fail, each with a way out; the rest is still checked."""
    settings = replace(
        Settings(),
        state_dir=tmp_path / "state",
        stats=replace(Settings().stats, url="http://127.0.0.1:1"),
        kubernetes=replace(Settings().kubernetes, kubeconfig=str(tmp_path / "none")),
    )
    checks = checked(settings)
    assert failed(tuple(checks.values()))
    assert {name for name, check in checks.items() if check.verdict == "fail"} == {"stats", "cluster"}
    assert checks["stats"].hint
    assert checks["cluster"].hint
    assert checks["state"].verdict == "ok"


def test_a_verb_that_is_missing_is_named(boxed: Boxed) -> None:
    """A vital verb denied is a failure, a change denied a warning; each states what is lost and what grants it."""
    box, settings = boxed("healthy")
    box.faults.add(Fault.forbidden("get", "pods/log"), Fault.forbidden("patch", "deployments/scale"))
    checks = checked(settings)
    assert checks["get pods/log"].verdict == "fail"
    assert "logs cannot be read" in checks["get pods/log"].said
    scale = checks["patch deployments/scale (apps)"]
    assert (scale.verdict, scale.hint) == ("warn", "opsagent manifests --role operator | kubectl apply -f -")


def test_an_ill_service_is_not_a_fault_of_the_setup(boxed: Boxed) -> None:
    """The health path of a service that is down fails, and the check-up passes all the same."""
    _, settings = boxed("crash-loop")
    checks = checked(settings)
    assert [name for name, check in checks.items() if name.startswith("health of") and check.verdict == "warn"] != [
        "health of redis"
    ]
    assert not failed(tuple(checks.values()))


def test_an_empty_namespace_is_reported(boxed: Boxed) -> None:
    """No pod at all is usually the wrong namespace."""
    _, settings = boxed("healthy")
    kubernetes = replace(settings.kubernetes, namespace="elsewhere")
    checks = checked(replace(settings, kubernetes=kubernetes, stats=replace(settings.stats, enabled=False)))
    assert checks["pods"].verdict == "warn"
    assert "-n" in (checks["pods"].hint or "")
    assert "switched off" in checks["stats"].said


def test_a_state_directory_that_cannot_be_written(boxed: Boxed, tmp_path: Path) -> None:
    """A file is where the directory should be: a failure with a way out."""
    _, settings = boxed("healthy")
    (tmp_path / "file").write_text("")
    checks = checked(replace(settings, state_dir=tmp_path / "file"))
    assert checks["state"].verdict == "fail"
    assert "OPSAGENT_STATE_DIR" in (checks["state"].hint or "")


@pytest.mark.parametrize(
    ("skew", "verdict", "word"),
    [(0.4, "ok", "within"), (120.0, "warn", "behind"), (-90.0, "warn", "ahead"), (None, "warn", "no time")],
)
def test_the_clocks_are_compared(skew: float | None, verdict: str, word: str) -> None:
    """More than ten seconds either way is reported, and which way."""
    check = clock_check(Greeting("https://k", "c", "v1", 0.1, skew))
    assert check.verdict == verdict
    assert word in check.said


def test_a_model_is_asked_one_trivial_question(boxed: Boxed) -> None:
    """A configured model answers in JSON: stated with its time and tokens."""
    _, settings = boxed("healthy")
    with running() as model_server:
        model_server.enqueue({"word": "blue"})
        model = ModelSettings(name="m1", base_url=model_server.url)
        check = checked(replace(settings, model=model))["model"]
    assert check.verdict == "ok"
    assert "in the JSON that was asked for" in check.said
    assert "100 + 20 tokens" in check.said
    assert "it streams, takes a schema and counts" in check.said
    assert len(model_server.requests) == 1


def test_what_an_end_point_does_without_is_named(boxed: Boxed) -> None:
    """What it refused of a question is in the line, in the parameters' own names."""
    _, settings = boxed("healthy")
    with running() as model_server:
        model_server.enqueue(fails(400, "unknown: stream_options"), fails(400, "no json_schema"), {"word": "blue"})
        model = ModelSettings(name="m1", base_url=model_server.url)
        check = checked(replace(settings, model=model))["model"]
    assert "it does without: response_format, stream_options" in check.said


def test_a_model_that_is_down_is_not_a_failure(boxed: Boxed) -> None:
    """The rules go on alone without it: a warning with how to fix it."""
    _, settings = boxed("healthy")
    checks = checked(replace(settings, model=ModelSettings(name="m1", base_url="http://127.0.0.1:1/v1")))
    assert checks["model"].verdict == "warn"
    assert not failed(tuple(checks.values()))


def test_samples_that_are_kept_are_counted(boxed: Boxed) -> None:
    """With the samples of the minute before there is a trend, and nothing to warn of."""
    box, settings = boxed("healthy")
    kept = (from_json(StatsSample, line) for line in box.past_stats())
    Store.at(settings, {}).samples.keep(kept, sample_key(settings))
    assert checked(settings)["samples"].verdict == "ok"

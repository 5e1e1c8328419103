"""The check-up of Prometheus against a real one."""

from pathlib import Path

from opsagent.clients.prometheus import Prometheus
from opsagent.config.settings import PrometheusSettings, Settings
from opsagent.setup.figure_checks import figure_checks, rules_check
from tests.clients import engines


def test_a_rule_that_reads_what_does_not_exist_is_named(tmp_path: Path) -> None:
    """CannotFire reads a metric without a series; Watchdog reads none and fires."""
    with engines.prometheus(tmp_path) as url:
        settings = PrometheusSettings(url=url, timeout_s=60.0)
        check = rules_check(Prometheus(settings, "shop", {}), engines.NOW)
        (first, *_) = figure_checks(Settings(prometheus=settings), {})
    assert check.verdict == "warn"
    assert "CannotFire reads metric_that_is_not_there, which has no series" in check.said
    assert "Watchdog" not in check.said
    assert first.said.startswith("version ")


def test_a_prometheus_that_does_not_answer_is_an_error_of_the_set_up() -> None:
    """What was tried and what came back."""
    settings = Settings(prometheus=PrometheusSettings(url="http://127.0.0.1:9"))
    (check,) = figure_checks(settings, {})
    assert check.verdict == "fail"
    assert "127.0.0.1:9" in check.said


def test_without_a_prometheus_nothing_is_checked() -> None:
    """It is optional."""
    assert list(figure_checks(Settings(), {})) == []

"""Figures in a diagnosis: a service may be ill while every pod is Ready, and figures never outweigh what is known."""

import json
from pathlib import Path
from typing import Any

from opsagent.agent import run, wiring
from opsagent.agent.context import Context
from opsagent.agent.detection import Detection, detect_now
from opsagent.agent.weighing import all_findings, weigh
from opsagent.clients.bundle.metrics import written
from opsagent.clients.bundle.platform import open_bundle
from opsagent.config.settings import Settings
from opsagent.models.evidence import Cause
from opsagent.models.figures import Figures, Series
from opsagent.redact import Redactor
from opsagent.ui.report_html import report_html
from tests.analysis.figures.platform import COUNT, START, STEP, series, service, step
from tests.session import Heard

NOW = "2026-05-28T21:06:40Z"
assert START + COUNT * STEP == 1_780_002_400  # NOW


def workload(name: str, *, ready: int = 1) -> dict[str, Any]:
    """Return a Deployment of one pod."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}},
        "status": {"replicas": 1, "readyReplicas": ready, "updatedReplicas": 1, "observedGeneration": 1},
    }


def surroundings(folder: Path, figures: list[Series], *objects: dict[str, Any]) -> Context:
    """Return the surroundings of a diagnosis of a bundle of edge → cart → pay."""
    about = {
        "version": 1, "collected_at": NOW, "namespace": "shop",
        "dependencies": {"edge": ["cart"], "cart": ["pay"]},
    }  # fmt: skip
    (folder / "bundle.json").write_text(json.dumps(about))
    (folder / "metrics.json").write_text(json.dumps(written(Figures("test", tuple(figures)))))
    if objects:
        (folder / "objects.json").write_text(json.dumps({"kind": "List", "items": list(objects)}))
    bundle = open_bundle(str(folder))
    return wiring.bundled(Settings(), bundle, Redactor(), progress=Heard(), environ={}, model=False)


def looked(folder: Path, figures: list[Series], *objects: dict[str, Any]) -> tuple[Detection, tuple[Cause, ...]]:
    """Return detection and causes."""
    ctx = surroundings(folder, figures, *objects)
    found = detect_now(ctx, None)
    patient = found.patients[0] if found.patients else None
    findings = all_findings(ctx, found.calls, ())
    return found, weigh(ctx, findings, healths=found.healths, calls=found.calls, patient=patient).causes


SLOW = [*service("edge", p95=step(90, 900)), *service("cart", p95=step(30, 800)), *service("pay")]


def test_a_slow_service_is_an_incident_though_every_pod_is_ready(tmp_path: Path) -> None:
    """cart is the patient, edge belongs to its incident, and the evidence has before, now and since when."""
    found, causes = looked(tmp_path, SLOW, *(workload(name) for name in ("edge", "cart", "pay")))
    assert found.patients == ("cart",)
    assert {health.service for health in found.healths if health.state == "faulty"} == {"edge", "cart"}
    assert (causes[0].object, causes[0].basis) == ("Deployment/cart", "seen")
    text = " ".join(symptom.text for symptom in found.symptoms("cart"))
    assert "latency_p95 of cart" in text
    assert "ms since" in text


def test_figures_alone_name_services_and_their_state(tmp_path: Path) -> None:
    """Without any Kubernetes object the figures state who there is, who is ill and who is healthy."""
    found, causes = looked(tmp_path, SLOW)
    assert {health.service: health.state for health in found.healths} == {
        "edge": "faulty",
        "cart": "faulty",
        "pay": "healthy",
    }
    assert causes[0].service == "cart"


def test_figures_that_ended_long_ago_are_no_health(tmp_path: Path) -> None:
    """Nobody is healthy by figures of an hour ago."""
    old = [
        Series(one.metric, one.unit, one.kind, one.name, one.times[:-30], one.values[:-30])
        for name in ("edge", "cart", "pay")
        for one in service(name)
    ]
    found, causes = looked(tmp_path, old)
    assert {health.state for health in found.healths} == {"unknown"}
    assert causes == ()


def test_a_callee_that_kubernetes_shows_to_be_down_explains_its_callers(tmp_path: Path) -> None:
    """pay has no ready pod: nobody is accused by figures."""
    down = workload("pay", ready=0)
    figures = [*service("edge", p95=step(90, 900)), *service("cart", p95=step(30, 800))]
    found, causes = looked(tmp_path, figures, workload("edge"), workload("cart"), down)
    assert "pay" in found.patients
    assert not [cause for cause in causes if cause.code.startswith("network.")]


def test_a_chart_has_the_limit_of_its_figure(tmp_path: Path) -> None:
    """Memory that grows towards its limit: the line from which it is used up is in the report's chart."""
    limit = 256.0 * 1024 * 1024
    grows = series(
        "memory", "Service", "cart", lambda i: limit * (0.3 if i < 100 else min(0.97, 0.3 + i * 0.004)), noise=0.0
    )
    most = series("memory_limit", "Service", "cart", lambda _: limit, noise=0.0)
    figures = [*service("edge"), *service("cart"), grows, most]
    (report,) = run.diagnose(surroundings(tmp_path, figures), run.DiagnosisRequest(None), None)
    chart = next(chart for chart in report.charts if chart.title == "memory of cart")
    assert (chart.threshold, chart.changed_from) == (limit, None)
    assert 'class="threshold"' in report_html(report)


def test_the_report_has_a_chart_of_each_figure_that_is_evidence(tmp_path: Path) -> None:
    """The curve of cart with its level before and its onset, and a gap as a point without a figure."""
    gap = [one for one in SLOW if (one.metric, one.name) != ("latency_p95", "cart")]
    (whole,) = (one for one in SLOW if (one.metric, one.name) == ("latency_p95", "cart"))
    times, values = whole.times[:40] + whole.times[60:], whole.values[:40] + whole.values[60:]
    torn = Series(whole.metric, "ms", whole.kind, whole.name, times, values)
    (report,) = run.diagnose(surroundings(tmp_path, [*gap, torn]), run.DiagnosisRequest(None), None)
    chart = next(chart for chart in report.charts if chart.title == "latency_p95 of cart")
    assert [point.value for point in chart.points].count(None) == 1
    assert chart.before is not None
    assert 25 < chart.before < 35
    assert chart.threshold is None
    assert chart.changed_from is not None
    assert chart.before * 1.3 <= chart.changed_from < 500
    drawn = report_html(report)
    assert "latency_p95 of cart: " in drawn
    assert drawn.count('class="level"') == len(report.charts)

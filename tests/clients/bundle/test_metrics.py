"""metrics.json and alerts.json: read, bounded, and written back the same."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.figures.profiles import profile_rows
from opsagent.clients.alert_json import alert_entry, read_alerts
from opsagent.clients.bundle.metrics import read_figures, written
from opsagent.clients.bundle.platform import open_bundle
from opsagent.errors import CheckError, NotCheckedError

SERIES = {"metric": "latency_p95", "unit": "ms", "kind": "Service", "name": "cart", "query": "up"}


def test_a_series_is_read_with_its_gaps() -> None:
    """null and a missing point are no figure; what is not a point is left out."""
    text = json.dumps({"version": 1, "series": [{**SERIES, "points": [[10, 4.5], [20, None], [40, 5], "x", [50]]}]})
    (series,) = read_figures(text).series
    assert list(series.known()) == [(10.0, 4.5), (40.0, 5.0)]
    assert math.isnan(series.values[1])
    assert (series.place, series.unit, series.query) == ("Service/cart", "ms", "up")


def test_entries_that_are_no_series_are_counted() -> None:
    """One without a name or with points of another kind is noted, and the others are read."""
    good, bad = {**SERIES, "points": [[1, 2]]}, [{"metric": "x", "points": []}, 7, {**SERIES, "points": "none"}]
    figures = read_figures(json.dumps({"series": [good, *bad]}))
    assert len(figures.series) == 1
    assert figures.notes == ("3 entries of metrics.json are no series",)


def test_what_is_written_reads_the_same() -> None:
    """collect and diagnose --from agree on every figure and every gap."""
    text = json.dumps({"series": [{**SERIES, "points": [[10, 4.5], [20, None], [30.5, 1e12]]}]})
    once = read_figures(text)
    again = read_figures(json.dumps(written(once)))
    assert [list(series.known()) for series in again.series] == [list(series.known()) for series in once.series]
    assert [list(series.times) for series in again.series] == [list(series.times) for series in once.series]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["series", "points", "metric", "kind", "name", "x"]), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused(document: object) -> None:
    """Whatever the file holds, it gives figures or a ValueError."""
    try:
        figures = read_figures(json.dumps(document))
    except ValueError:
        return
    assert isinstance(figures.series, tuple)


def bundle(folder: Path, **files: str) -> Path:
    """Write a bundle."""
    (folder / "bundle.json").write_text('{"version": 1, "collected_at": "2026-01-01T00:00:00Z", "namespace": "shop"}')
    for name, text in files.items():
        (folder / f"{name}.json").write_text(text)
    return folder


def test_a_bundle_without_figures_was_not_checked(tmp_path: Path) -> None:
    """No metrics.json is not a sign of health, and a broken one is an error."""
    opened = open_bundle(str(bundle(tmp_path)))
    with pytest.raises(NotCheckedError):
        opened.figures(profile_rows)
    with pytest.raises(NotCheckedError):
        opened.alerts()
    broken = open_bundle(str(bundle(tmp_path, metrics='{"series": 1}', alerts="{}")))
    with pytest.raises(CheckError, match=r"metrics\.json cannot be read"):
        broken.figures(profile_rows)
    with pytest.raises(CheckError, match=r"alerts\.json cannot be read"):
        broken.alerts()


def test_metrics_and_alerts_are_no_kubernetes_objects(tmp_path: Path) -> None:
    """Neither file is counted among the objects that cannot be read."""
    opened = open_bundle(str(bundle(tmp_path, metrics='{"series": []}', alerts="[]")))
    assert opened.objects().items == ()
    assert [note for note in opened.skipped() if note.source == "objects"] == []


def test_alerts_of_prometheus_and_of_alertmanager_read_alike() -> None:
    """activeAt and startsAt, state and status: one record; silenced is a human's word."""
    labels = {"alertname": "HighErrorRate", "app": "blog-service"}
    prometheus = {"data": {"alerts": [{"labels": labels, "state": "firing", "activeAt": "2026-01-01T00:00:00Z"}]}}
    alertmanager = [
        {
            "labels": labels,
            "startsAt": "2026-01-01T00:00:00Z",
            "fingerprint": "870083cca01a3315",
            "status": {"state": "suppressed", "silencedBy": ["s1"]},
        }
    ]
    (one,), (other,) = read_alerts(prometheus), read_alerts(alertmanager)
    assert (one.name, one.since, one.state) == (other.name, other.since, "firing")
    assert (other.silenced, other.fingerprint) == (True, "870083cca01a3315")
    assert read_alerts([alert_entry(one)])[0].since == one.since

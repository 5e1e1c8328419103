"""Samples line by line."""

import json
from pathlib import Path
from typing import Any

from opsagent.clients.bundle import stats as bundle_stats
from opsagent.clients.bundle.opening import open_files
from opsagent.clients.bundle.stats import read_samples
from tests.clients.bundles import write


def lines(tmp_path: Path, *entries: Any) -> Any:
    write(tmp_path, "stats.jsonl", "\n".join(e if isinstance(e, str) else json.dumps(e) for e in entries))
    return read_samples(open_files(str(tmp_path)))


def test_answers_and_failures_are_read_oldest_first(tmp_path: Path) -> None:
    """A good sample, a failed one and one without zone come in the order of their times."""
    samples, notes = lines(
        tmp_path,
        {"at": "2026-01-01T00:00:05", "took_s": 5.0, "error": "timed out after 5 s"},
        {"at": "2026-01-01T00:00:01+00:00", "took_s": 0.1, "http": 200, "stats": {"x": 1}},
    )
    assert [(s.stats, s.error, s.took_s, s.reach) for s in samples] == [
        ({"x": 1}, None, 0.1, "bundle"),
        (None, "timed out after 5 s", 5.0, "bundle"),
    ]
    assert notes == ()


def test_bad_lines_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    """Half a JSON, a line without time and an array are named by their numbers; blank lines are nothing."""
    samples, notes = lines(tmp_path, '{"at":', {"stats": {}}, "", [1], {"at": "2026-01-01T00:00:00Z", "stats": {}})
    assert len(samples) == 1
    assert notes[0].source == "stats"
    assert "3 lines" in notes[0].why
    assert "L1, L2, L4" in notes[0].why


def test_a_body_that_is_not_an_object_is_a_failed_sample(tmp_path: Path) -> None:
    """HTML or null in place of the body is an error, never an empty success; odd figures are left out."""
    samples, _ = lines(
        tmp_path,
        {"at": "2026-01-01T00:00:00Z", "http": True, "took_s": float("inf"), "stats": "<html>"},
        {"at": "2026-01-01T00:00:01Z"},
        '{"at": "2026-01-01T00:00:02Z", "took_s": 1' + "0" * 400 + ', "stats": {}}',
    )
    assert [(s.http, s.took_s, bool(s.error)) for s in samples] == [
        (None, 0.0, True), (None, 0.0, True), (None, 0.0, False),
    ]  # fmt: skip


def test_a_line_too_long_is_one_bad_line(tmp_path: Path, monkeypatch: Any) -> None:
    """A line beyond the bound is not kept in memory and does not hide the next one."""
    monkeypatch.setattr(bundle_stats, "_MAX_LINE", 1000)
    monkeypatch.setattr(bundle_stats, "CHUNK", 300)
    samples, notes = lines(tmp_path, "x" * 5000, {"at": "2026-01-01T00:00:00Z", "stats": {}})
    assert len(samples) == 1
    assert "L1" in notes[0].why

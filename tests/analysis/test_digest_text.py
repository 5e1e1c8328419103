"""Digests as text: bounded, decisive lines kept, each with its place."""

import pytest

from opsagent.analysis.digest import digest
from opsagent.analysis.digest_text import render
from opsagent.models.look import LogRef


def test_every_line_points_to_its_source() -> None:
    """Place, count and kind stand before the sample."""
    text = render([digest(LogRef("logs/a/app.log"), [b"ready\n" + b"ERROR bank refused 1\n" * 13])])
    assert "logs/a/app.log:L2 ×13" in text
    assert "ERROR bank refused 1" in text


@pytest.mark.parametrize("limit", [600, 2000, 12_000])
def test_the_decisive_line_is_kept_within_any_limit(limit: int) -> None:
    """Whatever the amount, the text fits and the traceback's last line is in it."""
    frames = "".join(f'  File "/srv/{"a" * (i % 40)}.py", line {i}, in f\n    call(x)\n' for i in range(100))
    trace = f"Traceback (most recent call last):\n{frames}sqlite3.OperationalError: database is locked\n"
    loud = "".join(f"WARN {chr(97 + i % 26)}{chr(97 + i // 26)} retry soon\n" * 3 for i in range(600))
    logs = [digest(LogRef(f"logs/{name}.log"), [text.encode()]) for name, text in (("a", loud), ("b", loud + trace))]
    text = render(logs, limit=limit)
    assert len(text) <= limit
    assert "database is locked" in text


def test_no_digest_is_no_text() -> None:
    """Nothing in, nothing out."""
    assert render([]) == ""

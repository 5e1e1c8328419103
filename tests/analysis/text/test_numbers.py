"""The numbers of a line that keep it apart from its like, and how they are found again in the lines that follow."""

import pytest

from opsagent.analysis.text.numbers import meaning, places


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ('10.0.0.1:8123 - "GET /cart HTTP/1.1" 503 12', b"503"),
        ("job ended with exit code 137", b"137"),
        ("batch done: 12 errors", b"n"),
        ("batch done: 0 errors", b"0"),
        ("dial tcp 10.0.0.1:5432: refused", b"5432"),
        ("dial tcp 10.0.0.1:54321: refused", b"-"),
        ("order 17 of 1200 packed", b""),
        ("2026/11/22 17:07:35 asked for stats", b""),
        ("[17:07] asked for stats", b""),
        ("17:07 asked for stats", b""),
        ("17:07:35 asked cart:81 for stats", b"81"),
    ],
)
def test_codes_counts_and_ports_mean_something(line: str, meant: bytes) -> None:
    """Status and exit codes, whether anything failed, ports that are listened on; not who asked, no time of day."""
    assert meaning(line.encode()) == meant


@pytest.mark.parametrize(
    "line",
    [
        'get "GET /cart HTTP/1.1" {status} OK',
        'get "GET /cart HTTP/1.1" {status} {size}',
        '{{"id":{size},"status":{status},"size":{size}}}',
        "job ended with exit code {status}",
        "{size} batch done: {status} errors of {size}, exit code {status}, {size} left",
    ],
)
def test_equal_marks_are_equal_numbers_wherever_they_stand(line: str) -> None:
    """Lines whose numbers around are longer or shorter are marked as the same where that number is the same."""
    lines = [line.format(status=status, size=10**size).encode() for size in range(6) for status in (200, 404, 503)]
    found = places(lines[0])
    assert found is not None
    for some in (lines, lines[:3], lines[-3:]):
        marks = found.marks(some)
        same = {(a, b) for a in range(len(some)) for b in range(len(some)) if marks[a] == marks[b]}
        assert all(meaning(some[a]) == meaning(some[b]) for a, b in same)
    assert len(set(found.marks(lines[:3]))) == 3

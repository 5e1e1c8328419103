"""Which rows take a line is shown with their files, with what rules them out and what counts in the end."""

import pytest

from tests.rows import explained


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "FATAL environment variable CART_DSN is not set",
            ["fits       config.missing-env#1380 in phrases/runtime.yaml: ", "read as    config.missing-env#1380 with"],
        ),
        (
            "WARN environment variable CART_X is not set, using default 4",
            ["ruled out  config.missing-env#1380 in phrases/runtime.yaml by its veto using default", "read as    no"],
        ),
        ("INFO a basket was filled", ["read as    nothing"]),
    ],
)
def test_each_row_that_takes_a_line_is_named(line: str, expected: list[str]) -> None:
    """The row that counts, the row that a veto keeps away, and a line that no row takes."""
    told = list(explained(line))
    assert [start for start in expected if not any(text.startswith(start) for text in told)] == []

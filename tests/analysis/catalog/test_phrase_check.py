"""Every mistake in a phrase file is reported with its line and with what to write instead."""

import pytest

from opsagent.analysis.catalog.phrase_check import phrase_problems

RIGHT = """meanings:
- code: db.locked
  order: 10
  strength: 0.8
  link: 0
  summary: a disk burns
  phrases:
  - pattern: 'disk on {hot}'
    example: 'ERROR disk on fire'
    not: 'INFO disk on fire drill'
    prints: fire alarm
"""
SECOND = RIGHT.removeprefix("meanings:\n")


def problems(text: str) -> list[str]:
    """Return what is wrong with one file, as it is printed."""
    return [str(one) for one in phrase_problems({"phrases/x.yaml": text}, {"hot": "fire"}, {"db.locked"})]


def test_a_right_file_has_no_problem() -> None:
    """Named sub-patterns are expanded before the example is searched."""
    assert problems(RIGHT) == []


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("  link: 0\n", "", "phrases/x.yaml:2: link is missing: its place in a causal chain"),
        ("  link: 0", "  link: 12", "phrases/x.yaml:2: link '12' is not its place in a causal chain"),
        ("  order: 10", "  order: ten", "phrases/x.yaml:2: order 'ten' is not a whole number"),
        ("  strength: 0.8", "  strength: 80", "phrases/x.yaml:2: strength '80' is not how sure it makes, from 0 to 1"),
        ("  link: 0", "  link: 0\n  lnik: 1", "phrases/x.yaml:2: unknown field 'lnik': use code, order"),
        ("db.locked", "db.lokced", "phrases/x.yaml:2: code 'db.lokced' is not in codes/*.yaml"),
        ("    example", "    exmaple", "phrases/x.yaml:8: unknown field 'exmaple': use pattern, example"),
        ("    prints: fire alarm\n", "", "phrases/x.yaml:8: prints is missing: which program prints it"),
        ("disk on fire'", "disk is on fire'", "phrases/x.yaml:8: the pattern does not match its own example"),
        ("{hot}", "(?=fire)", "phrases/x.yaml:8: the pattern looks around"),
        ("{hot}", "(fire", "phrases/x.yaml:8: RE2 does not accept the pattern"),
        ("{hot}", "f" * 120, "phrases/x.yaml:8: the pattern has 128 characters"),
        ("    prints", "    where: [lgo]\n    prints", "phrases/x.yaml:8: where 'lgo' is not one of log, event"),
        (
            "  phrases:",
            "  vetoes:\n  - pattern: drill\n  phrases:",
            "phrases/x.yaml:8: example is missing: a line that",
        ),
        ("meanings:", "rows:", "phrases/x.yaml:1: expected `meanings:`"),
        ("summary: a", "summary: [a", "phrases/x.yaml:7: invalid YAML"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_what_to_write(right: str, wrong: str, expected: str) -> None:
    """A missing, unknown or impossible value, an unknown code, a pattern that does not match its example."""
    found = problems(RIGHT.replace(right, wrong, 1))
    assert any(one.startswith(expected) for one in found), found


def test_two_meanings_of_one_order_are_reported_with_a_free_one() -> None:
    """Which of two would count is not defined."""
    assert problems(RIGHT + SECOND) == [
        "phrases/x.yaml:12: order 10 is that of phrases/x.yaml:2: take another one, such as 11"
    ]

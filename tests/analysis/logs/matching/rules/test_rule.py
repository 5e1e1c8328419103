"""The rules as written: every pattern compiles, though a log compiles only the few that it needs."""

import time

import pytest

from opsagent.analysis.logs.matching.rules import RULES
from opsagent.analysis.logs.matching.rules.rule import Rule

_SECONDS = 2.0  # of this process alone: what runs away takes minutes


@pytest.mark.parametrize("written", RULES, ids=lambda written: f"{written.code}-{written.roots[:1]}")
def test_every_pattern_compiles(written: Rule) -> None:
    """Neither the pattern nor its exception is broken, and a line without anything in it fits no rule."""
    assert written.pattern.search("") is None
    assert written.unless is None or written.unless.search("") is None


@pytest.mark.parametrize("written", RULES, ids=lambda written: f"{written.code}-{written.roots[:1]}")
def test_a_hostile_line_costs_little(written: Rule) -> None:
    """A line of nothing but a rule's own roots, numbers between, keeps no processor busy."""
    for root in written.roots or ("failed to connect", "error"):
        started = time.process_time()
        written.fits(f"{root} 1 " * (2_000 // (len(root) + 3)))
        assert time.process_time() - started < _SECONDS

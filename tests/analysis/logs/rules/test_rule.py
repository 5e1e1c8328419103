"""The rules as written: every pattern compiles, though a log compiles only the few that it needs."""

import pytest

from opsagent.analysis.logs.rules import RULES
from opsagent.analysis.logs.rules.rule import Rule


@pytest.mark.parametrize("written", RULES, ids=lambda written: f"{written.code}-{written.roots[:1]}")
def test_every_pattern_compiles(written: Rule) -> None:
    """Neither the pattern nor its exception is broken, and a line without anything in it fits no rule."""
    assert written.pattern.search("") is None
    assert written.unless is None or written.unless.search("") is None

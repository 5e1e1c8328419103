"""The codes in a question: those of the touched families, the same whatever was found first."""

from opsagent.agent.model.prompt_codes import code_lines
from opsagent.analysis.catalog.catalog import builtin
from opsagent.models.tokens import estimate


def test_codes_of_the_touched_families_come_with_their_meaning() -> None:
    """The touched code first, its family after it; other families are named for the tool, and not at all without."""
    lines = code_lines(builtin(), ["db.locked"], tools=True)
    assert lines[1] == f"db.locked: {builtin()['db.locked'].meaning}"
    assert any(line.startswith(("db.deadlock: ", "also: ")) or "db.deadlock" in line for line in lines[2:])
    assert "network" in lines[-1]
    assert not any("network" in line for line in code_lines(builtin(), ["db.locked"], tools=False))
    assert sum(map(estimate, lines)) < 560


def test_the_order_of_the_codes_shows_nothing_of_the_rules_order() -> None:
    """Whatever was found first, the same codes are in the same order."""
    found = ["volume.disk-full", "db.locked", "network.dns"]
    assert code_lines(builtin(), found, tools=True) == code_lines(builtin(), found[::-1], tools=True)


def test_without_touched_codes_the_families_are_not_called_other() -> None:
    """Nothing before them is missing."""
    assert code_lines(builtin(), [], tools=True)[-1].startswith("families, each by the tool codes: access ")
    assert code_lines(builtin(), ["db.locked"], tools=True)[-1].startswith("other families, each by the tool codes: ")

"""A code that is given twice, and a tag or an explained code that does not exist, are reported with their line."""

from opsagent.analysis.catalog.code_check import code_problems
from opsagent.analysis.catalog.compiled import built_in_sources
from opsagent.analysis.catalog.sources import Sources, read_text

ROW = """- code: {code}
  severity: high
  meaning: A disk burns.
  found: Smoke.
  remedy: Water.
  rung: 1
  tags: [{tag}]
  explains: [{explains}]
"""


def problems(*rows: str) -> list[str]:
    """Return what is wrong with codes, with two tags known."""
    sources = Sources(tags={"failure": "", "wait": ""})
    read_text("".join(rows), "codes/db.yaml", sources, kind="codes")
    return [str(one) for one in (*sources.problems, *code_problems(sources))]


def test_the_built_in_codes_have_none() -> None:
    """What is compiled was checked."""
    assert code_problems(built_in_sources()) == []


def test_codes_families_and_tags_that_exist_are_right() -> None:
    """Each of the three ways to state what follows from a code."""
    row = ROW.format(code="db.locked", tag="wait", explains="db.locked, db.*, =failure")
    assert problems(row) == []


def test_what_does_not_exist_is_reported_with_its_line() -> None:
    """A misspelt tag would be ignored, a misspelt code would explain nothing."""
    right = ROW.format(code="db.locked", tag="wait", explains="db.*")
    wrong = ROW.format(code="db.slow", tag="wiat", explains="db.lokced, =failrue, dp.*")
    explains = ("db.lokced", "=failrue", "dp.*")
    assert problems(right, wrong) == [
        "codes/db.yaml:9: tag 'wiat' is not in tags.yaml: use one of failure, wait",
        *(
            f"codes/db.yaml:9: explains {one!r}, which is no code, no family such as db.*, and no tag such as =failure"
            for one in explains
        ),
    ]


def test_a_code_that_is_given_twice_is_reported() -> None:
    """The second row would replace the first."""
    row = ROW.format(code="db.locked", tag="wait", explains="db.*")
    assert problems(row, row) == [
        "codes/db.yaml:9: db.locked is also the code of codes/db.yaml:1: give it another name"
    ]


def test_a_shared_effect_that_does_not_exist_is_reported_with_those_that_do() -> None:
    """The names are those of effects.yaml."""
    sources = Sources()
    read_text("effects:\n  same-spec: [no, it fails again]\n", "effects.yaml", sources)
    row = ROW.format(code="db.locked", tag="wait", explains="db.*") + "  effects:\n    restart: same-sepc\n"
    read_text(row, "codes/db.yaml", sources, kind="codes")
    expected = "effects.restart: expected [yes | no | sometimes, why] or the name of a shared effect: same-spec"
    assert [str(one) for one in sources.problems] == [f"codes/db.yaml:1: {expected}"]

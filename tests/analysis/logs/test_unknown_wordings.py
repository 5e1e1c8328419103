"""Failures in words that no rule was written for: none of them is taken for health, in whatever form it is logged.

The normal run takes each wording in three of the eight styles, in one of the hard ones without its family's phrases,
and a quarter of the good logs; `-m slow` takes the rest.
"""

from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.logs import causes
from opsagent.analysis.logs.digest import digest
from opsagent.analysis.logs.matching.engine import Matcher
from opsagent.models.observed import LogRef
from tests.analysis.logs.said import said
from tests.analysis.logs.wordings import STYLES, WORDINGS, dressed

_FAMILIES = sorted({family for family, _ in WORDINGS})
_HARD = ("warn", "nolevel", "nested")  # a failure that states its level is the easy case
_SHARE = 3  # styles of a wording in a turn


def _turns(count: int) -> list[Any]:
    return [0, *(pytest.param(turn, marks=pytest.mark.slow) for turn in range(1, count))]


@pytest.mark.parametrize("turn", _turns(-(-len(STYLES) // _SHARE)))
@pytest.mark.parametrize("style", STYLES)
def test_a_failure_at_the_end_of_good_work_is_at_least_unknown(style: str, turn: int) -> None:
    """Each of 164 wordings ends a log of good work, and the log shows that something is wrong."""
    place = STYLES.index(style)
    worn = [seed for seed in range(len(WORDINGS)) if (seed + place) % len(STYLES) // _SHARE == turn]
    missed = [WORDINGS[seed][1] for seed in worn if not said(dressed(WORDINGS[seed][1], style, seed))]
    assert worn
    assert missed == []


@pytest.mark.parametrize("turn", _turns(4))
@pytest.mark.parametrize("style", ["nolevel", "zap"])
def test_the_good_work_alone_is_not_a_fault(style: str, turn: int) -> None:
    """The same logs without their last failure show nothing."""
    wrong = []
    for seed in range(turn, len(WORDINGS), 4):
        lines = dressed(WORDINGS[seed][1], style, seed).splitlines(keepends=True)[:40]
        if codes := said("".join(lines)):
            wrong.append((seed, codes))
    assert wrong == []


@pytest.mark.parametrize("turn", _turns(len(_HARD)))
@pytest.mark.parametrize("family", _FAMILIES)
def test_without_the_phrases_of_its_family_a_failure_is_still_unknown(
    family: str, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wording is found where no phrase of its family is known: the answer is less exact, never that all is well."""
    catalog = builtin()
    others = [meaning for meaning in catalog.meanings if meaning.verdict.code.split(".")[0] != family]
    assert len(others) < len(catalog.meanings) or family in ("rollout", "queue", "job", "service", "dependency")
    matcher = Matcher(others, catalog)
    monkeypatch.setattr(causes, "matcher_of", lambda _catalog: matcher)
    missed = []
    for seed, message in enumerate(message for one, message in WORDINGS if one == family):
        style = _HARD[(seed + turn) % len(_HARD)]
        log = digest(LogRef(f"{family}-{style}-{seed}.log"), [dressed(message, style, seed).encode()])
        if not any(one.strength >= 0.45 and not one.over for one in causes.log_findings([log])):
            missed.append((style, message))
    assert missed == []

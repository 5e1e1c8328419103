"""Failures in words that no rule was written for: none of them is taken for health, in whatever form it is logged."""

import pytest

from opsagent.analysis.catalog.phrase import compiled
from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.analysis.logs.matching import matches
from opsagent.analysis.logs.matching.engine import Matcher
from opsagent.models.look import LogRef
from tests.analysis.logs.said import said
from tests.analysis.logs.wordings import STYLES, WORDINGS, dressed

_FAMILIES = sorted({family for family, _ in WORDINGS})


@pytest.mark.parametrize("style", STYLES)
def test_a_failure_at_the_end_of_good_work_is_at_least_unknown(style: str) -> None:
    """Each of 164 wordings ends a log of good work, and the log shows that something is wrong."""
    missed = [message for seed, (_, message) in enumerate(WORDINGS) if not said(dressed(message, style, seed))]
    assert missed == []


@pytest.mark.parametrize("style", ["nolevel", "zap"])
def test_the_good_work_alone_is_no_fault(style: str) -> None:
    """The same logs without their last failure show nothing."""
    wrong = []
    for seed, (_, message) in enumerate(WORDINGS):
        lines = dressed(message, style, seed).splitlines(keepends=True)[:40]
        if codes := said("".join(lines)):
            wrong.append((seed, codes))
    assert wrong == []


@pytest.mark.parametrize("family", _FAMILIES)
def test_without_the_phrases_of_its_family_a_failure_is_still_unknown(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wording is found where no phrase of its family is known: the answer is less exact, never that all is well."""
    others = Matcher([meaning for meaning in compiled() if meaning.verdict.code.split(".")[0] != family])
    monkeypatch.setattr(matches, "builtin", lambda: others)
    missed = []
    for seed, (_, message) in enumerate((f, m) for f, m in WORDINGS if f == family):
        for style in ("warn", "nolevel", "nested"):  # a failure that states its level is the easy case
            found = log_findings(
                [digest(LogRef(f"{family}-{style}-{seed}.log"), [dressed(message, style, seed).encode()])]
            )
            if not any(one.strength >= 0.45 and not one.over for one in found):
                missed.append((style, message))
    assert missed == []

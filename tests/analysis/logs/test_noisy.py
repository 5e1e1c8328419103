"""Healthy logs full of alarming words, and the same whose failure does not end: the pair has to be distinguished."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.compile import phrase_sources
from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef
from tests.analysis.logs.noisy import KINDS, STACKS, Stack, healthy, still_failing
from tests.analysis.logs.said import said

_IDS = [stack.name for stack in STACKS]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stack", STACKS, ids=_IDS)
def test_a_noisy_log_of_good_work_accuses_nobody(stack: Stack, kind: str) -> None:
    """What recovered, was retried, was a client's fault, is there every day or was stopped in order is not a cause."""
    wrong = [(seed, codes) for seed in range(3) if (codes := said(healthy(stack, kind, seed)))]
    assert wrong == []


@pytest.mark.parametrize("stack", STACKS, ids=_IDS)
def test_the_same_failure_that_comes_back_is_reported(stack: Stack) -> None:
    """A failure that is there again at the end of its log is named, or is unknown at least."""
    assert all(said(still_failing(stack, seed)) for seed in range(3))


def _examples() -> list[tuple[str, str]]:
    """Take the examples of codes that later good work ends: those without a frame of their own."""
    documents, _ = phrase_sources()
    known = builtin()
    return [
        (entry["code"], row["example"])
        for document in documents.values()
        for entry in document["meanings"]
        if not entry.get("weak") and (known.transient(entry["code"]) or known.is_a(entry["code"], "one-request"))
        for row in entry["phrases"]
        if "log" in row.get("where", ["log"]) and row["example"][:1].isalpha() and ":" not in row["example"][:24]
    ]


_EXAMPLES = _examples()
_SAMPLE = Random(7).sample(_EXAMPLES, 60)
_GOOD = ("stored berth {}", "priced tariff {} again", "sent notice {} to brook", "checkpoint {} written")


def _log(example: str, *, before: int, times: int, after: int) -> str:
    chance, at, lines = Random(len(example)), datetime(2031, 5, 4, 6, tzinfo=UTC), []
    for n in range(before + times + after):
        failed = before <= n < before + times
        at += timedelta(seconds=chance.uniform(1, 4) if failed else chance.uniform(2, 12))
        text = " ".join(example.split()) if failed else chance.choice(_GOOD).format(chance.randint(100, 999))
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ} {'ERROR' if failed else 'INFO'} {text}")
    return "\n".join(lines) + "\n"


def _check(examples: list[tuple[str, str]]) -> None:
    accused = [(code, text) for code, text in examples if said(_log(text, before=30, times=2, after=130))]
    missed = [(code, text) for code, text in examples if not said(_log(text, before=60, times=3, after=0))]
    assert (accused, missed) == ([], [])


def test_a_failure_with_long_good_work_after_it_is_over_and_one_at_the_end_is_not() -> None:
    """The same words in the same log: what comes after them decides."""
    _check(_SAMPLE)


@pytest.mark.slow
def test_each_wording_is_over_by_good_work_alone() -> None:
    """All wordings of the catalog of which good work shows that they are over."""
    _check(_EXAMPLES)


def test_what_is_over_is_still_listed() -> None:
    """An old failure is not a cause any more, and is reported as over with its time."""
    log = digest(LogRef("a.log"), [_log("connection refused by rates:80", before=30, times=2, after=130).encode()])
    found = [finding for finding in log_findings([log]) if finding.code == "network.refused"]
    assert [finding.over for finding in found] == [True]
    assert found[0].until is not None

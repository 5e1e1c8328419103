"""A tool's answer in few words and few tokens: nothing empty, the newest lines, and how many older ones there are."""

import json
from typing import Any

import pytest

from opsagent.agent.model.tool_answers import compact, fitted, gist
from opsagent.models.tokens import estimate

LINES = [f"2026-11-22T12:00:00.123456789Z INFO row {n} of the import" for n in range(100)]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"pods": [1, 2]}, "2 pods"), ({"pods": [1]}, "1 pod"), ({"matches": [1]}, "1 match"),
        ({"pods": []}, "nothing found"), ({"lines": []}, "nothing found"), ({"status": "ok"}, "15 characters"),
        ({"excerpts": [{"lines": ["a", "b"]}, {"lines": []}]}, "2 excerpts, 2 lines"), ({}, "2 characters"),
    ],
)  # fmt: skip
def test_how_much_was_found_is_said_in_a_few_words(value: dict[str, Any], said: str) -> None:
    """Counts of what the answer lists; its length where it lists nothing."""
    assert gist(value) == said


def test_what_is_empty_costs_no_tokens_but_for_empty_lists_of_the_answer() -> None:
    """Fields without a value and how the look was made are left out; "found none" stays."""
    value = {"url": "http://x", "at": None, "pods": [{"name": "a", "node": "", "labels": {}}], "events": []}
    assert compact(value) == '{"pods":[{"name":"a"}],"events":[]}'
    assert compact({"at": "2026-11-22T12:00:00.123456789Z"}) == '{"at":"2026-11-22T12:00:00Z"}'


@pytest.mark.parametrize("key", ["lines", "matches"])
def test_of_a_long_list_the_newest_are_kept(key: str) -> None:
    """Whole lines from the end, within the bound, and the number of those that are not there."""
    shorter = fitted({"pod": "web-1", key: LINES}, 300)
    assert estimate(compact(shorter)) <= 320
    assert shorter[key][-1] == LINES[-1]
    assert shorter[f"older_{key}_left_out"] == 100 - len(shorter[key]) > 50
    assert fitted({key: LINES[:2]}, 300) == {key: LINES[:2]}


def test_each_container_has_its_share() -> None:
    """A side-car's long log leaves room for the newest lines of the others; even the least room holds one line."""
    shorter = fitted({"service": "web", "excerpts": [{"container": "a", "lines": LINES}] * 3}, 300)
    assert [item["lines"][-1] for item in shorter["excerpts"]] == [LINES[-1]] * 3
    assert len(json.dumps(shorter)) < 2_000
    assert fitted({"lines": LINES}, 1)["lines"] == LINES[-1:]

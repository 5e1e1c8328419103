"""The three kinds of patch."""

from typing import Any

import pytest

from opsagent.sandbox.patches import BadPatchError, json_patch, merge, strategic


def test_strategic_joins_lists_by_their_key() -> None:
    """A container is changed by its name; order and neighbours stay."""
    before: Any = {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}], "args": ["x"]}
    after = strategic(before, {"containers": [{"name": "b", "image": "2"}, {"name": "c"}], "args": ["y"]})
    assert after["containers"] == [{"name": "a", "image": "1"}, {"name": "b", "image": "2"}, {"name": "c"}]
    assert after["args"] == ["y"]
    assert strategic(before, {"containers": [{"name": "a", "$patch": "delete"}]})["containers"] == [
        before["containers"][1]
    ]
    with pytest.raises(BadPatchError, match="merge key"):
        strategic(before, {"containers": [{"image": "3"}]})


def test_directives_replace_and_delete() -> None:
    """$patch states what a plain merge cannot."""
    assert strategic({"a": {"b": 1, "c": 2}}, {"a": {"$patch": "replace", "d": 3}}) == {"a": {"d": 3}}
    assert strategic({"a": {"b": 1}}, {"a": {"b": None}, "$setElementOrder/x": []}) == {"a": {}}


def test_merge_patch_follows_its_rfc() -> None:
    """None removes, dicts merge, everything else replaces."""
    assert merge({"a": {"b": 1, "c": 2}, "l": [1]}, {"a": {"b": None}, "l": [2]}) == {"a": {"c": 2}, "l": [2]}
    assert merge([1], {"a": 1}) == {"a": 1}


def test_json_patch_operates_by_path() -> None:
    """add, remove, replace and test, in dicts and lists, with escaped names."""
    before = {"m": {"a/b": 1}, "l": [1, 2]}
    ops = [
        {"op": "test", "path": "/m/a~1b", "value": 1},
        {"op": "replace", "path": "/m/a~1b", "value": 5},
        {"op": "add", "path": "/l/-", "value": 3},
        {"op": "remove", "path": "/l/0"},
    ]
    assert json_patch(before, ops) == {"m": {"a/b": 5}, "l": [2, 3]}
    assert before == {"m": {"a/b": 1}, "l": [1, 2]}


@pytest.mark.parametrize(
    "patch",
    [
        {},
        [{"op": "add"}],
        [{"op": "remove", "path": "/x"}],
        [{"op": "test", "path": "/m", "value": 2}],
        [{"op": "move", "path": "/m"}],
        [{"op": "replace", "path": "/l/7", "value": 1}],
        [{"op": "replace", "path": "/l/0/deep", "value": 1}],
    ],
)
def test_what_cannot_be_applied_is_refused(patch: object) -> None:
    """Every broken patch raises, none is half applied."""
    document = {"m": 1, "l": [1]}
    with pytest.raises(BadPatchError):
        json_patch(document, patch)
    assert document == {"m": 1, "l": [1]}

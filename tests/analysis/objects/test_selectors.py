"""Selectors, terms and tolerations as the API server and the scheduler read them."""

from typing import Any

import pytest

from opsagent.analysis.objects.selectors import covers, fits_terms, selector_of, selector_text, selects, taint_tolerated

LABELS = {"app": "cart", "tier": "web", "cores": "8"}


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ({"key": "app", "operator": "In", "values": ["cart", "x"]}, True),
        ({"key": "app", "operator": "In", "values": ["x"]}, False),
        ({"key": "app", "operator": "NotIn", "values": ["x"]}, True),
        ({"key": "gone", "operator": "NotIn", "values": ["x"]}, True),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "gone", "operator": "Exists"}, False),
        ({"key": "gone", "operator": "DoesNotExist"}, True),
        ({"key": "cores", "operator": "Gt", "values": ["4"]}, True),
        ({"key": "cores", "operator": "Lt", "values": ["4"]}, False),
        ({"key": "app", "operator": "Gt", "values": ["4"]}, False),
    ],
)
def test_each_operator(expression: dict[str, Any], fits: bool) -> None:
    """In, NotIn, Exists, DoesNotExist, Gt, Lt."""
    assert selects({"matchExpressions": [expression]}, LABELS) is fits


def test_an_empty_selector_means_two_things() -> None:
    """A LabelSelector without rules takes all; a Service's empty map takes none; what is not an object takes none."""
    assert selects({}, LABELS)
    assert not covers({}, LABELS)
    assert not selects(None, LABELS)


def test_node_terms() -> None:
    """One term of several is enough, all of its parts are needed; an empty term fits no node."""
    zone = {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["web"]}]}
    named = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}
    assert fits_terms([{}, zone], LABELS, "n1")
    assert fits_terms([named], LABELS, "n1")
    assert not fits_terms([named], LABELS, "n2")
    assert not fits_terms([{}], LABELS, "n1")


@pytest.mark.parametrize(
    ("toleration", "good"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "team", "operator": "Exists"}, True),
        ({"key": "team", "value": "a"}, True),
        ({"key": "team", "value": "b"}, False),
        ({"key": "team", "value": "a", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_tolerations(toleration: dict[str, Any], good: bool) -> None:
    """Key, value and effect, each where given."""
    assert taint_tolerated({"key": "team", "value": "a", "effect": "NoSchedule"}, [toleration]) is good


def test_selectors_as_text_and_of_old_workloads() -> None:
    """An operator reads them as kubectl writes them."""
    assert (
        selector_text({"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "c", "operator": "Exists"}]})
        == "a=b,c Exists"
    )
    assert selector_text({"a": "b"}) == "a=b"
    assert selector_of({"spec": {"selector": {"a": "b"}}}) == {"matchLabels": {"a": "b"}}

"""Label selectors, held against those of the API server in the sandbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.objects.selectors import selects
from opsagent.errors import UsageError
from opsagent.sandbox.selectors import matches
from opsagent.tools.label_selector import parse_selector

KEYS = st.sampled_from(["app", "tier", "example.com/part"])
VALUES = st.sampled_from(["web", "db", "v1.2", ""])
LABELS = st.dictionaries(KEYS, VALUES)


@st.composite
def _requirements(draw: st.DrawFn) -> str:
    key, value = draw(KEYS), draw(VALUES)
    several = ", ".join(draw(st.lists(VALUES, min_size=1, max_size=3)))
    forms = (f"{key}={value}", f"{key}=={value}", f"{key} != {value}", f"{key} in ({several})",
             f"{key} notin ({several})", key, f"!{key}")  # fmt: skip
    return draw(st.sampled_from(forms))


@given(LABELS, st.lists(_requirements(), min_size=1, max_size=3))
def test_a_selector_chooses_what_the_server_chooses(labels: dict[str, str], parts: list[str]) -> None:
    """Whatever the requirements, the labels that meet them are those that the API server would list."""
    selector = ",".join(parts)
    assert selects(parse_selector(selector), labels) == matches({"metadata": {"labels": labels}}, selector, "")


@pytest.mark.parametrize("wrong", ["", "app=(x", "app in x", "=x", "a b", "app=x,,tier=y", "app=ü", "app in (a"])
def test_what_is_not_a_selector_is_refused(wrong: str) -> None:
    """Text that is not a selector is an error that quotes it, never a selector that matches everything."""
    with pytest.raises(UsageError, match="invalid label selector"):
        parse_selector(wrong)

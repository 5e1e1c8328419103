"""Codes explained: everything of the catalogue, readable at 80 columns."""

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.records import EFFECT_KINDS
from opsagent.ui.explain_view import code_list_view, explain_view, general, helps
from tests.ui.drawing import drawn

CODES = sorted(builtin().codes)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_whole(code: str) -> None:
    """Meaning, how it is found, remedy, and the reason for each action are there, without a brace left over."""
    info = builtin()[code]
    text = " ".join(drawn(explain_view(info)).split())
    effects = [info.effect(kind).why for kind in EFFECT_KINDS]
    for part in (info.meaning, info.found, info.remedy, *effects, *(variant.meaning for variant in info.variants)):
        assert " ".join(part.split()) in text
    assert not any(f"{{{name}}}" in text for name in ("ref", "name", "workload", "service", "ns"))
    assert info.severity in text


def test_every_code_is_in_the_table() -> None:
    """The table is as long as the catalogue, and codes are never cut."""
    lines = drawn(code_list_view(builtin().rows)).splitlines()
    assert [line.split()[0] for line in lines[1:] if not line.startswith(" ")] == list(builtin().codes)
    assert max(map(len, lines)) <= 80


def test_what_helps_is_reported_in_short() -> None:
    """Sure, doubtful and vain differ."""
    assert helps(builtin()["pod.hung"]).startswith("restart, scale?")
    assert helps(builtin()["quota.pods"]).startswith(("none", "rollback?"))


def test_placeholders_are_readable() -> None:
    """A step of no particular incident names what to fill in."""
    assert general("kubectl describe {ref}{ns} {workload} {service} {name}") == (
        "kubectl describe <kind>/<name> -n <namespace> deployment/<name> <service> <name>"
    )

"""One incident each: who is the patient."""

import pytest

from opsagent.analysis.reasoning.patients import patients
from opsagent.models.evidence import ServiceHealth
from opsagent.models.service import CallGraph

GRAPH = CallGraph({"front": ("gateway",), "gateway": ("users", "blog"), "users": ("redis",), "mail": ()})
NAMES = ("front", "gateway", "users", "blog", "redis", "mail")


def healths(*faulty: str) -> tuple[ServiceHealth, ...]:
    """Return the judgements with these services faulty."""
    return tuple(ServiceHealth(name, "faulty" if name in faulty else "healthy") for name in NAMES)


@pytest.mark.parametrize(
    ("faulty", "named", "expected"),
    [
        ((), None, ()),
        ((), "users", ()),
        (("redis",), "users", ("users",)),  # something that it calls is faulty
        (("redis",), "blog", ()),
        (("front",), "users", ()),  # a caller's fault is not its own
        (("users", "redis"), None, ("redis",)),
        (("front", "blog", "users"), None, ("users", "blog")),
        (("users", "blog"), None, ("users", "blog")),  # no path between them
        (("mail", "redis"), None, ("redis", "mail")),
    ],
)
def test_the_patients(faulty: tuple[str, ...], named: str | None, expected: tuple[str, ...]) -> None:
    """Whoever fails without a faulty service below it is the patient; independent faults are separate."""
    assert patients(healths(*faulty), GRAPH, named) == expected


def test_a_circle_has_one_patient() -> None:
    """Services that call each other are one incident."""
    graph = CallGraph({"users": ("blog",), "blog": ("users",)})
    assert patients(healths("users", "blog"), graph, None) == ("users",)


def test_unknown_is_not_a_patient() -> None:
    """A service that could not be checked is not diagnosed by itself."""
    assert patients((ServiceHealth("users", "unknown"),), GRAPH, None) == ()

"""The wide check: all kinds side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from opsagent.errors import (
    CheckError,
    ForbiddenError,
    NotAnAnswerError,
    NotFoundError,
    TransientCheckError,
    UnauthorizedError,
)
from opsagent.models.observed import Objects, Skipped
from opsagent.sandbox import Fault
from opsagent.tools.cluster import WIDE_KINDS, all_kinds
from tests.tools.platforms import Records

Boxed = Callable[[str], tuple[Any, Any]]


def test_every_kind_is_checked(boxed: Boxed) -> None:
    """All kinds are read; metrics that are not served are skipped, and Secrets never asked for."""
    platform, box = boxed("healthy")
    objects = all_kinds(platform)
    assert objects.looked == set(WIDE_KINDS) - {"PodMetrics", "NodeMetrics"}
    assert {skip.why for skip in objects.skipped} == {"not served by this cluster"}
    assert {"Pod", "Deployment", "Node", "Event"} <= {item["kind"] for item in objects.items}
    assert not any("secrets" in path for _, path in box.requests)


def test_forbidden_kinds_are_skipped(boxed: Boxed) -> None:
    """What may not be listed is not among the kinds checked, and it is stated why."""
    platform, box = boxed("healthy")
    box.faults.add(Fault.forbidden("list", "nodes"), Fault.forbidden("list", "events"))
    objects = all_kinds(platform)
    assert not {"Node", "Event"} & objects.looked
    assert {"nodes", "events"} <= {skip.source for skip in objects.skipped}


def test_nothing_can_be_read(boxed: Boxed) -> None:
    """If nothing at all can be read, that is an error, and it costs one request."""
    platform, box = boxed("healthy")
    box.faults.add(Fault.unauthorized())
    with pytest.raises(UnauthorizedError):
        all_kinds(platform)
    assert len(box.requests) == 1


def test_everything_forbidden() -> None:
    """A role that may list nothing is an error."""
    forbidden = ForbiddenError("no", source="pods")
    with pytest.raises(ForbiddenError):
        all_kinds(Records(kinds=dict.fromkeys(WIDE_KINDS, forbidden)))


def test_everything_forbidden_is_asked_once() -> None:
    """Where every list was refused before, nothing is asked again, and it is the same error."""
    refused: dict[str, Skipped] = {}
    records = Records(kinds=dict.fromkeys(WIDE_KINDS, ForbiddenError("no", source="pods")))
    for platform in (records, Records()):
        with pytest.raises(ForbiddenError, match="no"):
            all_kinds(platform, refused=refused)
    assert refused.keys() == set(WIDE_KINDS)


def test_checked_and_there_is_none() -> None:
    """A kind without objects was checked; a kind that failed was not."""
    failing: CheckError = NotFoundError("no", source="metrics")
    objects = all_kinds(Records(kinds={"PodMetrics": failing}))
    assert "Pod" in objects.looked
    assert "PodMetrics" not in objects.looked


def test_objects_are_cleaned_on_the_way() -> None:
    """The cleaning that is handed in is applied to each object."""
    platform = Records(kinds={"Pod": [{"kind": "Pod", "secret": "x"}]})
    objects = all_kinds(platform, clean=lambda item: {"kind": item["kind"]})
    assert objects.items == ({"kind": "Pod"},)


def test_bundle_gives_all_that_it_holds() -> None:
    """A platform that holds its objects is not asked kind by kind, so that other kinds and allocations are kept."""

    class Bundle(Records):
        def objects(self) -> Objects:
            return Objects(({"kind": "Widget"},), frozenset({"Widget"}), allocated={"n1": {}})

    objects = all_kinds(Bundle(), clean=lambda item: item | {"clean": True})
    assert objects.items == ({"kind": "Widget", "clean": True},)
    assert objects.looked == {"Widget"}
    assert objects.allocated == {"n1": {}}


@dataclass
class Proving(Records):
    """Records whose API server can be asked whether it is one."""

    proof: CheckError | None = None

    def prove(self) -> None:
        """Raise what was given."""
        if self.proof is not None:
            raise self.proof


@pytest.mark.parametrize(
    "first", [TransientCheckError("hangs", source="pods"), NotAnAnswerError("HTML", source="pods")]
)
def test_api_server_that_fails_is_one_fault(first: CheckError) -> None:
    """Where the first list fails and the API server does not prove to be one, the other kinds are not waited for."""
    proof = TransientCheckError("no answer to /version", source="cluster")
    with pytest.raises(TransientCheckError, match="/version"):
        all_kinds(Proving(kinds=dict.fromkeys(WIDE_KINDS, first), proof=proof))


def test_one_list_that_fails_is_not_a_reason_to_stop() -> None:
    """A list that takes too long leaves the other kinds, where the API server answers."""
    objects = all_kinds(Proving(kinds={"Pod": TransientCheckError("too slow", source="pods")}))
    assert "Node" in objects.looked
    assert "Pod" not in objects.looked
    assert [(skip.source, skip.why) for skip in objects.skipped] == [("pods", "too slow")]

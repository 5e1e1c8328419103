"""The wide look: all kinds side by side."""

from collections.abc import Callable
from typing import Any

import pytest

from opsagent.errors import ForbiddenError, LookError, NotFoundError, UnauthorizedError
from opsagent.models.look import Objects
from opsagent.sandbox import Fault
from opsagent.tools.cluster import WIDE_KINDS, wide_look
from tests.tools.platforms import Records

Boxed = Callable[[str], tuple[Any, Any]]


def test_every_kind_is_looked_at(boxed: Boxed) -> None:
    """All kinds are read; metrics that are not served are skipped, and Secrets never asked for."""
    platform, box = boxed("healthy")
    objects = wide_look(platform)
    assert objects.looked == set(WIDE_KINDS) - {"PodMetrics", "NodeMetrics"}
    assert {skip.why for skip in objects.skipped} == {"not served by this cluster"}
    assert {"Pod", "Deployment", "Node", "Event"} <= {item["kind"] for item in objects.items}
    assert not any("secrets" in path for _, path in box.requests)


def test_forbidden_kinds_are_skipped(boxed: Boxed) -> None:
    """What may not be listed is not among the kinds looked at, and it is said why."""
    platform, box = boxed("healthy")
    box.faults.add(Fault.forbidden("list", "nodes"), Fault.forbidden("list", "events"))
    objects = wide_look(platform)
    assert not {"Node", "Event"} & objects.looked
    assert {"nodes", "events"} <= {skip.source for skip in objects.skipped}


def test_nothing_can_be_read(boxed: Boxed) -> None:
    """If nothing at all can be read, that is an error, and it costs one request."""
    platform, box = boxed("healthy")
    box.faults.add(Fault.unauthorized())
    with pytest.raises(UnauthorizedError):
        wide_look(platform)
    assert len(box.requests) == 1


def test_everything_forbidden() -> None:
    """A role that may list nothing is an error."""
    forbidden = ForbiddenError("no", source="pods")
    with pytest.raises(ForbiddenError):
        wide_look(Records(kinds=dict.fromkeys(WIDE_KINDS, forbidden)))


def test_looked_and_there_is_none() -> None:
    """A kind without objects was looked at; a kind that failed was not."""
    failing: LookError = NotFoundError("no", source="metrics")
    objects = wide_look(Records(kinds={"PodMetrics": failing}))
    assert "Pod" in objects.looked
    assert "PodMetrics" not in objects.looked


def test_objects_are_cleaned_on_the_way() -> None:
    """The cleaning that is handed in is applied to each object."""
    platform = Records(kinds={"Pod": [{"kind": "Pod", "secret": "x"}]})
    objects = wide_look(platform, clean=lambda item: {"kind": item["kind"]})
    assert objects.items == ({"kind": "Pod"},)


def test_bundle_gives_all_that_it_holds() -> None:
    """A platform that holds its objects is not asked kind by kind, so that other kinds and allocations are kept."""

    class Bundle(Records):
        def objects(self) -> Objects:
            return Objects(({"kind": "Widget"},), frozenset({"Widget"}), allocated={"n1": {}})

    objects = wide_look(Bundle(), clean=lambda item: item | {"clean": True})
    assert objects.items == ({"kind": "Widget", "clean": True},)
    assert objects.looked == {"Widget"}
    assert objects.allocated == {"n1": {}}

"""One process holds an incident, and the ledger states how it was left."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from opsagent.agent.driving import Desk
from opsagent.agent.holding import from_ledger, held
from opsagent.agent.wiring import LiveArchive
from opsagent.errors import CheckError, IncidentError, StoreError
from opsagent.store.incidents import Incidents
from opsagent.store.lock import is_held
from tests.agent.small_platform import AT, Bench


class Full(Incidents):
    """A ledger that can keep nothing more."""

    def update(self, incident_id: str, **columns: str | None) -> None:
        """Fail as a full disk does."""
        raise StoreError("no space left")


@dataclass
class Held:
    """An incident, and the process that works on it."""

    small: Bench
    desk: Desk
    incident_id: str

    def worked(self, work: Callable[[], Any], *, waits: tuple[str, ...] = ("execute",)) -> None:
        """Work on it while it is held; `waits` is the box that comes next."""
        graph = cast("Any", SimpleNamespace(get_state=lambda config: SimpleNamespace(next=waits)))
        with held(self.small.ctx, self.desk, self.incident_id, {}, graph):
            work()


def opened(small: Bench, **asked: Any) -> Held:
    """Enter an incident in the ledger."""
    archive = small.ctx.archive
    assert isinstance(archive, LiveArchive)
    ledger = archive.store.incidents
    name = ledger.open("blog", small.platform.where, AT, settings={"settings": {}, **asked})
    return Held(small, Desk(ledger, cast("Any", None)), name)


def fails(error: BaseException) -> Callable[[], None]:
    """Return work that ends with an error."""

    def work() -> None:
        raise error

    return work


LEFT: list[tuple[BaseException, tuple[str, ...], str, str]] = [
    (KeyboardInterrupt(), ("execute",), "interrupted", ""),
    (CheckError("the API server is away", source="x"), ("verify",), "failed", "the API server is away"),
    (StoreError("no space left"), ("approval",), "awaiting_approval", "no space left"),
    (KeyboardInterrupt(), ("approval",), "awaiting_approval", ""),
]


@pytest.mark.parametrize(("error", "waits", "stage", "why"), LEFT)
def test_how_it_was_left_is_in_the_ledger(
    small: Bench, error: BaseException, waits: tuple[str, ...], stage: str, why: str
) -> None:
    """Interrupted, failed with its reason, or still waiting for its answer; the error goes on to the caller."""
    one = opened(small)
    small.later(minutes=3)
    with pytest.raises(type(error)):
        one.worked(fails(error), waits=waits)
    known = one.desk.incidents.get(one.incident_id)
    assert (known.stage, known.text) == (stage, why)
    assert known.updated_at == small.clock[0]


def test_an_incident_that_is_none_is_left_as_it_is(small: Bench) -> None:
    """Ended already, or held by another process: what the ledger states of it does not change."""
    one = opened(small)
    before = one.desk.incidents.get(one.incident_id)
    with pytest.raises(IncidentError):
        one.worked(fails(IncidentError("it has ended")))
    assert one.desk.incidents.get(one.incident_id) == before


def test_work_that_comes_to_its_end_changes_nothing_here(small: Bench) -> None:
    """The end is entered by who wrote the report; the lock is let go."""
    one = opened(small)
    before = one.desk.incidents.get(one.incident_id)
    one.worked(lambda: None)
    assert one.desk.incidents.get(one.incident_id) == before


def test_one_process_holds_it(small: Bench) -> None:
    """Whoever comes second is refused, and nothing of it is done; afterwards it is free."""
    one = opened(small)
    done: list[str] = []

    def second() -> None:
        assert is_held(one.desk.incidents.state_dir, one.incident_id)
        with pytest.raises(IncidentError):
            one.worked(lambda: done.append("twice"))

    one.worked(second)
    assert done == []
    assert not is_held(one.desk.incidents.state_dir, one.incident_id)


def test_a_ledger_that_cannot_be_written_does_not_hide_why(small: Bench) -> None:
    """The first error is what is reported, and the incident is let go."""
    one = opened(small)
    full = replace(one, desk=replace(one.desk, incidents=Full(one.desk.incidents.state_dir)))
    with pytest.raises(CheckError, match="away"):
        full.worked(fails(CheckError("away", source="x")))
    assert not is_held(one.desk.incidents.state_dir, one.incident_id)


@pytest.mark.parametrize("error", [None, CheckError("away", source="x")])
def test_the_same_secrets_keep_their_numbers(small: Bench, error: Exception | None) -> None:
    """What was redacted is kept for the next process, however this one ended."""
    one = opened(small)
    small.ctx.seen.redact("password=hunter2hunter2")
    with suppress(CheckError):
        one.worked(fails(error) if error else lambda: None)
    assert one.desk.incidents.redaction(one.incident_id) == small.ctx.seen.redact.state()


def test_an_incident_that_was_stopped_at_once_begins_again(small: Bench) -> None:
    """Nothing was kept of it but its entry: the same question, in the same place."""
    one = opened(small, force=True)
    assert from_ledger(one.desk, one.incident_id) == {
        "incident_id": one.incident_id,
        "asked": "blog",
        "force": True,
        "where": small.platform.where,
        "started_at": AT,
    }
    assert from_ledger(one.desk, opened(small).incident_id)["force"] is False


def test_an_order_that_was_stopped_at_once_is_given_again_by_hand(small: Bench) -> None:
    """Nothing was done: it is closed, and never carried out later."""
    one = opened(small, order=True)
    with pytest.raises(IncidentError, match="was stopped before anything was done") as caught:
        from_ledger(one.desk, one.incident_id)
    assert caught.value.hint == "give the command again"
    known = one.desk.incidents.get(one.incident_id)
    assert (known.stage, known.text) == ("rejected", "stopped before anything was done")
    assert not known.open

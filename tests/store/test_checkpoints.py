"""An incident's state survives the process, in opsagent's own types and in no others."""

import logging
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from opsagent.errors import StoreError
from opsagent.models.incident import Report
from opsagent.models.plan import Answer, Plan
from opsagent.store.checkpoints import checkpointer, record_types
from tests.store.records_made import ANSWER, PLAN, report
from tests.store.test_paths import mode


class State(TypedDict, total=False):
    """What travels in these tests."""

    plan: Plan
    report: Any  # not named in the annotations: it has to be in the list of known types
    answers: Annotated[tuple[Answer, ...], lambda old, new: (*old, *new)]


def graph(saver: Any) -> Any:
    """Return a graph that plans, asks, and keeps the answer."""
    builder = StateGraph(State)
    builder.add_node("think", lambda state: {"plan": PLAN, "report": report()})
    builder.add_node("ask", lambda state: {"answers": (interrupt(state["plan"]),)})
    builder.add_edge(START, "think")
    builder.add_edge("think", "ask")
    builder.add_edge("ask", END)
    return builder.compile(checkpointer=saver)


CONFIG: dict[str, Any] = {"configurable": {"thread_id": "b7k2"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the checkpoints are."""
    return tmp_path / "s" / "checkpoints.db"


def test_an_incident_goes_on_in_another_process(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Paused, closed, opened again: the records are what they were, and nobody warns of unknown types."""
    saver = checkpointer(path)
    with closing(saver.conn):
        paused = graph(saver).invoke({}, CONFIG, durability="sync")
        assert paused["__interrupt__"][0].value == PLAN
    saver = checkpointer(path)
    with closing(saver.conn), caplog.at_level(logging.WARNING):
        waiting = graph(saver).get_state(CONFIG)
        assert waiting.next == ("ask",)
        kept = waiting.values["report"]
        assert isinstance(kept, Report)
        assert (kept.causes[0], kept.ended_at) == (report().causes[0], report().ended_at)
        assert isinstance(kept.ended_at, datetime)
        ended = graph(saver).invoke(Command(resume=ANSWER), CONFIG, durability="sync")
        assert tuple(ended["answers"]) == (ANSWER,)
    assert caplog.records == []


def test_its_files_are_private(path: Path) -> None:
    """0600 for the file and those beside it, 0700 around them."""
    saver = checkpointer(path)
    with closing(saver.conn):
        graph(saver).invoke({}, CONFIG, durability="sync")
        found = {one.name: mode(one) for one in path.parent.iterdir()}
    assert {"checkpoints.db", "checkpoints.db-wal"} <= set(found)
    assert set(found.values()) == {0o600}
    assert mode(path.parent) == 0o700


def test_it_is_in_wal_mode_and_synced(path: Path) -> None:
    """A power cut after a step does not lose the step."""
    saver = checkpointer(path)
    with closing(saver.conn):
        assert saver.conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert saver.conn.execute("PRAGMA synchronous").fetchone() == (2,)


class Stranger:
    """A class that no checkpoint may bring back."""

    made = 0

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        type(self).made += 1


def test_nothing_in_a_checkpoint_is_run(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A type that is not ours stays plain data, and pickles are refused."""
    import ormsgpack

    saver = checkpointer(path)
    with closing(saver.conn), caplog.at_level(logging.ERROR):
        for number in range(6):
            for target in ((__name__, "Stranger"), ("os", "system"), ("subprocess", "Popen")):
                inner = ormsgpack.packb((*target, ["true"], "__call__"))
                hostile = ormsgpack.packb(ormsgpack.Ext(number, inner))
                assert not isinstance(saver.serde.loads_typed(("msgpack", hostile)), (Stranger, subprocess.Popen))
        assert Stranger.made == 0
        with pytest.raises(NotImplementedError):
            saver.serde.loads_typed(("pickle", b"cos\nsystem\n(S'true'\ntR."))


def test_every_record_of_the_models_is_known() -> None:
    """A record that is added to opsagent.models needs no entry anywhere."""
    names = {name for _, name in record_types()}
    assert {"Plan", "Answer", "Approval", "Report", "Finding", "CallGraph", "StatsSample", "Panel", "Where"} <= names
    assert all(module.startswith("opsagent.models.") for module, _ in record_types())


def test_a_damaged_file_is_named_with_how_to_fix_it(path: Path) -> None:
    """Neither a traceback nor a fresh start."""
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"this was a database once" * 100)
    with pytest.raises(StoreError, match=r"checkpoints\.db cannot be opened: file is not a database") as caught:
        checkpointer(path)
    assert caught.value.hint is not None
    assert "move it aside" in caught.value.hint


@pytest.mark.parametrize(
    "damage", ["checkpoint = x'ff00'", "checkpoint = x'81a161'", "checkpoint = 'text'", "checkpoint = x'80'",
               "type = 'weird'", "metadata = x'ff'"],
)  # fmt: skip
def test_a_damaged_checkpoint_names_its_incident(path: Path, damage: str) -> None:
    """Bytes that are no record, and kinds that nobody knows, are StoreError with the way on."""
    saver = checkpointer(path)
    with closing(saver.conn):
        graph(saver).invoke({}, CONFIG, durability="sync")
        saver.conn.execute(f"UPDATE checkpoints SET {damage}")
        with pytest.raises(StoreError, match=r"the checkpoint of incident b7k2 in .* is damaged"):
            graph(saver).get_state(CONFIG)


def test_an_error_while_it_is_used_is_ours(path: Path) -> None:
    """A disk that fills up between two steps ends in StoreError, not in SQLite's own."""
    saver = checkpointer(path)
    with closing(saver.conn):
        saver.setup()
        saver.conn.execute("PRAGMA max_page_count=1")
        with pytest.raises(StoreError, match="full"):
            graph(saver).invoke({}, CONFIG, durability="sync")


def test_naming_the_store_loads_no_langgraph() -> None:
    """Only who opens the checkpoints pays half a second for them."""
    script = "import sys, opsagent.store.checkpoints; print('langgraph' in sys.modules, 'pydantic' in sys.modules)"
    end = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert end.stdout == "False False\n"

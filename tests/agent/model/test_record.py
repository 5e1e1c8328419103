"""What a model looked up and stated is on the trail: asked once an incident, once a fault, and counted to the day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opsagent.agent.model import record
from opsagent.agent.state import State
from opsagent.agent.wiring import LiveArchive
from opsagent.config.settings import Settings
from opsagent.models.evidence import Evidence
from opsagent.models.opinion import Claim, Opinion
from opsagent.store.store import Store
from tests.agent.paused import Paused, paused
from tests.model_server import ModelServer, fails

pytestmark = pytest.mark.usefixtures("own_environment")

USER = "Deployment/local-user-service-deployment"
GOOD = {"code": "pod.oom-killed", "object": USER, "evidence": ["E1"], "summary": "It took too much memory."}
LOOK = {"lookups": [{"tool": "timeline", "about": None, "pattern": None}]}


@pytest.fixture(scope="module")
def starving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paused]:
    """An incident that no action fixes."""
    with paused("oom-killed", "user-service", tmp_path_factory.mktemp("oom")) as incident:
        yield incident


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A state directory of its own."""
    return Store.at(replace(Settings(), state_dir=tmp_path / "state"), {})


@pytest.fixture
def kept(starving: Paused, store: Store) -> Paused:
    """The incident, with a store that keeps what happens."""
    ctx = replace(starving.ctx, archive=LiveArchive(store, "here"), spending=store.model_tokens)
    return replace(starving, ctx=ctx)


def other(incident: Paused, name: str) -> Paused:
    """Return another incident of the same fault."""
    return replace(incident, state=State(**{**incident.state, "incident_id": name}))


def question(server: ModelServer, number: int) -> str:
    """Return the text of the so many-th question."""
    text: str = server.requests[number]["body"]["messages"][1]["content"]
    return text


def test_what_was_asked_looked_up_and_stated_is_on_the_trail(kept: Paused, store: Store, server: ModelServer) -> None:
    """Each call with its answer, the vote, and the answer, with the model's name; and in the report's analysis."""
    server.enqueue(LOOK, GOOD, GOOD)
    state, _ = kept.go_on(server.url)
    records = store.audit.list("h0st", kind="model")
    assert [one.data["what"] for one in records] == ["call", "vote", "answer"]
    assert {one.data["model"] for one in records} == {"small"}
    assert records[0].data["text"].startswith("timeline() → ")
    assert records[2].data["text"] == "pod.oom-killed: It took too much memory."
    assert [one.call for one in state["analysis"].looked_up] == ["timeline()"]
    assert store.audit.verify({}).complaints == ()


def test_a_resumed_diagnosis_asks_nothing_twice(kept: Paused, server: ModelServer) -> None:
    """Cut off after a call: the call is not made again. Cut off after the answer: nothing is asked at all."""
    server.enqueue(LOOK, fails(401))
    cut_off, _ = kept.go_on(server.url)
    assert cut_off["analysis"].fallback is not None
    kept.heard.steps.clear()
    server.enqueue(GOOD, GOOD)
    state, _ = kept.go_on(server.url)
    assert "timeline(): " in question(server, 2)
    assert "look_up" not in kept.heard.walked
    assert [one.call for one in state["analysis"].looked_up] == ["timeline()"]
    again, _ = kept.go_on(server.url)
    assert len(server.requests) == 4
    assert again["analysis"].opinion == state["analysis"].opinion
    assert again["analysis"].calls == 0


def test_one_investigation_a_fault(kept: Paused, server: ModelServer) -> None:
    """Another incident of the same fault takes over what was found, tested again; nothing is asked, and it is named."""
    server.enqueue(LOOK, GOOD, GOOD)
    first, _ = kept.go_on(server.url)
    second, _ = other(kept, "2nd1").go_on(server.url)
    assert len(server.requests) == 3
    analysis = second["analysis"]
    assert (analysis.same_as, analysis.calls, analysis.used) == ("h0st", 0, False)
    assert analysis.opinion is not None
    assert analysis.opinion.agreement == "agrees"
    assert analysis.opinion.summary == "It took too much memory."
    assert first["analysis"].same_as is None
    ids = [piece.id for piece in second["evidence"]]
    assert len(ids) == len(set(ids))


def test_an_old_investigation_does_not_stand_for_a_new_incident(kept: Paused, server: ModelServer) -> None:
    """After some hours the same fault is investigated again."""
    server.enqueue(GOOD, GOOD, GOOD, GOOD)
    kept.go_on(server.url)
    hours = timedelta(hours=record.SAME_FAULT_H + 0.1)
    later = replace(kept, ctx=replace(kept.ctx, clock=lambda: datetime.now(UTC) + hours))
    other(later, "2nd2").go_on(server.url)
    assert len(server.requests) == 4


def test_the_day_s_tokens_are_counted_and_bound(kept: Paused, store: Store, server: ModelServer) -> None:
    """Two questions of 120 tokens are 240 of the day; at the limit nothing is asked, and the report states why."""
    server.enqueue(GOOD, GOOD)
    state, _ = kept.go_on(server.url, daily_tokens=240)
    assert store.model_tokens.of_day(datetime.now(UTC)) == 240
    assert (state["analysis"].day_tokens, state["analysis"].daily_tokens) == (240, 240)
    refused, _ = other(kept, "2nd3").go_on(server.url, daily_tokens=240)
    assert len(server.requests) == 2
    assert refused["analysis"].not_asked == "240 tokens were used today, and model.daily_tokens is 240"
    assert refused["analysis"].opinion is None
    assert refused["causes"][0].code == "pod.oom-killed"


@pytest.mark.parametrize("failing", [401, 500])
def test_a_failed_question_costs_what_was_sent_before_it(
    kept: Paused, store: Store, server: ModelServer, failing: int
) -> None:
    """Only answers are counted; the diagnosis goes on."""
    server.enqueue(GOOD, *[fails(failing)] * 3)
    kept.go_on(server.url)
    assert store.model_tokens.of_day(datetime.now(UTC)) == 120


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"when": "never"}, "model.when is never"),
        ({"when": "unsure"}, None),
        ({"when": "always"}, None),
    ],
)
def test_when_it_is_asked(kept: Paused, server: ModelServer, settings: dict[str, Any], why: str | None) -> None:
    """Never; unsure and always where no check confirms the cause: a state that the API names is seen, not checked."""
    server.enqueue(GOOD, GOOD)
    state, _ = kept.go_on(server.url, **settings)
    assert state["analysis"].not_asked == why
    assert len(server.requests) == (0 if why else 2)


def test_adopted_evidence_has_this_incidents_numbers() -> None:
    """What both incidents hold has this one's number, the rest new ones; claims follow."""
    ours = (Evidence("E1", "logs", "a:L1", "same"), Evidence("E2", "logs", "b:L1", "ours"))
    theirs = (Evidence("E9", "logs", "a:L1", "same"), Evidence("E2", "logs", "c:L1", "theirs"))
    claims = (Claim("x", "same", "E9"), Claim("y", "theirs", "E2"), Claim("z", "nothing", "E77"))
    said = record.adopted(Opinion("db.locked", None, "", theirs, claims=claims), ours, 2)
    assert [(piece.id, piece.text) for piece in said.evidence] == [("E1", "same"), ("E3", "theirs")]
    assert [claim.evidence for claim in said.claims] == ["E1", "E3", ""]

"""The calls of one investigation: bounded, reported at once, numbered as evidence; a slip goes back corrected."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from opsagent.agent.model.investigation_tools import TOOLS
from opsagent.agent.model.material import material_of
from opsagent.agent.model.schema import FirstAnswer, Lookup, ToolName
from opsagent.agent.model.tool_calls import MOST_CALLS, Calls
from opsagent.models.incident import Step
from opsagent.models.tokens import estimate
from tests.agent.paused import Paused, paused
from tests.session import Heard

USER = "local-user-service-deployment"


@pytest.fixture(scope="module")
def starving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paused]:
    """An incident on the sandbox, up to its logs."""
    with paused("oom-killed", "user-service", tmp_path_factory.mktemp("oom")) as incident:
        yield incident


@pytest.fixture
def calls(starving: Paused) -> Calls:
    """Calls of a new diagnosis, with somebody who is notified of them."""
    return Calls(material_of(starving.state, starving.ctx), Heard(), starving.ctx.clock)


def steps(calls: Calls) -> list[Step]:
    """Return what the operator was shown."""
    heard = calls.progress
    assert isinstance(heard, Heard)
    return heard.steps


def asked(tool: str, about: str | None = None, pattern: str | None = None) -> Lookup:
    """Return what a model asks for."""
    return Lookup(tool=tool, about=about, pattern=pattern)


def test_the_schema_names_the_tools_that_there_are() -> None:
    """What constrained decoding may write is what can be called."""
    assert set(ToolName.__args__) == set(TOOLS)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("tool", "about", "pattern", "source"),
    [
        ("digest", "user-service", None, "logs"), ("search", None, "memory", "logs"), ("events", None, None, "events"),
        ("object", f"Deployment/{USER}", None, "objects"), ("changes", None, None, "objects"),
        ("figures", None, None, "metrics"), ("alerts", None, None, "alerts"), ("timeline", None, None, "history"),
        ("neighbours", "user-service", None, "health"),
    ],
)  # fmt: skip
def test_each_answer_is_numbered_evidence_and_a_line_of_its_own(
    calls: Calls, tool: str, about: str | None, pattern: str | None, source: str
) -> None:
    """It is shown at once with its number; the evidence holds what was found, on the live platform."""
    (made,) = calls.round([asked(tool, about, pattern)], 7)
    assert made.ok
    assert made.evidence is not None
    assert (made.evidence.id, made.evidence.source) == ("E7", source)
    assert made.evidence.text
    assert estimate(made.evidence.text) <= 500
    [step] = steps(calls)
    assert (step.node, step.ok) == ("look_up", True)
    assert step.text.startswith(f"E7 {tool}(")


def test_what_the_catalog_means_is_not_evidence(calls: Calls) -> None:
    """The codes of a family help the model; nothing of an incident can be quoted from them."""
    (made,) = calls.round([asked("codes", "db")], 7)
    assert (made.evidence, made.ok) == (None, True)
    assert "db.locked: " in made.text
    assert calls.evidence == ()


SLIPS: dict[str, tuple[Lookup, str]] = {
    "an unknown tool": (asked("delete_pod", "x"), "there is no tool 'delete_pod'; the tools are"),
    "a changing tool": (asked("restart_deployment", "x"), "there is no tool 'restart_deployment'"),
    "a near name": (asked("get_events"), "the tools are events"),
    "a private name": (asked("__class__"), "there is no tool '__class__'"),
    "a service that there is not": (asked("digest", "no-such-service"), "known: "),
    "a pattern that is none": (asked("search", None, "("), "cannot be used"),
    "no pattern": (asked("search"), "search needs a pattern"),
    "another namespace's object": (asked("object", "kube-system/Pod/coredns"), "object needs Kind/name"),
    "a name of 201 letters": (asked("digest", "x" * 201), "one line of at most 200"),
    "a line feed": (asked("digest", "x\ny"), "one line of at most 200"),
}


@pytest.mark.parametrize(("lookup", "why"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_answered_and_the_asking_goes_on(calls: Calls, lookup: Lookup, why: str) -> None:
    """The model is shown the right form; nothing is evidence, and the next call is made all the same."""
    slip, good = calls.round([lookup, asked("timeline")], 5)
    assert (slip.ok, slip.evidence) == (False, None)
    assert why in slip.text
    assert good.evidence is not None
    assert good.evidence.id == "E5"
    assert [step.ok for step in steps(calls)] == [False, True]


def test_a_repeat_is_a_slip_that_names_the_answer(calls: Calls) -> None:
    """The same call twice shows nothing new: the model is pointed to the number that it has."""
    calls.round([asked("timeline")], 5)
    (again,) = calls.round([asked("timeline")], 6)
    assert (again.ok, "it is E5" in again.text) == (False, True)


def test_no_more_calls_than_eight(calls: Calls) -> None:
    """Slips count: a model that only errs comes to an end."""
    for number in range(5):
        calls.round([asked("digest", f"nothing-{number}-{n}") for n in range(2)], 5)
    assert len(calls.made) == MOST_CALLS == 8
    assert calls.left == 0
    assert calls.round([asked("timeline")], 5) == ()


@pytest.mark.parametrize("most", [0, 3])
def test_no_more_calls_than_configured(calls: Calls, most: int) -> None:
    """With max_lookups 0 there is none."""
    fewer = replace(calls, most=most, made=[])
    fewer.round([asked("codes", family) for family in ("db", "pod", "node", "image")], 5)
    assert len(fewer.made) == most


def test_an_answer_is_bounded_and_redacted(starving: Paused, calls: Calls) -> None:
    """A secret in a line is hidden in the evidence and on the operator's line."""
    starving.box.state.log("user-service", "ERROR login failed password=hunter2")
    (made,) = calls.round([asked("search", "user-service", "login failed")], 5)
    assert made.evidence is not None
    assert "<redacted:password:" in made.evidence.text
    assert "hunter2" not in made.evidence.text
    (slip,) = calls.round([asked("digest", "password=hunter2")], 6)
    assert "hunter2" not in slip.call + slip.text + steps(calls)[-1].text


CALLS: dict[str, Any] = {
    "one look-up": {"lookup": {"tool": "timeline", "about": None}},
    "with arguments": {"lookups": [{"tool": "digest", "arguments": {"service": "blog"}}]},
    "as a function": {"lookups": [{"name": "search", "args": {"query": "x"}}]},
    "bare": {"tool": "events", "object": "Pod/x"},
    "a name alone": {"lookups": ["timeline"]},
    "too many": {"lookups": [{"tool": "timeline"}] * 9},
}


@pytest.mark.parametrize("said", CALLS.values(), ids=CALLS)
def test_a_call_is_read_however_a_model_writes_it(said: dict[str, Any]) -> None:
    """The shapes of tool calls that models were trained on are understood; more than three a round are left out."""
    read = FirstAnswer.model_validate(said).lookups
    assert 1 <= len(read) <= 3
    assert read[0].tool in TOOLS

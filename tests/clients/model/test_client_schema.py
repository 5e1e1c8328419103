"""How an answer's schema is asked for, and what end points that know none get instead."""

import pytest

from opsagent.clients.model.client import MOST_IN_ALL
from opsagent.clients.model.errors import NoRepairError
from opsagent.errors import ModelError
from tests.clients.model.asking import GOOD, Clock, Shape, ask, client
from tests.model_server import ModelServer, fails, replies

pytestmark = pytest.mark.usefixtures("own_environment")


def formats(server: ModelServer) -> list[bool]:
    """Return whether each question named the answer's schema as a parameter."""
    return ["response_format" in request["body"] for request in server.requests]


@pytest.mark.parametrize("stream", [True, False])
def test_the_schema_is_named_as_a_parameter_too(server: ModelServer, stream: bool) -> None:
    """A server that can holds the model to it: the plain schema, no lengths, and the same words in the question."""
    server.enqueue(*[replies(str(GOOD).replace("'", '"'), stream=stream)] * 2)
    assert ask(client(server)).answer.code == "db.locked"
    body = server.requests[-1]["body"]
    assert body["response_format"]["type"] == "json_schema"
    named = body["response_format"]["json_schema"]
    assert named["schema"]["required"] == ["code"]
    assert named["schema"]["properties"]["code"] == {"type": "string"}
    assert '{"code": string, "evidence": [string, …at most 5]}' in body["messages"][1]["content"]


@pytest.mark.parametrize("status", [400, 415, 422, 501])
def test_an_end_point_without_schemas_is_asked_in_plain_words(
    server: ModelServer, status: int, recwarn: pytest.WarningsRecorder
) -> None:
    """It refuses the parameter: asked again at once without it, and never with it again; no pause, no call more."""
    clock = Clock()
    said = "'response_format' of type 'json_schema' is not supported with this model"
    server.enqueue(fails(status, said), GOOD, GOOD)
    model = client(server, clock=clock)
    first = model.ask("s", "u", Shape)
    assert (first.answer.code, first.calls, model.usage.calls, clock.pauses) == ("db.locked", 1, 1, [])
    model.begin()
    ask(model)
    assert formats(server) == [True, False, False]
    assert [str(warning.message) for warning in recwarn] == []


def test_neither_streams_nor_schemas(server: ModelServer) -> None:
    """An end point that can do neither is asked three times at its first question, and once from then on."""
    whole = replies('{"code": "db.locked"}', stream=False)
    server.enqueue(fails(400), whole, whole, whole)
    model = client(server)
    model.ask("s", "u", Shape)
    ask(model)
    assert formats(server) == [True, False, False, False]
    assert [bool(request["body"].get("stream")) for request in server.requests] == [True, True, False, False]


@pytest.mark.parametrize("status", [400, 422])
def test_what_is_wrong_with_the_question_itself_is_stated(server: ModelServer, status: int) -> None:
    """Refused without the schema as well: reported after that second try, in the server's words."""
    server.enqueue(fails(status, "too long"), fails(status, "the context is too long"), GOOD)
    with pytest.raises(ModelError, match=f"{status}: the context is too long"):
        ask(client(server))
    assert formats(server) == [True, False]


@pytest.mark.parametrize("text", ['Well: {"code": "db.locked"}', '```json\n{"code": "db.locked"}\n```'])
def test_an_end_point_that_ignores_the_schema_serves_too(server: ModelServer, text: str) -> None:
    """It takes the parameter and lets the model state what it likes: one call, the answer found in its prose."""
    server.enqueue(text)
    assert ask(client(server)).calls == 1


def test_a_schema_that_was_of_no_use_is_not_named_again(server: ModelServer) -> None:
    """Named, and not kept to: the repair goes without, and so does the next question."""
    server.enqueue("", GOOD, GOOD)
    model = client(server)
    model.ask("s", "u", Shape)
    ask(model)
    assert formats(server) == [True, False, False]


def test_an_answer_that_only_the_check_refuses_keeps_the_schema(server: ModelServer) -> None:
    """It fits; what it states is wrong: the repair names the schema as before."""
    server.enqueue({"code": "x"}, GOOD)
    model = client(server)
    model.ask("s", "u", Shape, check=lambda answer: "no such code" if answer.code == "x" else None)
    model.close()
    assert formats(server) == [True, True]


def test_an_end_point_that_breaks_over_the_schema_is_asked_without(server: ModelServer) -> None:
    """A 500 is tried again after its pause, in plain words; a 429 has nothing to do with it."""
    server.enqueue(fails(429), fails(500), GOOD)
    assert ask(client(server)).answer.code == "db.locked"
    assert formats(server) == [True, True, False]


def test_the_schema_never_costs_the_question(server: ModelServer) -> None:
    """Where the call's tokens leave no room for it, it is left out; it counts where the end point does not."""
    server.enqueue(*[replies('{"code": "db.locked"}', tokens=None)] * 2)
    model = client(server)
    model.ask("s", "u", Shape)
    small = MOST_IN_ALL - model.left_tokens
    assert small > 80
    model.ask("s", "word " * 5_930, Shape)
    model.close()
    assert formats(server) == [True, False]


def test_a_repair_never_costs_what_is_kept(server: ModelServer) -> None:
    """Where mending would leave less than another question needs it is not tried; the error states what was wrong."""
    server.enqueue("no JSON", "no JSON", GOOD)
    model = client(server)
    with pytest.raises(NoRepairError, match="not asked again: there is no JSON object"):
        model.ask("s", "u", Shape, keep=MOST_IN_ALL - 200)
    assert len(server.requests) == 1
    assert model.ask("s", "u", Shape, keep=MOST_IN_ALL - 2_000).answer.code == "db.locked"
    model.close()

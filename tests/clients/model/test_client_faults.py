"""What end points do wrong, and what it may cost: time, tokens, tries."""

import json
import socket
from typing import Any

import pytest

from opsagent.clients.model.chat import MAX_BODY
from opsagent.clients.model.client import ModelClient
from opsagent.config.settings import ModelSettings
from opsagent.errors import ModelError
from tests import model_server
from tests.clients.model.asking import GOOD, Clock, Shape, ask, client
from tests.model_server import ModelServer, cut, drip, fails, hang, raw, replies

pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_busy_end_points_are_asked_again_with_back_off(server: ModelServer, status: int) -> None:
    """Two failures and an answer: three calls, pauses that grow, Retry-After honoured."""
    clock = Clock()
    server.enqueue(fails(status), fails(status, Retry_After="7"), GOOD)
    assert ask(client(server, clock=clock)).answer.code == "db.locked"
    assert clock.pauses == [1.0, 7.0]
    server.enqueue(*[fails(status)] * 3, GOOD)
    with pytest.raises(ModelError, match=str(status)):
        ask(client(server))
    assert len(server.requests) == 6


def test_the_budget_covers_all_calls_of_a_diagnosis(server: ModelServer) -> None:
    """Waiting beyond the budget is refused beforehand; what one question used the next one lacks."""
    clock = Clock()
    server.enqueue(fails(429, Retry_After="30"), GOOD, fails(429, Retry_After="30"))
    model = client(server, clock=clock, timeout_s=50.0)
    model.ask("s", "u", Shape)
    with pytest.raises(ModelError, match="time budget"):
        model.ask("s", "u", Shape)
    clock.now += 0
    assert clock.pauses == [30.0]
    model.close()


def test_a_spent_budget_asks_nothing(server: ModelServer) -> None:
    """With no time left there is no call."""
    with pytest.raises(ModelError, match="used up"):
        ask(client(server, timeout_s=0.0))
    assert server.requests == []


@pytest.mark.parametrize("script", [hang, drip])
def test_silence_and_dripping_end_with_the_budget(server: ModelServer, script: model_server.Script) -> None:
    """Nothing at all, or a byte now and then for ever: the total time is kept, whatever the end point does."""
    server.enqueue(script)
    model = ModelClient(ModelSettings(name="small", base_url=server.url, timeout_s=0.5, first_byte_timeout_s=0.3), {})
    with pytest.raises(ModelError, match=r"did not finish|sent nothing"):
        ask(model)


def test_no_byte_within_the_read_time_out_is_stated(server: ModelServer) -> None:
    """The read time-out ends a silent end point before the budget does."""
    server.enqueue(hang)
    with pytest.raises(ModelError, match="sent nothing"):
        ask(client(server, first_byte_timeout_s=0.2))
    assert len(server.requests) == 1


def test_a_connection_cut_in_the_middle_is_tried_again(server: ModelServer) -> None:
    """Half an answer is not an answer: asked again, then reported."""
    server.enqueue(cut, GOOD)
    assert ask(client(server)).answer.code == "db.locked"
    server.enqueue(cut, cut, cut)
    with pytest.raises(ModelError, match="cut the connection"):
        ask(client(server))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>welcome</html>", "text/html"),
        (b"ok", "text/plain"),
        (b"", ""),
        (b'{"code": "db.locked"}', "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'{"choices": null}', "application/json"),
        (b'{"choices": [{"message": 5}]}', "application/json"),
        (b'{"id": "x", "choi', "application/json"),
        (b"data: {nonsense\n\n", "text/event-stream"),
        (b"data: 5\n\ndata: [DONE]\n\n", "text/event-stream"),
        (b"\xff\xfe", "text/event-stream"),
        (b"x" * (MAX_BODY + 1), "text/event-stream"),
    ],
)
def test_what_is_not_a_completion_is_stated(server: ModelServer, body: bytes, kind: str) -> None:
    """HTML, other JSON, half a JSON, ten megabytes: a ModelError each time, never anything else."""
    server.enqueue(*[raw(body, kind)] * 6)
    with pytest.raises(ModelError) as caught:
        ask(client(server))
    assert "small" in caught.value.message
    assert len(caught.value.message) < 500


def test_nobody_there_is_reported() -> None:
    """A refused connection is reported with the address, and without what is secret in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = ModelClient(ModelSettings(name="small", base_url=f"http://user:pw@127.0.0.1:{port}/v1"), {})
    with pytest.raises(ModelError, match="cannot be reached") as caught:
        ask(model)
    assert "pw" not in caught.value.message


def chunks(*events: dict[str, Any]) -> model_server.Script:
    """Answer with a stream of these chunks."""
    lines = [f"data: {json.dumps({'id': 'c1', 'object': 'chat.completion.chunk', **event})}\n\n" for event in events]
    return raw("".join([*lines, "data: [DONE]\n\n"]).encode(), "text/event-stream")


def piece(text: str, **more: Any) -> dict[str, Any]:
    """Return one chunk of an answer."""
    return {"choices": [{"index": 0, "delta": {"role": "assistant", "content": text}}], **more}


def used(sent: int, made: int) -> dict[str, int]:
    """Return a usage as an end point counts it."""
    return {"prompt_tokens": sent, "completion_tokens": made, "total_tokens": sent + made}


def test_the_last_usage_of_a_stream_counts(server: ModelServer) -> None:
    """A running total in each chunk is not added up."""
    server.enqueue(
        chunks(piece('{"code": ', usage=used(100, 3)), piece('"db.locked"', usage=used(100, 9)),
               piece("}", usage=used(100, 12)))
    )  # fmt: skip
    reply = ask(client(server))
    assert (reply.answer.code, reply.input_tokens, reply.output_tokens) == ("db.locked", 100, 12)


def test_an_unfinished_thought_is_not_an_answer(server: ModelServer) -> None:
    """What was thought before the cut is not taken for the answer: the model is asked again."""
    server.enqueue('<think>maybe {"code": "pod.hung"} but', GOOD)
    reply = ask(client(server))
    assert (reply.answer.code, reply.calls) == ("db.locked", 2)


def test_a_content_filter_is_named(server: ModelServer) -> None:
    """It is another end than a length limit, and asking again does not help."""
    server.enqueue(replies("", finish="content_filter"))
    with pytest.raises(ModelError, match="content filter"):
        ask(client(server))
    assert len(server.requests) == 1


def test_an_error_in_a_stream_is_tried_again(server: ModelServer) -> None:
    """An end point that breaks off with an error after the first bytes is asked once more."""
    server.enqueue(chunks(piece("{"), {"error": {"message": "overloaded", "code": 503}}), GOOD)
    reply = ask(client(server))
    assert (reply.answer.code, reply.calls) == ("db.locked", 1)
    assert len(server.requests) == 2


def test_azure_gets_its_version_behind_the_path_and_its_key_in_a_header(server: ModelServer) -> None:
    """The path goes before the query, and the key is not a bearer token there."""
    server.enqueue(GOOD)
    url = f"{server.url}?api-version=2024-10-21"
    ask(client(server, environ={"AZURE_KEY": "k-1"}, base_url=url, api_key_env="AZURE_KEY"))
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions?api-version=2024-10-21"
    assert request["headers"]["api-key"] == "k-1"
    assert "authorization" not in request["headers"]

"""The real langchain-openai client against a scripted end point: good answers, odd ones, and none."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from opsagent.clients.model.chat import MAX_BODY
from opsagent.clients.model.client import MOST_IN_ALL, ModelClient, ModelReply
from opsagent.clients.model.errors import NoRepairError
from opsagent.config.settings import ModelSettings
from opsagent.errors import ConfigError, ModelError
from tests import model_server
from tests.model_server import ModelServer, cut, drip, fails, hang, raw, replies

pytestmark = pytest.mark.usefixtures("own_environment")

GOOD = {"code": "db.locked", "evidence": ["E1"]}


class Shape(BaseModel):
    """What the tests ask for."""

    code: str = Field(max_length=40)
    evidence: list[str] = Field(default_factory=list, max_length=5)


class Clock:
    """A clock that is put forward by pauses only."""

    def __init__(self) -> None:
        self.now, self.pauses = 0.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def client(
    server: ModelServer, *, environ: dict[str, str] | None = None, clock: Clock | None = None, **more: Any
) -> ModelClient:
    clock = clock or Clock()
    settings = ModelSettings(**{"name": "small", "base_url": server.url, **more})
    return ModelClient(settings, environ or {}, clock=clock, pause=clock.pause)


def ask(model: ModelClient) -> ModelReply:
    try:
        return model.ask("be brief", "what is wrong?", Shape)
    finally:
        model.close()


def test_a_good_answer_comes_with_its_cost(server: ModelServer) -> None:
    """One call: the answer as a record, tokens as the end point counts them, the prompts as given, no key needed."""
    server.enqueue(GOOD)
    reply = ask(client(server))
    assert (reply.answer.code, reply.answer.evidence) == ("db.locked", ["E1"])
    assert (reply.input_tokens, reply.output_tokens, reply.calls) == (100, 20, 1)
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions"
    system, user = request["body"]["messages"]
    assert (system["role"], system["content"]) == ("system", "be brief")
    assert user["content"].startswith("what is wrong?\n\nAnswer with one JSON object")
    assert request["headers"]["authorization"] == "Bearer not-needed"
    assert not {"tools", "functions"} & set(request["body"])


def test_the_key_comes_from_the_named_variable_only(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configured variable's value is sent; without it nothing is, and the error names the variable."""
    server.enqueue(GOOD)
    ask(client(server, environ={"SHOP_KEY": " sk-1 ", "OPENAI_API_KEY": "sk-2"}, api_key_env="SHOP_KEY"))
    assert server.requests[0]["headers"]["authorization"] == "Bearer sk-1"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-3")
    for sent in (1, 2):  # the second diagnosis of one process finds the variable too
        server.enqueue(GOOD)
        ask(client(server, environ=dict(os.environ), api_key_env="OPENAI_API_KEY"))
        assert server.requests[sent]["headers"]["authorization"] == "Bearer sk-3"
    for environ in ({}, {"SHOP_KEY": "ключ"}, {"SHOP_KEY": "a\nb"}):
        with pytest.raises(ModelError, match="SHOP_KEY"):
            ask(client(server, environ=environ, api_key_env="SHOP_KEY"))
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "text",
    [
        'Sure!\n```json\n{"code": "db.locked"}\n```\nBye {"code": 1}',
        '<think>maybe {"code": "pod.hung"}?</think>{"code": "db.locked"}',
        '{ not json } {"other": 1} {"code": "db.locked", "more": true} trailing }',
        '{"code": "db.locked"',
    ],
)
def test_json_is_found_in_whatever_surrounds_it(server: ModelServer, text: str) -> None:
    """Fences, prose, a thought and broken objects around the answer do not matter; half of one is fixed."""
    server.enqueue(text, GOOD)
    reply = ask(client(server))
    assert reply.answer.code == "db.locked"
    assert reply.calls == (1 if text.endswith(("}", ">")) else 2) or "Bye" in text


def test_one_repair_round_states_what_was_wrong(server: ModelServer) -> None:
    """The second call carries the first answer and the reason; both calls are counted."""
    server.enqueue({"evidence": "E1"}, GOOD)
    reply = ask(client(server))
    assert (reply.calls, reply.input_tokens, reply.output_tokens) == (2, 200, 40)
    *_, assistant, user = server.requests[1]["body"]["messages"]
    assert assistant == {"role": "assistant", "content": '{"evidence": "E1"}'}
    assert "code: Field required" in user["content"]
    assert "evidence: Input should be a valid list" in user["content"]


@pytest.mark.parametrize(
    "text",
    ["", "I cannot help with that.", "[]", '{"code": 5}', '{"code": "' + "x" * 100 + '"}', "{" * 5000, '{"a":' * 3000,
     '{"code": "a", "evidence": ' + str(["E1"] * 1000).replace("'", '"') + "}", "x" * 100_000],
)  # fmt: skip
def test_two_unusable_answers_are_enough(server: ModelServer, text: str) -> None:
    """Nothing, prose, wrong types, too much: after one repair round the error states why, and no third call is made."""
    server.enqueue(text, text, GOOD)
    with pytest.raises(ModelError, match="no usable answer in two tries"):
        ask(client(server))
    assert len(server.requests) == 2


def test_an_answer_that_was_cut_off_states_it(server: ModelServer) -> None:
    """An answer that ran into the end point's length limit is named as such."""
    server.enqueue(*[replies('{"code": "db', finish="length")] * 2)
    with pytest.raises(ModelError, match="length limit"):
        ask(client(server))


def test_an_end_point_that_does_not_stream_is_asked_whole(server: ModelServer) -> None:
    """A server that answers a streaming question with plain JSON is asked again without streaming, and stays so."""
    whole = replies('{"code": "db.locked"}', stream=False, tokens=None)
    server.enqueue(whole, whole, whole)
    model = client(server)
    model.ask("s", "u", Shape)
    reply = ask(model)
    assert (reply.answer.code, reply.input_tokens) == ("db.locked", None)
    assert [bool(request["body"].get("stream")) for request in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "401"), (403, "403"), (404, "404"), (413, "413"), (307, "307")],
)
def test_refusals_are_not_repeated(server: ModelServer, status: int, said: str) -> None:
    """A wrong key, model or request is reported after one call, with the server's words, how to fix it and no key."""
    server.enqueue(fails(status, "bad sk-secret-1", Location="http://127.0.0.1:9/elsewhere"), GOOD)
    with pytest.raises(ModelError, match=said) as caught:
        ask(client(server, environ={"K": "sk-secret-1"}, api_key_env="K"))
    assert len(server.requests) == 1
    assert caught.value.hint
    assert "sk-secret-1" not in caught.value.message


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


def test_without_a_model_or_an_address_there_is_no_client() -> None:
    """No name, or a base URL that is none, is a matter of configuration."""
    with pytest.raises(ConfigError):
        ModelClient(ModelSettings(), {"OPENAI_API_KEY": "sk-1"})
    for url in ("ftp://x/v1", "localhost:11434", "http://"):
        with pytest.raises(ConfigError, match="base_url"):
            ModelClient(ModelSettings(name="small", base_url=url), {})


PROGRAM = """
import socket, sys
from opsagent.clients.model.client import ModelClient
from opsagent.config.settings import ModelSettings
from pydantic import BaseModel
import os
class Shape(BaseModel):
    code: str
reached = []
connect, resolve = socket.socket.connect, socket.getaddrinfo
def watched(self, address):
    reached.append(address); return connect(self, address)
def looked_up(host, port, *rest, **more):
    reached.append((host, port)); return resolve(host, port, *rest, **more)
socket.socket.connect, socket.getaddrinfo = watched, looked_up
import langsmith  # as a graph library has done long before
model = ModelClient(ModelSettings(name="small", base_url=sys.argv[1]), os.environ)
print(model.ask("s", "u", Shape).answer.code)
model.close()
import threading, time
from langsmith.utils import tracing_is_enabled
print(sorted({port for _, port in map(lambda a: a[:2], reached)}), tracing_is_enabled())
"""


def test_tracing_and_foreign_settings_reach_nobody(server: ModelServer, tmp_path: Path) -> None:
    """With tracing, gateway, keys, headers and proxies of those libraries set, only the configured address hears."""
    server.enqueue(GOOD)
    with socket.socket() as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        other = f"http://127.0.0.1:{elsewhere.getsockname()[1]}"
        traps = {
            "LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "true", "LANGCHAIN_TRACING": "true",
            "LANGSMITH_API_KEY": "ls-1", "LANGCHAIN_API_KEY": "ls-2", "LANGSMITH_ENDPOINT": other,
            "LANGCHAIN_ENDPOINT": other, "LANGSMITH_GATEWAY": other, "OPENAI_API_KEY": "sk-other",
            "OPENAI_BASE_URL": other, "OPENAI_API_BASE": other, "OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": "p-1",
            "OPENAI_CUSTOM_HEADERS": "X-Trap: 1", "OPENAI_PROXY": other, "OPENAI_ADMIN_KEY": "sk-admin",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, server.url],
            env={**os.environ, **traps},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=tmp_path,
        )
    assert done.stdout.splitlines() == ["db.locked", f"[{server.server_address[1]}] False"], done.stderr
    headers = server.requests[0]["headers"]
    assert headers["authorization"] == "Bearer not-needed"
    assert not {"openai-organization", "openai-project", "x-trap"} & set(headers)


def test_a_client_costs_nothing_until_it_is_asked() -> None:
    """Importing and making a client loads neither langchain nor openai nor pydantic."""
    program = (
        "import sys; from opsagent.clients.model.client import ModelClient;"
        "from opsagent.config.settings import ModelSettings;"
        "ModelClient(ModelSettings(name='x'), {});"
        "sys.exit(any(name in sys.modules for name in ('langchain_openai', 'openai', 'pydantic', 'httpx')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


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

"""The real langchain-openai client against a scripted end point: good answers, odd ones, and none."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from opsagent.clients.model.client import ModelClient
from opsagent.config.settings import ModelSettings
from opsagent.errors import ConfigError, ModelError
from tests.clients.model.asking import GOOD, Shape, ask, client
from tests.model_server import ModelServer, fails, replies

pytestmark = pytest.mark.usefixtures("own_environment")


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

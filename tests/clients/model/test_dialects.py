"""How end points differ: each behaviour by a real HTTP server, and what comes of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, Field

from opsagent.clients.model.client import ModelClient
from opsagent.clients.model.dialects import refused_parameter
from opsagent.config.settings import ModelSettings
from opsagent.errors import ModelError
from tests.model_server import ModelServer, Script, fails, raw, replies

pytestmark = pytest.mark.usefixtures("own_environment")

GOOD = {"code": "db.locked"}
TEXT = json.dumps(GOOD)


class Shape(BaseModel):
    """What the tests ask for."""

    code: str = Field(default="", max_length=40)
    lookups: list[dict[str, Any]] = Field(default_factory=list, max_length=5)


def stream(*deltas: dict[str, Any], finish: str | None = "stop", usage: Any = None, done: bool = True) -> Script:
    """Answer with a stream of these deltas."""
    events: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    if finish:
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if usage:
        events.append({"choices": [], "usage": usage})
    lines = [f"data: {json.dumps({'id': 'c', 'object': 'chat.completion.chunk', **event})}\n\n" for event in events]
    return raw("".join([*lines, *(["data: [DONE]\n\n"] if done else [])]).encode(), "text/event-stream")


def complete(message: dict[str, Any], finish: str = "stop", **more: Any) -> Script:
    """Answer as a whole, whatever was asked for."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], **more}
    return raw(json.dumps(body).encode())


def call(name: str, arguments: str) -> dict[str, Any]:
    """Return a native call of a tool."""
    return {
        "tool_calls": [{"index": 0, "id": "t", "type": "function", "function": {"name": name, "arguments": arguments}}]
    }


REFUSED = "Unrecognized request argument supplied: {}"
LOADING = "Loading model"
# By name: the answers of the end point in turn, and the code that the client understands.
UNDERSTOOD: dict[str, list[Script]] = {
    "plain": [replies(TEXT)],
    "no stream": [replies(TEXT, stream=False)] * 2,
    "no usage": [replies(TEXT, tokens=None)],
    "a stream without its end mark": [stream({"content": TEXT}, done=False)],
    "content in parts": [complete({"content": [{"type": "text", "text": TEXT}]})] * 2,
    "empty deltas": [stream({}, {"role": "assistant"}, {"content": ""}, {"content": TEXT}, {})],
    "null content first": [stream({"role": "assistant", "content": None}, {"content": TEXT})],
    "one letter a chunk": [stream(*({"content": letter} for letter in TEXT))],
    "comments that keep it open": [raw(
        b": keep-alive\n\n" * 3 + b'data: {"id":"c","choices":[{"index":0,"delta":{"content":'
        + json.dumps(TEXT).encode() + b'}}]}\n\n: bye\n\ndata: [DONE]\n\n', "text/event-stream")],
    "a finished thought before the answer": [replies(f"<think>hm {{}}</think>\n{TEXT}")],
    "a fence around the answer": [replies(f"Here:\n```json\n{TEXT}\n```")],
    "the answer among the thoughts only": [stream({"reasoning_content": "Well: "}, {"reasoning_content": TEXT})],
    "the answer among the reasoning only": [stream({"reasoning": TEXT})],
    "thoughts beside the answer": [stream({"reasoning_content": '{"code": "pod.hung"}'}, {"content": TEXT})],
    "thoughts as a whole": [complete({"content": "", "reasoning_content": TEXT})] * 2,
    "a native call that is the answer": [stream(call("answer", TEXT), finish="tool_calls")],
    "a native call in pieces": [stream(call("answer", TEXT[:8]), {"tool_calls": [{"index": 0, "function": {
        "arguments": TEXT[8:]}}]}, finish="tool_calls")],
    "a native call as a whole": [complete({"content": None, **call("answer", TEXT)}, "tool_calls")] * 2,
    "the schema refused by name": [fails(400, REFUSED.format("response_format")), replies(TEXT)],
    "the schema refused by its type": [fails(422, "json_schema is not available for this model"), replies(TEXT)],
    "the schema refused without a word": [fails(501, ""), replies(TEXT)],
    "stream options refused": [fails(400, REFUSED.format("stream_options")), replies(TEXT)],
    "stream options refused by 422": [fails(422, "extra fields: stream_options.include_usage"), replies(TEXT)],
    "one after the other refused": [fails(400, REFUSED.format("stream_options")),
                                    fails(400, REFUSED.format("response_format")), replies(TEXT)],
    "all refused, none named": [fails(400, "unknown parameter"), fails(400, "unknown parameter"), replies(TEXT)],
    "streams refused": [fails(400, "streaming is not supported"), replies(TEXT, stream=False)],
    "an error in the stream": [stream({"content": "{"}, finish=None, done=False), replies(TEXT), replies(TEXT)],
    "an error with status 200": [raw(b'{"error": {"message": "try again", "code": 502}}'), replies(TEXT)],
    "an error as a word": [raw(b'{"error": "busy"}'), replies(TEXT)],
    "busy, then free": [fails(429, "slow", Retry_After="0"), replies(TEXT)],
    "a gateway in between": [fails(502), replies(TEXT)],
    "a model that loads for long": [fails(503, LOADING)] * 9 + [replies(TEXT)],
    "an answer of two objects": [replies('{"other": 1} ' + TEXT)],
    "a byte order mark": [replies("\ufeff" + TEXT)],
}  # fmt: skip
# By name: the answers in turn, and what is reported.
REPORTED: dict[str, tuple[list[Script], str]] = {
    "withheld by a filter, streamed": ([stream({"content": ""}, finish="content_filter")], "content filter"),
    "withheld by a filter, as a whole": ([complete({"content": ""}, "content_filter")] * 2, "content filter"),
    "cut off at its length": ([stream({"content": '{"code": "db'}, finish="length")] * 2, "length limit"),
    "cut off in a thought": ([stream({"content": f"<think>{TEXT}"}, finish="length")] * 2, "length limit"),
    "cut off among the thoughts": ([stream({"reasoning_content": TEXT}, finish="length")] * 2, "length limit"),
    "a refusal": ([stream({"refusal": "I cannot do that."})], "refused to answer: I cannot do that."),
    "a refusal as a whole": ([complete({"content": None, "refusal": "No."})] * 2, "refused to answer: No."),
    "an error for ever": ([raw(b'{"error": {"message": "no credit"}}')] * 3, "reported an error .*no credit"),
    "no credit": ([fails(402, "no credit")], "402: no credit"),
    "too long a prompt": ([fails(413, "context length exceeded")], "413: context length exceeded"),
    "a redirect": ([fails(302, Location="http://elsewhere/")], "302"),
}


def asked(server: ModelServer, **settings: Any) -> Shape:
    """Ask once."""
    model = ModelClient(
        ModelSettings(**{"name": "small", "base_url": server.url, **settings}), {}, pause=lambda _: None
    )
    try:
        answer: Shape = model.ask(
            "s", "u", Shape, check=lambda one: None if one.code or one.lookups else "no code"
        ).answer
        return answer
    finally:
        model.close()


@pytest.mark.parametrize("scripts", UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_a_dialect_is_understood(server: ModelServer, scripts: list[Script]) -> None:
    """The one answer that is there is found, after as many questions as that takes."""
    server.scripts = [*scripts]
    assert asked(server).code == "db.locked"


@pytest.mark.parametrize(("scripts", "reported"), REPORTED.values(), ids=REPORTED)
def test_another_end_is_named(server: ModelServer, scripts: list[Script], reported: str) -> None:
    """A filter, a length limit, a refusal and an error are different ends; no unfinished thought is an answer."""
    server.scripts = [*scripts]
    with pytest.raises(ModelError, match=reported):
        asked(server)


def letters(text: str, finish: str) -> Script:
    """Answer in a stream, one letter a chunk, nothing first and a running usage."""
    return stream({"role": "assistant", "content": None}, *({"content": letter} for letter in text), finish=finish)


USAGE = {"prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109}
# By name: how an end point sends a text that ended so. Each of them sends every text of BEHAVIOURS.
DIALECTS: dict[str, Callable[[str, str], Script]] = {
    "a stream": lambda text, finish: stream({"content": text}, finish=finish, usage=USAGE),
    "a stream by letters": letters,
    "a stream without its end mark": lambda text, finish: stream({"content": text}, finish=finish, done=False),
    "as a whole": lambda text, finish: complete({"content": text}, finish, usage=USAGE),
    "as a whole in parts": lambda text, finish: complete({"content": [{"type": "text", "text": text}]}, finish),
    "thoughts beside it": lambda text, finish: stream({"reasoning_content": "{}"}, {"content": text}, finish=finish),
    "thoughts beside it, as a whole": lambda text, finish: complete({"content": text, "reasoning": "{}"}, finish),
}
WHOLE = [wire for name, wire in DIALECTS.items() if "as a whole" in name]
# By name: the texts of a model in turn, how the last one ended, and the code; None where there is none.
BEHAVIOURS: dict[str, tuple[list[str], str, str | None]] = {
    "the answer": ([TEXT], "stop", "db.locked"),
    "after a thought": ([f"<think>{{}} hm</think>{TEXT}"], "stop", "db.locked"),
    "in a fence": ([f"Here:\n```json\n{TEXT}\n```\nDone."], "stop", "db.locked"),
    "the second object": ([f'{{"other": 1}} {TEXT}'], "stop", "db.locked"),
    "repaired": (["I think it is the lock.", TEXT], "stop", "db.locked"),
    "prose twice": (["It is the lock.", "The lock, I said."], "stop", None),
    "nothing twice": (["", ""], "stop", None),
    "cut off twice": (['{"code": "db'] * 2, "length", None),
    "cut off in a thought": ([f"<think>{TEXT}"] * 2, "length", None),
    "withheld": ([""], "content_filter", None),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
@pytest.mark.parametrize("wire", DIALECTS.values(), ids=DIALECTS)
def test_every_behaviour_comes_through_every_dialect(
    server: ModelServer, wire: Callable[[str, str], Script], behaviour: tuple[list[str], str, str | None]
) -> None:
    """What a model states is the same however it is sent; no request is larger for a refusal or a repair."""
    texts, finish, code = behaviour
    server.scripts = [wire(text, finish) for text in texts]
    if wire in WHOLE:
        server.scripts.insert(0, server.scripts[0])  # to the question for a stream; it is asked again without
    if code is None:
        with pytest.raises(ModelError):
            asked(server)
    else:
        assert asked(server).code == code
    assert max(server.sizes) <= 6_000


def test_there_are_enough_of_them() -> None:
    """At least thirty dialects and behaviours by themselves, and each dialect with each behaviour."""
    assert len(UNDERSTOOD) + len(REPORTED) >= 40
    assert len(DIALECTS) * len(BEHAVIOURS) >= 60


def test_native_calls_of_tools_are_look_ups(server: ModelServer) -> None:
    """What a model asks for in its own way of calling tools is what it asks for in JSON."""
    server.scripts = [stream(call("digest", '{"service": "blog"}'), finish="tool_calls")]
    assert asked(server).lookups == [{"tool": "digest", "arguments": {"service": "blog"}}]


def test_what_is_refused_by_name_is_dropped_alone(server: ModelServer) -> None:
    """Without stream options the schema stays and the stream, too; and so it is from then on."""
    server.scripts = [fails(400, REFUSED.format("stream_options")), replies(TEXT), replies(TEXT)]
    model = ModelClient(ModelSettings(name="small", base_url=server.url), {}, pause=lambda _: None)
    model.ask("s", "u", Shape)
    model.ask("s", "u", Shape)
    model.close()
    sent = [(("response_format" in body), ("stream_options" in body), body.get("stream")) for body in (
        request["body"] for request in server.requests)]  # fmt: skip
    assert sent == [(True, True, True), (True, False, True), (True, False, True)]


@pytest.mark.parametrize(
    ("said", "sent", "refused"),
    [
        ("stream_options is unknown", {"response_format", "stream_options", "stream"}, "stream_options"),
        ("response_format is unknown", {"response_format", "stream_options", "stream"}, "response_format"),
        ("guided decoding is off", {"response_format", "stream"}, "response_format"),
        ("extra inputs", {"stream_options", "stream"}, "stream_options"),
        ("extra inputs", {"stream"}, None),
        ("the prompt is too long", {"stream_options", "stream"}, None),
        ("the prompt is too long", {"response_format", "stream_options"}, "response_format"),
        ("'stream' must be false", {"stream"}, "stream"),
    ],
)
def test_which_parameter_a_refusal_is_about(said: str, sent: set[str], refused: str | None) -> None:
    """The one that it names; else the first that may be meant; none where it is about something else."""
    assert refused_parameter(said.encode(), frozenset(sent)) == refused

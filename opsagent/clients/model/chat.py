"""One question to an OpenAI-compatible end point through langchain-openai, bounded in bytes and in time."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from opsagent.clients.model.deferred import deferring
from opsagent.clients.model.dialects import normalised, refused_parameter
from opsagent.clients.model.waiting import POLL_S, PendingQuestion, Watch
from opsagent.clients.tracing import client_settings_hidden, switch_off_tracing

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

MAX_BODY = 4 * 1024 * 1024  # bytes of one answer as sent; streamed, each token takes some 250
_REFUSED = frozenset({400, 415, 422, 501})  # how servers answer a parameter that they do not know or cannot serve
_SIGNS = {
    "response_format": b'"response_format":',
    "stream_options": b'"stream_options":{',
    "stream": b'"stream":true',
}
_TYPES = ("application/json", "text/event-stream")

Message = tuple[str, str]  # ("system" | "human" | "ai", text)


class OddAnswerError(Exception):
    """The end point answered with something that is not a completion."""


class NoStreamError(Exception):
    """The end point answers as a whole only; it has to be asked again so."""


class RefusedParameterError(Exception):
    """The end point refused a parameter; it has to be asked again without."""

    def __init__(self, name: str) -> None:
        """Keep which one: response_format, stream_options, stream."""
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is, and how long to wait for it."""

    model: str
    base_url: str
    api_key: str
    connect_s: float
    read_s: float  # without a token
    first_byte_s: float  # until an answer begins
    cold: bool = False  # the first answer may wait for its model to be loaded, and that wait is free of charge


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What the model answered."""

    text: str
    cut_off: bool  # at the end point's own length limit
    filtered: bool  # withheld by the end point's content filter
    input_tokens: int | None
    output_tokens: int | None
    cold_s: float = 0.0  # of its time, what a model that had to be loaded took to begin


@dataclass
class Chat:
    """A conversation partner; connections are kept between two questions."""

    endpoint: Endpoint
    by_schema: bool = True  # the answer's schema is named as a parameter; False once that was of no use
    streaming: bool = True
    counts: bool = True  # usage is asked for in a stream
    watch: Watch | None = None  # is shown how it goes, and may end the wait
    _cold: bool = True
    _waiting: PendingQuestion | None = None
    _chat: "ChatOpenAI | None" = None
    _http: Any = field(default=None, repr=False)

    def ask(
        self, messages: list[Message], within_s: float, response_format: Mapping[str, Any] | None = None
    ) -> ModelAnswer:
        """Return the answer. Raises ModelError after `within_s`; else whatever the library raises.

        `response_format`, as chat completions take it, is left out where the end point has refused one before.
        """
        outcome: list[ModelAnswer | Exception] = []
        end = self.endpoint
        waiting = self._waiting = PendingQuestion(within_s, end.first_byte_s, end.read_s, cold=end.cold and self._cold)

        def work() -> None:
            try:
                outcome.append(self._ask(messages, response_format))
            except Exception as error:  # noqa: BLE001 - handed over to the caller's thread, which judges it
                outcome.append(error)

        # A read time-out begins again with each byte, and a look-up of the host's name has none: only a second thread
        # keeps the total, whatever the end point does.
        worker = threading.Thread(target=work, name="model", daemon=True)
        worker.start()
        try:
            worker.join(POLL_S / 10)
            while worker.is_alive():
                waiting.check(self.watch)
                worker.join(POLL_S)
        except BaseException:
            self.close()
            raise
        self._cold = False
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return replace(outcome[0], cold_s=waiting.cold_s)

    def close(self) -> None:
        """Cut the connections."""
        if self._http is not None:
            self._http.close()
        self._chat = self._http = None

    def _ask(self, messages: list[Message], response_format: Mapping[str, Any] | None) -> ModelAnswer:
        switch_off_tracing()
        # Only a configured model pays for it, at its first question.
        from langsmith import tracing_context  # noqa: PLC0415

        with tracing_context(enabled=False):
            while True:
                # Not langchain's own parameter of that name: with it another parser reads the stream, one that raises
                # on answers that are cut off or odd, and that counts no usage.
                named = response_format and self.by_schema
                beside = {"response_format": response_format} if named else None
                try:
                    message = self._model().invoke(messages, extra_body=beside)
                    break
                except Exception as error:
                    if not self._gave_way(error):
                        raise
        usage: dict[str, Any] = {**(message.usage_metadata or {})}
        return ModelAnswer(
            text=str(message.text),
            cut_off=message.response_metadata.get("finish_reason") == "length",
            filtered=message.response_metadata.get("finish_reason") == "content_filter",
            input_tokens=_count(usage.get("input_tokens")),
            output_tokens=_count(usage.get("output_tokens")),
        )

    def _gave_way(self, error: Exception) -> bool:
        """Ask for less from now on, where the end point cannot do what it was asked for; each wish is dropped once."""
        for cause in chain(error):
            name = cause.name if isinstance(cause, RefusedParameterError) else ""
            if self.streaming and (isinstance(cause, NoStreamError) or name == "stream"):
                self.streaming = False
            elif self.by_schema and name == "response_format":
                self.by_schema = False
            elif self.counts and name == "stream_options":
                self.counts = False
            else:
                continue
            self.close()
            return True
        return False

    def _received(self, chunk: bytes) -> None:
        if self._waiting is not None:
            self._waiting.received(chunk)

    def _model(self) -> "ChatOpenAI":
        if self._chat is None:
            with client_settings_hidden():
                self._chat = self._made()
        return self._chat

    def _made(self) -> "ChatOpenAI":
        with deferring():
            from langchain_openai.chat_models.base import ChatOpenAI  # noqa: PLC0415 - see _ask
            from openai import DefaultAsyncHttpxClient, Timeout  # noqa: PLC0415 - see _ask
        from pydantic import SecretStr  # noqa: PLC0415 - see _ask

        end = self.endpoint
        # Between two tokens another bound holds: this one is for an end point that sends nothing at all.
        timeout = Timeout(max(end.read_s, end.first_byte_s), connect=end.connect_s)
        verify = not end.base_url.startswith("http://")  # plain http has no certificates, and loading them takes 0.1 s
        base_url, _, query = end.base_url.partition("?")
        # Azure takes a key in a header of its own; a bearer token there is one of its directory.
        own_header = end.api_key if "api-version" in query else None
        self._http = _bounded_client(timeout, self._received, verify=verify, own_header=own_header)
        return ChatOpenAI(
            model=end.model,
            base_url=base_url,
            default_query=dict(parse_qsl(query)) or None,
            api_key=SecretStr(end.api_key),
            timeout=timeout,
            max_retries=0,  # ours know the total budget
            http_client=self._http,
            http_async_client=DefaultAsyncHttpxClient(verify=verify),
            http_socket_options=(),
            use_responses_api=False,  # other servers than OpenAI's have chat completions only
            # A slow local model is silent for minutes when it does not stream, and "no byte for 30 s" would cut it.
            streaming=self.streaming,
            stream_usage=self.streaming and self.counts,
        )


def _bounded_client(
    timeout: Any, received: Callable[[bytes], None], *, verify: bool, own_header: str | None = None
) -> Any:
    """Return openai's HTTP client, which follows no redirect and reads no more than a bounded answer."""
    import openai  # noqa: PLC0415 - see _ask

    class Bounded(openai.DefaultHttpxClient):
        def send(self, request: Any, **options: Any) -> Any:
            if own_header is not None:
                request.headers.pop("authorization", None)
                request.headers["api-key"] = own_header
            response = super().send(request, **{**options, "stream": True})
            try:
                body = _read(response, received)
            finally:
                response.close()
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            refused = refused_parameter(body, _sent(request.content)) if response.status_code in _REFUSED else None
            if refused is not None:
                raise RefusedParameterError(refused)
            if response.status_code == 200:
                if kind not in _TYPES:
                    raise OddAnswerError(f"it answered {kind or 'without a content type'}, no JSON")
                body = normalised(body, stream=kind == "text/event-stream")
                if kind == "application/json" and "stream" in _sent(request.content):
                    raise NoStreamError
            headers = {name: value for name, value in response.headers.items() if name.lower() != "content-encoding"}
            headers.pop("content-length", None)
            headers.pop("transfer-encoding", None)
            return type(response)(response.status_code, headers=headers, content=body, request=request)

    # A redirect would carry the prompt, and the evidence in it, to where nobody configured it to go.
    return Bounded(timeout=timeout, follow_redirects=False, verify=verify)


def _sent(content: bytes) -> frozenset[str]:
    """Return which of the parameters that may be refused a request holds; in a prompt their quotes are escaped."""
    return frozenset(name for name, sign in _SIGNS.items() if sign in content.replace(b" ", b""))


def _read(response: Any, received: Callable[[bytes], None]) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        received(chunk)
        body += chunk
        if len(body) > MAX_BODY:
            raise OddAnswerError(f"its answer is longer than {MAX_BODY // 1024**2} MiB")
    return bytes(body)


def chain(error: BaseException) -> list[BaseException]:
    """Return an exception and what led to it."""
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and len(links) < 10:
        links.append(link)
        link = link.__cause__ or link.__context__
    return links


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

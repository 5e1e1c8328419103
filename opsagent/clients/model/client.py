"""The language model: asked only where one is configured, answered within a budget, never trusted."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opsagent.clients.model.chat import Chat, Endpoint, Message, ModelAnswer
from opsagent.clients.model.errors import Failure, NoRepairError, explain_failure
from opsagent.clients.model.json import MAX_TEXT, Check, UnusableAnswerError, instructions, parse, response_format
from opsagent.clients.model.mask import mask_of
from opsagent.clients.model.waiting import Watch
from opsagent.config.settings import Language, ModelSettings
from opsagent.errors import ConfigError, ModelError
from opsagent.models.tokens import MESSAGE, estimate, shortened

if TYPE_CHECKING:
    from pydantic import BaseModel

DEFAULT_URL = "https://api.openai.com/v1"
NO_KEY = "not-needed"  # local servers need none; the library needs a word
TRIES = 3  # of one question, where the end point is busy or broken
MOST_A_CALL = 6_000  # input tokens, estimated
MOST_IN_ALL = 24_000  # of one diagnosis: as estimated, or as the end point counts them where that is more
_BACK_OFF_S = 1.0
_LOADING_S = 10.0  # between two questions to a model that is being loaded
_BROKEN = 500
COLD_S = 300.0  # that a local model may take to be loaded
_REPEATED = 500  # tokens of an unusable answer that are shown to the model again


@dataclass(frozen=True, slots=True)
class Usage:
    """What the questions of one diagnosis cost so far, the failed ones included."""

    calls: int = 0
    input_tokens: int | None = None  # None where the end point does not count
    output_tokens: int | None = None
    took_s: float = 0.0
    cost: int = 0  # input and output tokens, estimated where the end point does not count


@dataclass(frozen=True, slots=True)
class Can:
    """What an end point did not refuse."""

    streams: bool
    holds_to_schema: bool  # it takes the answer's schema as a parameter, and its model kept to it
    counts_in_streams: bool  # it takes `stream_options`


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A usable answer, and what it cost over all its calls."""

    answer: Any  # an instance of the schema that was asked for
    input_tokens: int | None  # None where the end point does not count
    output_tokens: int | None
    took_s: float
    calls: int


class ModelClient:
    """One diagnosis' questions to the configured model; they share one budget of time and one of tokens."""

    def __init__(
        self,
        settings: ModelSettings,
        environ: Mapping[str, str],
        *,
        language: Language = "en",
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the key out of `environ` now: the libraries' own variables are removed before they are loaded.

        Raises ConfigError where no model is configured or its address is none.
        """
        if not settings.name:
            raise ConfigError("no model is configured", hint="set model.name and model.base_url")
        url = settings.base_url or DEFAULT_URL
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ConfigError(
                f"model.base_url {url!r} is not an http(s) address", hint="for example http://127.0.0.1:11434/v1"
            )
        self.name, self.language = settings.name, language  # in which its sentences are wanted
        self._settings, self._clock, self._pause = settings, clock, pause
        self._mask = mask_of(settings.mask)
        self._key = (environ.get(settings.api_key_env) or "").strip() if settings.api_key_env else NO_KEY
        self.begin()
        self._chat = Chat(
            Endpoint(
                settings.name,
                url,
                self._key or NO_KEY,
                settings.connect_timeout_s,
                settings.read_timeout_s,
                *patience(settings, url),
            )
        )

    def watch(self, watch: Watch | None) -> None:
        """Show seconds and tokens of each question from now on to `watch`, which ends it by returning False."""
        self._chat.watch = watch

    def hide(self, names: Iterable[str]) -> None:
        """Hide these names of an incident in every question, where `model.mask` has `name`."""
        if self._mask is not None:
            self._mask.of(names)

    def begin(self) -> None:
        """Begin another diagnosis, with its full budgets."""
        self.usage, self._left_s, self.left_tokens = Usage(), self._settings.timeout_s, MOST_IN_ALL
        self._free_s = 0.0  # of the question under way: what a model that had to be loaded took, free of charge

    def ask(
        self, system: str, user: str, schema: "type[BaseModel]", *, check: Check | None = None, keep: int = 0
    ) -> ModelReply:
        """Return an answer that fits the schema and passes the check, after one repair round at most.

        Raises ModelError stating why not; NoRepairError where a repair would leave less than `keep` tokens.
        """
        if not self._key or not self._key.isascii() or not self._key.isprintable():
            name = self._settings.api_key_env
            raise ModelError(f"the environment variable {name} holds no key", hint=f"set {name}, or model.api_key_env")
        started, budget = self._clock(), self._left_s
        answers: list[ModelAnswer] = []
        try:
            return self._reply(messages(system, user, schema), schema, check, answers, started, keep=keep)
        finally:
            took = self._clock() - started
            self._left_s = budget - max(0.0, took - self._free_s)
            self._free_s = 0.0
            self.usage = replace(self.usage, took_s=self.usage.took_s + took)

    @property
    def can(self) -> Can:
        """What the end point has shown to do, after a question."""
        chat = self._chat
        return Can(chat.streaming, chat.by_schema, chat.streaming and chat.counts)

    def close(self) -> None:
        """Close the connections."""
        self._chat.close()

    def _reply(
        self,
        messages: list[Message],
        schema: "type[BaseModel]",
        check: Check | None,
        answers: list[ModelAnswer],
        started: float,
        *,
        keep: int,
    ) -> ModelReply:
        answers.append(self._answer(messages, schema, started))
        try:
            answer = parse(answers[-1].text, schema, check)
        except UnusableAnswerError as wrong:
            if not wrong.fits:
                # It had the schema and did not keep to it: it knows nothing of schemas, or fails over them.
                self._chat.by_schema = False
            quoted = shortened(answers[-1].text[:MAX_TEXT], _REPEATED) or "(nothing)"
            messages += [("ai", quoted), ("human", _repair(str(wrong), schema))]
            if keep and self.left_tokens - _size(messages) < keep:
                once = f"the model {self.name} gave no usable answer, and it is not asked again: {wrong}"
                raise NoRepairError(once) from wrong
            answers.append(self._answer(messages, schema, started))
            try:
                answer = parse(answers[-1].text, schema, check)
            except UnusableAnswerError as still:
                why = "its answer was cut off at its length limit" if answers[-1].cut_off else str(still)
                raise ModelError(
                    f"the model {self.name} gave no usable answer in two tries: {why}",
                    hint="use a model that can answer in JSON",
                ) from still
        return ModelReply(
            answer,
            _sum(found.input_tokens for found in answers),
            _sum(found.output_tokens for found in answers),
            self._clock() - started,
            len(answers),
        )

    def _answer(self, messages: list[Message], schema: "type[BaseModel]", started: float) -> ModelAnswer:
        wait_s, attempt = _BACK_OFF_S, 1
        size, shape = self._fitting(messages, schema)
        while True:
            left_s = self._remaining(started)
            self.usage = replace(self.usage, calls=self.usage.calls + 1)
            try:
                answer = self._unmasked(self._chat.ask(self._masked(messages), left_s, shape))
            except Exception as error:  # noqa: BLE001 - judged; what is of no use to repeat is raised
                failure = explain_failure(error, self._chat.endpoint)
                if failure.status == _BROKEN:
                    self._chat.by_schema = False  # some servers break over a schema instead of refusing it
                asked_s = wait_s if failure.wait_s is None else failure.wait_s
                loads = failure.loading and self._free_s + asked_s < self._chat.endpoint.first_byte_s
                if not loads:
                    self._give_up(failure, error, attempt, asked_s, started)
                self._free_s += asked_s if loads else 0.0
                attempt += not loads  # a model that is being loaded is there: patience counts seconds, not tries
            else:
                return self._received(answer, size)
            self._pause(asked_s)
            wait_s = min(2 * wait_s, _LOADING_S)

    def _masked(self, messages: list[Message]) -> list[Message]:
        mask = self._mask
        return messages if mask is None else [(role, mask.hide(text)) for role, text in messages]

    def _unmasked(self, answer: ModelAnswer) -> ModelAnswer:
        return answer if self._mask is None else replace(answer, text=self._mask.show(answer.text))

    def _received(self, answer: ModelAnswer, size: int) -> ModelAnswer:
        self._count(answer, size)
        self._free_s += answer.cold_s
        if answer.filtered:
            raise ModelError(
                f"the content filter of the model {self.name}'s end point withheld its answer",
                hint="use another model, or relax the filter of this deployment",
            )
        return answer

    def _give_up(self, failure: Failure, error: Exception, attempt: int, asked_s: float, started: float) -> None:
        """Raise where another try is of no use, or would be over the budget."""
        if not failure.again or attempt == TRIES:
            raise failure.error from error
        if asked_s >= self._left_s - (self._clock() - started - self._free_s):
            raise ModelError(
                f"{failure.error.message}; asked again after {asked_s:.0f} s it would be over the time budget",
                hint="raise model.timeout_s, or ask less often",
            ) from error

    def _fitting(self, messages: list[Message], schema: "type[BaseModel]") -> tuple[int, dict[str, Any] | None]:
        """Return the size of a question in tokens, and the answer's schema as a parameter where there is room for it.

        Raises ModelError where the question alone is over what one call or all may cost.
        """
        size = _size(messages)
        most = min(MOST_A_CALL, self.left_tokens)
        if size > most:
            raise ModelError(
                f"the question would cost about {size} input tokens, and {max(0, most)} are left",
                hint=f"a call may cost {MOST_A_CALL}, a diagnosis {MOST_IN_ALL}",
            )
        shape = response_format(schema)
        named = estimate(json.dumps(shape))
        if not self._chat.by_schema or size + named > most:
            return size, None  # the question itself names the schema too
        return size + named, shape

    def _count(self, answer: ModelAnswer, size: int) -> None:
        sent = size if answer.input_tokens is None else answer.input_tokens
        made = estimate(answer.text[:MAX_TEXT]) if answer.output_tokens is None else answer.output_tokens
        # Some end points count nothing, some leave out what they had cached: the bound holds with any of them.
        self.left_tokens -= max(size, sent)
        self.usage = replace(
            self.usage,
            input_tokens=_sum((self.usage.input_tokens, answer.input_tokens)),
            output_tokens=_sum((self.usage.output_tokens, answer.output_tokens)),
            cost=self.usage.cost + sent + made,
        )

    def _remaining(self, started: float) -> float:
        left = self._left_s - (self._clock() - started - self._free_s)
        if left <= 0:
            raise ModelError(
                f"the time budget for the model ({self._settings.timeout_s:.0f} s) is used up",
                hint="raise model.timeout_s, or use a faster model",
            )
        return left


def patience(settings: ModelSettings, url: str) -> tuple[float, bool]:
    """Return how long the first byte is waited for, and whether the first of these waits is free of charge."""
    local = urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
    if settings.first_byte_timeout_s is not None:
        return settings.first_byte_timeout_s, True
    return (COLD_S, True) if local else (settings.read_timeout_s, False)


def messages(system: str, user: str, schema: "type[BaseModel]") -> list[Message]:
    """Return a question exactly as it is sent."""
    return [("system", system), ("human", f"{user}\n\n{instructions(schema)}")]


def _size(messages: list[Message]) -> int:
    return sum(MESSAGE + estimate(text) for _, text in messages)


def _repair(wrong: str, schema: "type[BaseModel]") -> str:
    return f"That answer cannot be used: {shortened(wrong, 200)}. {instructions(schema)}"


def _sum(counts: Any) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None

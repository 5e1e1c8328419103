"""The language model: asked only where one is configured, answered within a budget, never trusted."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opsagent.clients.model_chat import Answer, Chat, Endpoint, Message
from opsagent.clients.model_errors import explain_failure
from opsagent.clients.model_json import UnusableAnswerError, instructions, parse
from opsagent.config.settings import ModelSettings
from opsagent.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from pydantic import BaseModel

DEFAULT_URL = "https://api.openai.com/v1"
NO_KEY = "not-needed"  # local servers want none; the library wants a word
TRIES = 3  # of one question, where the end point says that it is busy or broken
_BACK_OFF_S = 1.0
_REPEATED = 4000  # characters of an unusable answer that are shown to the model again


@dataclass(frozen=True, slots=True)
class Reply:
    """A usable answer, and what it cost over all its calls."""

    answer: Any  # an instance of the schema that was asked for
    input_tokens: int | None  # None where the end point does not count
    output_tokens: int | None
    took_s: float
    calls: int


class ModelClient:
    """One diagnosis' questions to the configured model; they share one time budget."""

    def __init__(
        self,
        settings: ModelSettings,
        environ: Mapping[str, str],
        *,
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
                f"model.base_url {url!r} is no http(s) address", hint="for example http://127.0.0.1:11434/v1"
            )
        self.name = settings.name
        self._settings, self._clock, self._pause = settings, clock, pause
        self._key = (environ.get(settings.api_key_env) or "").strip() if settings.api_key_env else NO_KEY
        self._left_s = settings.timeout_s
        self._chat = Chat(
            Endpoint(settings.name, url, self._key or NO_KEY, settings.connect_timeout_s, settings.read_timeout_s)
        )

    def ask(self, system: str, user: str, schema: "type[BaseModel]") -> Reply:
        """Return an answer that fits the schema, after one repair round at most. Raises ModelError saying why not."""
        if not self._key or not self._key.isascii() or not self._key.isprintable():
            name = self._settings.api_key_env
            raise ModelError(f"the environment variable {name} holds no key", hint=f"set {name}, or model.api_key_env")
        started, budget = self._clock(), self._left_s
        messages: list[Message] = [("system", system), ("human", f"{user}\n\n{instructions(schema)}")]
        answers: list[Answer] = []
        try:
            return self._reply(messages, schema, answers, started)
        finally:
            self._left_s = budget - (self._clock() - started)

    def close(self) -> None:
        """Close the connections."""
        self._chat.close()

    def _reply(
        self, messages: list[Message], schema: "type[BaseModel]", answers: list[Answer], started: float
    ) -> Reply:
        answers.append(self._answer(messages, started))
        try:
            answer = parse(answers[-1].text, schema)
        except UnusableAnswerError as wrong:
            messages += [("ai", answers[-1].text[:_REPEATED] or "(nothing)"), ("human", _mend(str(wrong), schema))]
            answers.append(self._answer(messages, started))
            try:
                answer = parse(answers[-1].text, schema)
            except UnusableAnswerError as still:
                why = "its answer was cut off at its length limit" if answers[-1].cut_off else str(still)
                raise ModelError(
                    f"the model {self.name} gave no usable answer in two tries: {why}",
                    hint="use a model that can answer in JSON",
                ) from still
        return Reply(
            answer,
            _sum(found.input_tokens for found in answers),
            _sum(found.output_tokens for found in answers),
            self._clock() - started,
            len(answers),
        )

    def _answer(self, messages: list[Message], started: float) -> Answer:
        wait_s = _BACK_OFF_S
        for attempt in range(1, TRIES + 1):
            try:
                return self._chat.ask(messages, self._remaining(started))
            except Exception as error:
                failure = explain_failure(error, self._chat.endpoint)
                asked_s = wait_s if failure.wait_s is None else failure.wait_s
                if not failure.again or attempt == TRIES:
                    raise failure.error from error
                if asked_s >= self._left_s - (self._clock() - started):
                    raise ModelError(
                        f"{failure.error.message}; asked again after {asked_s:.0f} s it would be over the time budget",
                        hint="raise model.timeout_s, or ask less often",
                    ) from error
            self._pause(asked_s)
            wait_s *= 2
        raise AssertionError("the last attempt returns or raises")

    def _remaining(self, started: float) -> float:
        left = self._left_s - (self._clock() - started)
        if left <= 0:
            raise ModelError(
                f"the time budget for the model ({self._settings.timeout_s:.0f} s) is used up",
                hint="raise model.timeout_s, or use a faster model",
            )
        return left


def _mend(wrong: str, schema: "type[BaseModel]") -> str:
    return f"That answer cannot be used: {wrong}. {instructions(schema)}"


def _sum(counts: Any) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None

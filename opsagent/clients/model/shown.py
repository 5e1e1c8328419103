"""A model that is not asked: its questions are kept as they would be sent."""

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opsagent.clients.model.chat import Message
from opsagent.clients.model.client import MOST_IN_ALL, ModelClient, ModelReply, Usage, messages
from opsagent.clients.model.json import Check, response_format
from opsagent.config.settings import Language, ModelSettings
from opsagent.errors import QuestionNotSentError
from opsagent.models.tokens import MESSAGE, estimate

if TYPE_CHECKING:
    from pydantic import BaseModel

UNNAMED = "a model"


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """One question as it would be sent."""

    messages: tuple[Message, ...]
    tokens: int  # estimated
    response_format: str = ""  # the parameter beside the messages, as JSON; left out for an end point that refuses it


class ShownModel(ModelClient):
    """Is in for the configured model, or for none: no key is read, and nothing is sent."""

    def __init__(self, settings: ModelSettings, language: Language = "en") -> None:
        """Take the configured name, where there is one."""
        # No address is called: one that would be refused must not keep anybody from seeing the prompt.
        super().__init__(
            replace(settings, name=settings.name or UNNAMED, base_url=None, api_key_env=None), {}, language=language
        )
        self.questions: list[ShownQuestion] = []

    def begin(self) -> None:
        """Begin another diagnosis."""
        self.usage, self.left_tokens = Usage(), MOST_IN_ALL

    def ask(
        self,
        system: str,
        user: str,
        schema: "type[BaseModel]",
        *,
        check: Check | None = None,  # noqa: ARG002  (as inherited)
        keep: int = 0,  # noqa: ARG002
    ) -> ModelReply:
        """Keep the question. Raises QuestionNotSentError."""
        sent = tuple(self._masked(messages(system, user, schema)))
        named = json.dumps(response_format(schema), separators=(",", ":"))
        size = sum(MESSAGE + estimate(text) for _, text in sent) + estimate(named)
        self.questions.append(ShownQuestion(sent, size, named))
        raise QuestionNotSentError("the question was shown, not sent")

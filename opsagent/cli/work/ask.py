"""Answer questions about a stored incident: one from the command line, or several in a terminal."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from opsagent.agent.model.dialogue import Dialogue
from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.config.language import language_of
from opsagent.errors import StoreError, UsageError
from opsagent.models.plain import plain
from opsagent.ui.console import prose, show, write
from opsagent.ui.key_press import key_pressed
from opsagent.ui.model_view import answered_view
from opsagent.ui.steps import Steps

if TYPE_CHECKING:
    from opsagent.clients.model.client import ModelClient
    from opsagent.models.answered import Answered

_LONGEST = 2_000  # characters of a question
_MOST = 50  # questions of one dialogue


def ask(setup: Setup, incident_id: str, question: str | None, *, model: bool, output: OutputFormat | None) -> None:
    """Answer one question, or each line that the operator types until an empty one."""
    report = setup.store.reports.load(incident_id)
    if question is None and not sys.stdin.isatty():
        raise UsageError("ask needs a question where there is no terminal", hint=f'opsagent ask {incident_id} "why"')
    with Steps() as steps:
        client = _client(setup) if model else None
        dialogue = Dialogue(report, setup.catalog, steps, lambda: datetime.now(UTC), client, setup.redact, key_pressed)
        try:
            for asked in [question] if question is not None else _typed(steps):
                answered = dialogue.ask(asked.strip()[:_LONGEST])
                _count(setup, answered)
                steps.rest()
                if output:
                    write(document(plain(answered), output))
                else:
                    show(answered_view(answered))
        finally:
            if client is not None:
                client.close()


def _typed(steps: Steps) -> Iterator[str]:
    """Yield what the operator types, line by line; an empty line or Ctrl-D ends it."""
    prose('Ask "why", "why not NAME", "show E1" or anything else; an empty line ends it.')
    for _ in range(_MOST):
        steps.rest()
        sys.stderr.write("ask> ")
        sys.stderr.flush()
        line = sys.stdin.readline(_LONGEST)
        if not line.strip():
            return
        yield line


def _client(setup: Setup) -> "ModelClient | None":
    """Return the configured model's client, within the tokens of the day; None where there is none to ask."""
    wanted = setup.settings.model
    if wanted.name is None or wanted.when == "never":
        return None
    used = _used(setup)
    if wanted.daily_tokens and used is not None and used >= wanted.daily_tokens:
        prose(f"{used:,} tokens were used today, and model.daily_tokens is {wanted.daily_tokens:,}: the rules answer.")
        return None
    from opsagent.clients.model.client import ModelClient

    return ModelClient(wanted, setup.environ, language=language_of(setup.settings.language, setup.environ))


def _used(setup: Setup) -> int | None:
    try:
        return setup.store.model_tokens.of_day(datetime.now(UTC))
    except StoreError as error:
        prose(f"the tokens of the day cannot be read: {error.message}")
        return None


def _count(setup: Setup, answered: "Answered") -> None:
    if answered.tokens:
        setup.store.model_tokens.add(datetime.now(UTC), answered.tokens)

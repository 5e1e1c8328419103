"""One trivial question to the configured model, and what its answer shows of what it can do."""

from collections.abc import Iterator, Mapping

from opsagent.config.settings import Settings
from opsagent.errors import OpsagentError
from opsagent.models.checkup import Check

_QUESTION = "Which of these two words names a colour: blue, seven?"


def model_check(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield what came of it; nobody is asked where no model is configured."""
    if settings.model.name is None:
        yield Check("model", "ok", "none is configured: the rules conclude alone, and nothing leaves the machine")
        return
    # Over two seconds at import: only a configured model pays for it.
    from opsagent.clients.model.client import ModelClient  # noqa: PLC0415
    from opsagent.setup.model_question import Colour  # noqa: PLC0415

    try:
        client = ModelClient(settings.model, environ)
        try:
            reply = client.ask("You answer in one word, as JSON.", _QUESTION, Colour)
        finally:
            client.close()
    except OpsagentError as error:
        # The rules go on alone where the model fails, so this is never fatal.
        yield Check("model", "warn", error.message, error.hint)
        return
    first, second = "answered in the JSON that was asked for in", "answered in JSON, at the second try, in"
    shape = first if reply.calls == 1 else second
    counted = f"{reply.input_tokens} + {reply.output_tokens} tokens" if reply.input_tokens else "it counts no tokens"
    right = "blue" in reply.answer.word.lower()
    can = client.can
    wishes = {"streams": can.streams, "response_format": can.holds_to_schema, "stream_options": can.counts_in_streams}
    refused = [name for name, does in wishes.items() if not does]
    takes = f"; it does without: {', '.join(refused)}" if refused else "; it streams, takes a schema and counts"
    text = f"{settings.model.name} {shape} {reply.took_s:.1f} s; {counted}{takes}"
    if not right:
        yield Check("model", "warn", f"{text}; but it stated {reply.answer.word[:40]!r} to a child's question")
    else:
        yield Check("model", "ok" if reply.calls == 1 else "warn", text)

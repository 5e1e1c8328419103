"""Show what a model would be sent, and send nothing."""

from opsagent.agent.context import Context
from opsagent.cli.setup import Setup
from opsagent.cli.work import surroundings
from opsagent.clients.bundle.platform import BundlePlatform
from opsagent.config.language import language_of
from opsagent.config.settings import Language
from opsagent.errors import ExitCode
from opsagent.models.service import resolve
from opsagent.ui.console import prose, write


def show_prompts(setup: Setup, service: str | None, *, force: bool, bundle: BundlePlatform | None) -> ExitCode:
    """Print each question exactly as it would be sent, after redaction; no model has to be configured."""
    language = language_of(setup.settings.language, setup.environ)
    if bundle is not None:
        with surroundings.bundled(setup, bundle, model=False) as ctx:
            asked = service or bundle.service
            name = resolve(asked, ctx.seen.services).name if asked else None
            return _print(ctx, name, language, force=force)
    name = setup.service(service).name if service else None
    with surroundings.live(setup, model=False) as ctx:
        return _print(ctx, name, language, force=force)


def _print(ctx: Context, service: str | None, language: Language, *, force: bool) -> ExitCode:
    # The boxes of the diagram cost a second at import: a wrong name or path is reported before.
    from opsagent.agent.model.questions import questions

    found = questions(ctx, service, language, force=force)
    if not found:
        prose("Nothing is wrong, so no model would be asked; --force shows what it would be asked all the same.")
        return ExitCode.OK
    for number, question in enumerate(found, 1):
        write(f"##### question {number} of {len(found)}, about {question.tokens} tokens, not sent")
        for role, text in question.messages:
            write(f"##### {role}\n{text}")
        write(f"##### response_format (not for an end point that refuses it)\n{question.response_format}")
    return ExitCode.OK

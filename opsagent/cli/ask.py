"""Questions about an incident that was diagnosed."""

from typing import Annotated

import typer

from opsagent.cli import completion
from opsagent.cli.options import Output
from opsagent.cli.setup import Setup


def ask(
    setup: Setup,
    incident_id: Annotated[
        str, typer.Argument(metavar="ID", help="The incident's id.", autocompletion=completion.report_ids)
    ],
    question: Annotated[
        str | None,
        typer.Argument(metavar="[QUESTION]", help='For example "why", "why not redis", "show E4"; a dialogue without.'),
    ] = None,
    *,
    no_model: Annotated[bool, typer.Option("--no-model", help="Answer by rules alone.")] = False,
    output: Output = None,
) -> None:
    """Answer questions about an incident from its stored evidence, with quotes."""
    from opsagent.cli.work import ask as work

    work.ask(setup, incident_id, question, model=not no_model, output=output)

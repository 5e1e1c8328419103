"""`explain`: what a cause code means, and how to fix it."""

from typing import Annotated

import typer

from opsagent.cli import completion
from opsagent.cli.options import Json, Output, chosen
from opsagent.cli.setup import Setup


def explain(
    setup: Setup,
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]",
            help="db.locked, or a family like db; all codes without one.",
            autocompletion=completion.codes,
        ),
    ] = None,
    *,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Explain a cause code: what it means, how it is found, how to fix it, and which action helps."""
    from opsagent.cli.work import explain as work

    work.explain(setup, code, output=chosen(output, as_json))

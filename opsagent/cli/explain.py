"""`explain`: what a cause code means, and what mends it."""

from typing import Annotated

import typer

from opsagent.cli import completion
from opsagent.cli.options import Json, Output, chosen
from opsagent.cli.setup import Setup


def explain(
    setup: Setup,  # noqa: ARG001  (its flags are those of every command)
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
    """Say what a cause code means, how it is found, what mends it, and whether restart, scale or rollback helps."""
    from opsagent.cli.work import explain as work

    work.explain(code, output=chosen(output, as_json))

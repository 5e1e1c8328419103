"""`changes`: what changed lately, in order."""

from typing import Annotated

import typer

from opsagent.cli.options import Json, MaybeService, Output, chosen
from opsagent.cli.setup import Setup


def changes(
    setup: Setup,
    service: MaybeService = None,
    *,
    since: Annotated[str, typer.Option("--since", help="How far back: 45m, 6h, 48h.")] = "6h",
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Show what changed lately, oldest first: revisions, scalings, restarts, nodes, new objects."""
    form = chosen(output, as_json)
    from opsagent.cli.work import changes as work

    work.changes(setup, service, since=since, output=form)

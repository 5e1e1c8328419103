"""The operator's verdict on a diagnosis, and how often rules and model were right."""

from typing import Annotated, Literal

import typer

from opsagent.cli.options import Output
from opsagent.cli.setup import Setup


def verdict(
    setup: Setup,
    incident_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The incident's id.")] = None,
    answer: Annotated[
        Literal["right", "wrong"] | None, typer.Argument(metavar="[right|wrong]", help="Was the first cause right?")
    ] = None,
    *,
    cause: Annotated[str | None, typer.Option("--cause", help="The code that was right.")] = None,
    obj: Annotated[str | None, typer.Option("--object", help="The object that had to change: Kind/name.")] = None,
    table: Annotated[bool, typer.Option("--table", help="Show how often rules and model were right.")] = False,
    output: Output = None,
) -> None:
    """Record whether a diagnosis was right, or show how often they were."""
    from opsagent.cli.work import verdict as work

    if table:
        work.table(setup, output=output)
    else:
        work.record(setup, incident_id, answer, cause=cause, obj=obj)

"""Options that several commands share, with kubectl's spellings."""

from typing import Annotated, Literal

import typer

OutputFormat = Literal["json", "yaml"]

Output = Annotated[OutputFormat | None, typer.Option("--output", "-o", help="Print one document instead of a table.")]
Json = Annotated[bool, typer.Option("--json", help="The same as -o json.")]
ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="Any spelling of the service's name.")]
MaybeService = Annotated[
    str | None, typer.Argument(metavar="[SERVICE]", help="Any spelling of the service's name; all without one.")
]
Since = Annotated[str | None, typer.Option("--since", help="Only lines newer than this: 45s, 10m, 1h30m.")]
IncidentId = Annotated[str, typer.Argument(metavar="ID", help="The incident's id, or the start of it.")]


def chosen(output: OutputFormat | None, as_json: bool) -> OutputFormat | None:
    """Return the one format asked for."""
    return "json" if as_json else output

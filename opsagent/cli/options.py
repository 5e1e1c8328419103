"""Options that several commands share, with kubectl's spellings."""

from typing import Annotated, Literal

import typer

from opsagent.cli import completion
from opsagent.errors import UsageError

OutputFormat = Literal["json", "yaml"]

Output = Annotated[OutputFormat | None, typer.Option("--output", "-o", help="Print one document instead of a table.")]
Json = Annotated[bool, typer.Option("--json", help="The same as -o json.")]
JsonOnly = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
ServiceName = Annotated[
    str,
    typer.Argument(metavar="SERVICE", help="Any spelling of the service's name.", autocompletion=completion.services),
]
MaybeService = Annotated[
    str | None,
    typer.Argument(
        metavar="[SERVICE]",
        help="Any spelling of the service's name; all without one.",
        autocompletion=completion.services,
    ),
]
Since = Annotated[str | None, typer.Option("--since", help="Only lines newer than this: 45s, 10m, 1h30m.")]
IncidentId = Annotated[
    str,
    typer.Argument(metavar="ID", help="The incident's id, or the start of it.", autocompletion=completion.incident_ids),
]


def chosen(output: OutputFormat | None, as_json: bool, *, live: str | None = None) -> OutputFormat | None:
    """Return the one format asked for; UsageError for two of them, and for a document of what never ends (`live`)."""
    if as_json and output == "yaml":
        raise UsageError("--json and -o yaml exclude each other", hint="give one of the two")
    asked: OutputFormat | None = "json" if as_json else output
    if asked and live:
        named = "--json" if as_json else f"-o {output}"
        raise UsageError(f"{live} and {named} exclude each other", hint=f"one document needs an end: leave {live} out")
    return asked

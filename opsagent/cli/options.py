"""Options that several commands share, with kubectl's spellings."""

from typing import Annotated, Literal, overload

import typer

from opsagent.cli import completion
from opsagent.errors import UsageError

OutputFormat = Literal["json", "yaml"]
ListFormat = Literal["json", "yaml", "wide", "name"]  # kubectl's, for what lists objects
LogFormat = Literal["raw", "json", "yaml"]

ListOutput = Annotated[
    ListFormat | None,
    typer.Option("--output", "-o", help="json or yaml: one document; wide: more columns; name: names alone."),
]
LogOutput = Annotated[
    LogFormat | None,
    typer.Option("--output", "-o", help="raw: the lines as they were written; json or yaml: one document."),
]
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
ObjectName = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", help="The name, where TARGET is a kind: pod NAME, as kubectl takes it."),
]
Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="A service (any spelling), a pod, or deploy/NAME, svc/NAME, sts/NAME, ds/NAME, job/NAME.",
        autocompletion=completion.targets,
    ),
]
Container = Annotated[
    str | None, typer.Option("--container", "-c", help="Only this container of each pod; all without.")
]
Since = Annotated[str | None, typer.Option("--since", help="Only lines newer than this: 45s, 10m, 1h30m.")]
IncidentId = Annotated[
    str,
    typer.Argument(metavar="ID", help="The incident's id, or the start of it.", autocompletion=completion.incident_ids),
]


@overload
def chosen(output: OutputFormat | None, as_json: bool, *, live: str | None = None) -> OutputFormat | None: ...
# What both formats share, json and yaml, is the first overload's already.
@overload
def chosen(  # type: ignore[overload-overlap]
    output: LogFormat | None, as_json: bool, *, live: str | None = None
) -> LogFormat | None: ...
@overload
def chosen(output: ListFormat | None, as_json: bool, *, live: str | None = None) -> ListFormat | None: ...
def chosen(output: str | None, as_json: bool, *, live: str | None = None) -> str | None:
    """Return the one format asked for; UsageError for two of them, and for a document of what never ends (`live`)."""
    if as_json and output not in {None, "json"}:
        raise UsageError(f"--json and -o {output} exclude each other", hint="give one of the two")
    asked = "json" if as_json else output
    if asked in {"json", "yaml"} and live:
        named = "--json" if as_json else f"-o {output}"
        raise UsageError(f"{live} and {named} exclude each other", hint=f"one document needs an end: leave {live} out")
    return asked

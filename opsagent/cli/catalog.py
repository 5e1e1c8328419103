"""`catalog`: what opsagent knows, as rows, and a check of the rows that you add."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from opsagent.cli import completion
from opsagent.cli.command import command
from opsagent.cli.help import SectionedGroup
from opsagent.cli.options import Json, Output, chosen
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode

catalog = typer.Typer(
    cls=SectionedGroup,
    help="What opsagent knows, as rows; check the rows that you add.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

RowKind = Literal["codes", "phrases", "peers", "reasons"]


@command(catalog, name="list")
def list_rows(
    setup: Setup,
    kind: Annotated[RowKind, typer.Argument(metavar="[KIND]", help="codes, phrases, peers or reasons.")] = "codes",
    *,
    added: Annotated[bool, typer.Option("--added", help="Only the rows of packs.")] = False,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """List the rows of one kind, those of your packs with their file and line."""
    from opsagent.cli.work import catalog as work

    work.list_rows(setup, kind, added=added, output=chosen(output, as_json))


@command(catalog)
def show(
    setup: Setup,
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="A cause code: db.locked.", autocompletion=completion.codes)
    ],
    *,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Show a code with its variants and every phrase that gives it."""
    from opsagent.cli.work import catalog as work

    work.show_code(setup, code, output=chosen(output, as_json))


@command(catalog)
def check(
    setup: Setup,  # noqa: ARG001  (its flags are those of every command)
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Packs: files, or folders of files.")],
    *,
    output: Output = None,
    as_json: Json = False,
) -> ExitCode:
    """Check packs: which line is wrong and why, whether examples match, and which built-in row takes them first."""
    from opsagent.cli.work import catalog as work

    return work.check(tuple(files), output=chosen(output, as_json))

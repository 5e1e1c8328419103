"""`help`: the page of one command, or every command on one page."""

from typing import Annotated

import typer

from opsagent.cli.command import finish
from opsagent.cli.help import SectionedCommand
from opsagent.cli.on_demand import ALL
from opsagent.errors import UsageError

page = typer.Typer(
    help="Show this page, every command (`help all`), or the page of one command (`help logs`).",
    add_completion=False,
    rich_markup_mode=None,
)


@page.command(cls=SectionedCommand)
def show_page(
    ctx: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="[all|COMMAND...]", help="Which page.")] = None,
) -> None:
    """Show this page, every command (`help all`), or the page of one command (`help logs`)."""
    finish(lambda: _show(ctx, words or []))


def _show(ctx: typer.Context, words: list[str]) -> None:
    here = ctx.find_root()
    if words == ["all"]:
        here.meta[ALL] = True
        words = []
    for word in words:
        find = getattr(here.command, "get_command", None)
        found = find(here, word) if find else None
        if found is None:
            raise UsageError(f"there is no command {' '.join(words)!r}", hint="opsagent help all lists every command")
        here = type(here)(found, info_name=word, parent=here)
    typer.echo(here.get_help())

"""Commands that are imported and built when they are asked for: who asks for one pays for none of the others."""

from collections.abc import Callable, Collection, Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from opsagent.cli.command import command
from opsagent.cli.help import SectionedGroup, first_paragraph
from opsagent.cli.usage_errors import run_to_exit

# Panel of the help -> command -> module of opsagent.cli, or "module:attribute".
Places = Mapping[str, Mapping[str, str]]
ALL = "opsagent.cli.help.all"  # in the context's `meta`: the help lists every command


def on_demand(places: Places, first: Collection[str]) -> type[TyperGroup]:
    """Return a group of these commands; each is what its module holds under the command's name.

    first: the commands that the group's help lists; a line below them names the others.
    """
    panels = {name: (module, panel) for panel, modules in places.items() for name, module in modules.items()}

    class OnDemand(SectionedGroup):
        def main(self, args: Any = None, prog_name: Any = None, **given: Any) -> Any:  # type: ignore[override]
            parse = super().main
            if given.pop("standalone_mode", True):
                run_to_exit(lambda: parse(args, prog_name, standalone_mode=False, **given))
            return parse(args, prog_name, standalone_mode=False, **given)

        # Typer's context and command types have no public name.
        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (Typer's signature)
            return list(panels)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            if cmd_name not in panels:
                # Typer checks here for the names that may have been meant.
                self.commands = {name: self.get_command(ctx, name) for name in panels}
                return None
            if cmd_name not in self.commands:
                self.commands[cmd_name] = _built(cmd_name, *panels[cmd_name])
            return self.commands[cmd_name]

        def sections(self, ctx: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
            # What a command does is stated by its function: none has to be built for its line.
            shown = [name for name in panels if name in first or ctx.meta.get(ALL)]
            width = max(map(len, shown))  # one column over all sections
            for panel, modules in places.items():
                rows = {name: module for name, module in modules.items() if name in shown}
                yield panel, [(name.ljust(width), _does(_found(name, module))) for name, module in rows.items()]

        def format_epilog(self, ctx: Any, formatter: Any) -> None:
            others = [name for name in panels if name not in first and name != "help"]
            if others and not ctx.meta.get(ALL):
                formatter.write_paragraph()
                formatter.write_text(f"`opsagent help all` lists {len(others)} more: {', '.join(others)}.")

    return OnDemand


def _found(name: str, module: str) -> typer.Typer | Callable[..., Any]:
    place, _, attribute = module.partition(":")
    found: typer.Typer | Callable[..., Any]
    found = getattr(import_module(f"opsagent.cli.{place}"), attribute or name.replace("-", "_"))
    return found


def _does(found: typer.Typer | Callable[..., Any]) -> str:
    return first_paragraph(found.info.help if isinstance(found, typer.Typer) else found.__doc__)


def _built(name: str, module: str, panel: str) -> Any:
    found = _found(name, module)
    if isinstance(found, typer.Typer):
        group = get_command(found)
        group.name = name
        group.rich_help_panel = panel  # type: ignore[attr-defined]
        return group
    one = typer.Typer(add_completion=False, rich_markup_mode=None)
    command(one, name, rich_help_panel=panel)(found)
    return get_command(one)

"""Help as plain text in sections: a screen reader reads it line by line, and it is printed at once.

Typer's own view draws boxes with Rich; importing that alone takes longer than all the rest of a help page.
"""

import os
from collections.abc import Iterable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

WIDEST = 100  # columns; longer lines are hard to follow


class SectionedCommand(TyperCommand):
    """A command whose options are in the sections that they name."""

    # Typer's context and formatter types have no public name.
    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options, each under its heading."""
        _write_parameters(self, ctx, formatter)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what the usage line shows; a required argument is a bare word, as everywhere, not in braces."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class SectionedGroup(TyperGroup):
    """A group whose help shows its commands first, each with its complete first paragraph."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the options, each under its heading."""
        for heading, rows in self.sections(ctx):
            _write(formatter, heading, rows)
        _write_parameters(self, ctx, formatter)

    def sections(self, ctx: Any) -> Iterable[tuple[str, list[tuple[str, str]]]]:
        """Yield heading and (command, what it does)."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        yield "Commands", [(name, first_paragraph(one.help)) for name, one in commands if one and not one.hidden]


def first_paragraph(text: str | None) -> str:
    """Return the first paragraph of a docstring, on one line."""
    return " ".join((text or "").strip().split("\n\n")[0].split())


def _write_parameters(shown: Any, ctx: Any, formatter: Any) -> None:
    sections: dict[str, list[tuple[str, str]]] = {}
    for parameter in shown.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None:
            kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
            sections.setdefault(getattr(parameter, "rich_help_panel", None) or kind, []).append(record)
    # --help is last in the list of parameters and would else open no section of its own.
    for heading in sorted(sections, key=lambda name: {"Arguments": 0, "Options": 1}.get(name, 2)):
        _write(formatter, heading, sections[heading])


def _write(formatter: Any, heading: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(heading if os.environ.get("NO_COLOR") else typer.style(heading, bold=True)):
            formatter.write_dl(rows)

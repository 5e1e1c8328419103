"""A wrong command line in the one style of errors: what is wrong, then how to fix it."""

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer

from opsagent.errors import ExitCode, UsageError

# Typer keeps its parser's classes to itself; the parent of the one that it exports is every usage error.
_WRONG: type[Exception] = typer.BadParameter.__mro__[1]


def run_to_exit(main: Callable[[], Any]) -> NoReturn:
    """Run a parser that raises instead of printing, and exit; its usage errors look like all others."""
    try:
        code = main()
    except typer.Abort:
        sys.exit(ExitCode.FAILED)
    except _WRONG as wrong:
        _show(wrong)
        sys.exit(ExitCode.USAGE)
    sys.exit(code if isinstance(code, int) else ExitCode.OK)


def _show(wrong: Any) -> None:
    if type(wrong).__name__ == "NoArgsIsHelpError":  # a group alone: its help
        wrong.show()
        return
    from opsagent.ui.console import print_error

    print_error(_named(wrong))


def _named(wrong: Any) -> UsageError:
    """Return the parser's error as ours: its message, and the usage of the command that was meant."""
    message = str(wrong.format_message()).strip().removesuffix(".")
    shown = message[:1].lower() + message[1:]
    if wrong.ctx is None:
        return UsageError(shown, hint="opsagent -h")
    return UsageError(shown, hint=f"{wrong.ctx.command_path} -h\n{' '.join(wrong.ctx.get_usage().split())}")

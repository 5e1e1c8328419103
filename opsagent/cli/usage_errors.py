"""A wrong command line in the one style of errors: what is wrong, then how to fix it."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import typer

from opsagent.errors import ExitCode, UsageError

# What a hand that is used to kubectl and helm types, and what does it here.
_HABITS = {
    "get": "opsagent pods, stats, health or changes; for other objects kubectl get",
    "top": "opsagent traffic, or kubectl top pod",
    "events": "opsagent changes, or opsagent describe TARGET",
    "rollout": "opsagent restart SERVICE, opsagent changes; a rollback is proposed by opsagent diagnose",
    "status": "opsagent stats",
    "ps": "opsagent pods",
    "log": "opsagent logs TARGET",
    "fix": "opsagent diagnose SERVICE; it asks before it changes anything",
    "analyze": "opsagent diagnose",
    "-A": "one namespace at a time: -n NAMESPACE",
    "--all-namespaces": "one namespace at a time: -n NAMESPACE",
}
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


def _as_kubectl(shown: str, given: Sequence[str]) -> str | None:
    """Return what does here what was typed; None where the error is about something else."""
    if not shown.startswith(("no such command", "no such option")):
        return None
    return next((ours for habit, ours in _HABITS.items() if habit in given and habit in shown), None)


def _named(wrong: Any) -> UsageError:
    """Return the parser's error as ours: its message, and the usage of the command that was meant."""
    message = str(wrong.format_message()).strip().removesuffix(".")
    shown = message[:1].lower() + message[1:]
    if wrong.ctx is None:
        return UsageError(shown, hint="opsagent -h")
    ours = _as_kubectl(shown, sys.argv[1:])
    if ours is not None:
        return UsageError(shown.partition(". ")[0], hint=ours)
    return UsageError(shown, hint=f"{wrong.ctx.command_path} -h\n{' '.join(wrong.ctx.get_usage().split())}")

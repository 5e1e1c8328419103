"""One shape for every command: kubectl's flags, our errors, an exit code; complete, validate, run.

A command is a function of a `Setup` and its own parameters; it ends in one call and returns an ExitCode (or None).
"""

import errno
import inspect
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Concatenate, ParamSpec, TextIO

import typer

from opsagent.cli import completion
from opsagent.cli.help import SectionedCommand
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode, OpsagentError
from opsagent.models.moment import times_in

P = ParamSpec("P")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_HERE = "where_it_stands"  # the parameter by which Typer hands over its own context
Command = Callable[Concatenate[Setup, P], ExitCode | None]

_PANEL = "Platform"
Namespace = Annotated[
    str | None,
    typer.Option(
        "--namespace",
        "-n",
        help="Namespace of the platform.",
        rich_help_panel=_PANEL,
        autocompletion=completion.namespaces,
    ),
]
Context = Annotated[str | None, typer.Option("--context", help="Context of the kubeconfig.", rich_help_panel=_PANEL)]
Kubeconfig = Annotated[Path | None, typer.Option("--kubeconfig", help="The kubeconfig file.", rich_help_panel=_PANEL)]
Config = Annotated[Path | None, typer.Option("--config", help="opsagent's configuration file.", rich_help_panel=_PANEL)]
PLATFORM_FLAGS = {"namespace": Namespace, "context": Context, "kubeconfig": Kubeconfig, "config": Config}
UTC_FLAG = Annotated[
    bool,
    typer.Option("--utc", help="Show all times in UTC; else in the zone of TZ.", rich_help_panel="Platform"),
]


def command(app: typer.Typer, name: str | None = None, **settings: Any) -> Callable[[Command[P]], Command[P]]:
    """Register a function as a command that knows `-n`, `--context`, `--kubeconfig` and `--config`."""

    def register(work: Command[P]) -> Command[P]:
        run: Callable[..., ExitCode | None] = work
        own = inspect.signature(work, eval_str=True)
        parameters = list(own.parameters.values())[1:]
        flags = [
            inspect.Parameter(flag, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
            for flag, kind in PLATFORM_FLAGS.items()
        ]
        flags.append(inspect.Parameter("utc", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=UTC_FLAG))
        spread = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
        flags.append(inspect.Parameter(_HERE, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context))

        def entry(**given: Any) -> None:
            before = given.pop(_HERE).find_root().params
            own = {flag: given.pop(flag) for flag in PLATFORM_FLAGS}
            # As in kubectl a flag may be before the command too; the one nearer to the end wins.
            platform = {flag: _before(flag, before) if value is None else value for flag, value in own.items()}
            with times_in(utc=given.pop("utc")):
                finish(lambda: run(_setup(platform), **given))

        # Typer reads the signature and the annotations; both are the command's own and the platform's together.
        entry.__signature__ = inspect.Signature([*spread, *flags])  # type: ignore[attr-defined]
        entry.__annotations__ = {p.name: p.annotation for p in [*spread, *flags]}
        entry.__doc__ = work.__doc__
        app.command(name or work.__name__.replace("_", "-"), cls=SectionedCommand, **settings)(entry)
        return work

    return register


def _setup(platform: dict[str, Any]) -> Setup:
    from opsagent.cli.language import speak  # --help and --version need no settings

    setup = Setup.from_flags(os.environ, **platform)
    speak(setup.settings.language, setup.environ)
    return setup


def _before(flag: str, given: Mapping[str, Any]) -> Any:
    """Return what is before the command; Typer's context holds it as it was typed."""
    value = given.get(flag)
    return Path(value) if value is not None and flag in {"kubeconfig", "config"} else value


def finish(run: Callable[[], ExitCode | None]) -> None:
    """Run a command to its exit code: errors with how to fix them, interrupts left cleanly, closed pipes quiet."""
    interrupts: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (signal's signature)
        interrupts.append(number)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # under nohup a hang-up is to be outlived
            signal.signal(number, interrupt)
    try:
        code = run()
        sys.stdout.flush()
    except OpsagentError as error:
        from opsagent.ui.console import print_error

        print_error(error)
        code = error.exit_code
    except KeyboardInterrupt:
        code = _interrupted()
    except BrokenPipeError:  # the reader has gone: `| head`
        _silence(sys.stdout)
        code = ExitCode.OK
    except OSError as error:
        if interrupts:  # a hang-up took the terminal away, and leaving wrote to it: the spinner, the cursor
            raise typer.Exit(_interrupted()) from error
        if error.errno not in _NO_ROOM or error.filename is not None:
            raise
        _silence(sys.stdout)
        print(f"error: standard output takes nothing: {error.strerror}", file=sys.stderr)  # noqa: T201  (it may be full, too)
        code = ExitCode.FAILED
    raise typer.Exit(code or ExitCode.OK)


def _interrupted() -> ExitCode:
    """Print it where somebody still reads: after a hang-up the terminal takes nothing more."""
    for stream, text in ((sys.stderr, "\ninterrupted\n"), (sys.stdout, "")):
        try:
            stream.write(text)
            stream.flush()
        except OSError:
            _silence(stream)
    return ExitCode.INTERRUPTED


def _silence(stream: TextIO) -> None:
    """Let what is still buffered not raise again while Python shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

"""`collect`: everything that a diagnosis checks, redacted, as a bundle on disk."""

from pathlib import Path
from typing import Annotated

import typer

from opsagent.cli.options import MaybeService
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode


def collect(
    setup: Setup,
    service: MaybeService = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR|FILE.tar.gz", help="Where to; it must not be there yet.")
    ],
) -> ExitCode:
    """Write what a diagnosis would check into a bundle, secrets redacted, for `diagnose --from` and bug reports."""
    from opsagent.cli.work import collect as work

    return work.collect(setup, service, output)

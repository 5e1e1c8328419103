"""`init`: a first configuration, from what the cluster reports about itself."""

from pathlib import Path
from typing import Annotated

import typer

from opsagent.cli.setup import Setup
from opsagent.errors import UsageError


def init(
    setup: Setup,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it; - for standard output.")
    ] = None,
) -> None:
    """Ask the cluster what is there and write a commented configuration; it asks nothing and never overwrites."""
    from opsagent.config.load import user_file
    from opsagent.setup.collecting import COLLECTING
    from opsagent.setup.first_config import check_around, config_text, write_new
    from opsagent.ui.console import prose, write

    path = output or user_file(setup.environ)
    if path is None:
        raise UsageError("the home directory is not known", hint="-o FILE")
    to_stdout = str(path) == "-"
    if not to_stdout and path.exists():
        raise UsageError(f"{path} is there already; it was left as it is", hint="-o FILE writes another")
    around = check_around(setup.settings)
    for line in around.summary:
        prose(line)
    if to_stdout:
        write(config_text(around))
        return
    write_new(path, config_text(around))
    used = f"; it counts with --config {path}" if output else ""
    prose(f"wrote {path}{used}\nnext: opsagent doctor")
    if around.stats_service:
        prose(f"for trends and the success share keep samples of /stats: crontab -e, and add\n  {COLLECTING}")

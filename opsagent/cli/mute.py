"""`mute`: known, kept and listed, and not announced for a while. `actions`: what was done."""

from typing import Annotated

import typer

from opsagent.cli.options import Json, MaybeService, Output, chosen
from opsagent.cli.setup import Setup


def mute(
    setup: Setup,
    what: Annotated[str | None, typer.Argument(metavar="[ID|CODE]", help="An incident, or a cause's code.")] = None,
    obj: Annotated[str | None, typer.Argument(metavar="[OBJECT]", help="With a code: Deployment/x.")] = None,
    *,
    duration: Annotated[str | None, typer.Option("--for", metavar="TIME", help="How long: 45m, 8h, 1h30m.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; it is shown with the list.")] = None,
    end: Annotated[bool, typer.Option("--end", help="Announce it again from now on.")] = False,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Do not announce a known fault for a while, or list what is muted.

    A muted fault is still diagnosed, kept and listed; only watch does not announce it.
    """
    from opsagent.cli.work import mute as work

    form = chosen(output, as_json)
    if what is None:
        work.listed(setup, output=form)
    elif end:
        work.ended(setup, what, obj)
    else:
        work.mute(setup, what, obj, duration=duration, reason=reason)


def actions(setup: Setup, service: MaybeService = None, *, output: Output = None, as_json: Json = False) -> None:
    """List what was done to the cluster from here: when, by whom, and how it went."""
    from opsagent.cli.work import mute as work

    work.actions(setup, service, output=chosen(output, as_json))

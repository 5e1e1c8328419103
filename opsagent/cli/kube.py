"""Quick checks of the cluster: `pods`, `describe`, `logs`, `search`."""

from typing import Annotated

import typer

from opsagent.cli import completion
from opsagent.cli.options import Json, Output, ServiceName, Since, chosen
from opsagent.cli.setup import Setup

PodName = Annotated[
    str, typer.Argument(metavar="POD", help="The pod's name, or pod/NAME.", autocompletion=completion.pods)
]


def pods(setup: Setup, *, output: Output = None, as_json: Json = False) -> None:
    """List the pods of the namespace."""
    from opsagent.cli.work import kube as work

    work.pods(setup, output=chosen(output, as_json))


def describe(setup: Setup, pod: PodName, *, output: Output = None, as_json: Json = False) -> None:
    """Describe a pod: conditions, containers with their last state, probes, resources, volumes, owner, events."""
    from opsagent.cli.work import kube as work

    work.describe(setup, pod.removeprefix("pod/").removeprefix("pods/"), output=chosen(output, as_json))


def logs(
    setup: Setup,
    service: ServiceName,
    *,
    since: Since = None,
    tail: Annotated[int, typer.Option("--tail", min=-1, help="Last lines of each container; -1 for all.")] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Stay, and show new lines as they come.")] = False,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Show the logs of all pods and containers of a service, previous containers included where one crashed."""
    from opsagent.cli.work import kube as work

    form = chosen(output, as_json, live="--follow" if follow else None)
    work.logs(setup, service, since=since, tail=tail, follow=follow, output=form)


def search(
    setup: Setup,
    service: ServiceName,
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="An RE2 regular expression.")],
    *,
    since: Since = None,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Search the logs of a service; lines are printed as they are found."""
    from opsagent.cli.work import kube as work

    work.search(setup, service, pattern, since=since, output=chosen(output, as_json))

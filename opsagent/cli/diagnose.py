"""`diagnose`: the complete round, from the check to the report."""

from typing import Annotated

import typer

from opsagent.cli.options import JsonOnly, MaybeService
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode, UsageError


def diagnose(
    setup: Setup,
    service: MaybeService = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Diagnose it though it is healthy.")] = False,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="PATH",
            help="Read this instead (repeatable): logs, kubectl output, manifests, a folder, archive or bundle, - .",
        ),
    ] = None,
    alert: Annotated[
        str | None, typer.Option("--alert", metavar="NAME", help="Diagnose the service that this alert is about.")
    ] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Rules alone, for this run.")] = False,
    show_prompt: Annotated[
        bool, typer.Option("--show-prompt", help="Print what a model would be sent, and send nothing.")
    ] = False,
    as_json: JsonOnly = False,
) -> ExitCode:
    """Find what is wrong and why, ask before anything is changed, act once, verify, and report."""
    if alert is not None and service is not None:
        raise UsageError("--alert names the service: give either", hint=f"opsagent diagnose {service}")
    if show_prompt and (no_model or as_json):
        other = "--no-model" if no_model else "--json"
        raise UsageError(f"--show-prompt shows what a model would be sent; {other} does not go with it")
    from opsagent.cli.work.handed_over import opened

    bundle = opened(given or ())
    if alert is not None:
        from opsagent.cli.work.alerted import alerted_service

        service = alerted_service(setup, alert, bundle)
    if show_prompt:
        from opsagent.cli.work.show_prompt import show_prompts

        return show_prompts(setup, service, force=force, bundle=bundle)
    from opsagent.cli.work import diagnose as work

    return work.diagnose(setup, service, force=force, bundle=bundle, model=not no_model, as_json=as_json)

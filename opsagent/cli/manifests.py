"""`manifests`: what a cluster has to be instructed to let opsagent work in it."""

from typing import Annotated, Literal

import typer

from opsagent.cli.setup import Setup
from opsagent.errors import UsageError

RoleName = Literal["reader", "operator"]


def manifests(
    setup: Setup,
    *,
    role: Annotated[
        RoleName | None, typer.Option("--role", help="reader checks and plans; operator may carry out, too.")
    ] = None,
    cluster_reads: Annotated[
        bool, typer.Option("--cluster-reads", help="A ClusterRole for nodes, volumes and storage classes, too.")
    ] = False,
    cronjob: Annotated[bool, typer.Option("--cronjob", help="A CronJob of `watch --auto-report`, too.")] = False,
    image: Annotated[str | None, typer.Option("--image", help="An image that has opsagent, for the pods.")] = None,
    claim: Annotated[
        str | None, typer.Option("--claim", help="The PersistentVolumeClaim for the CronJob's state.")
    ] = None,
    webhook_secret: Annotated[
        str | None,
        typer.Option("--webhook-secret", metavar="NAME[:KEY]", help="With --cronjob: the webhook's URL."),
    ] = None,
    sources_secret: Annotated[
        str | None,
        typer.Option("--sources-secret", metavar="NAME", help="With --cronjob: the variables of prometheus, loki …"),
    ] = None,
    cluster_name: Annotated[
        str | None,
        typer.Option("--cluster-name", help="With --cronjob: how messages name this cluster; else its context."),
    ] = None,
    approve_pod: Annotated[
        str | None,
        typer.Option("--approve-pod", metavar="ID", help="The one-off pod that approves an incident of the CronJob."),
    ] = None,
) -> None:
    """Print the YAML of an account and of roles with exactly the verbs in use; `| kubectl apply -f -` applies it."""
    from opsagent.setup import manifests as work
    from opsagent.ui.console import write

    if approve_pod is not None:
        if cronjob or cluster_reads or role == "reader" or webhook_secret or cluster_name or sources_secret:
            raise UsageError("--approve-pod goes with --image and --claim alone", hint="it runs as opsagent-operator")
        if not (image and claim):
            raise UsageError("--approve-pod needs both --image and --claim", hint="those that the CronJob has")
        write(work.yaml_text([work.approve_pod(setup.settings, approve_pod, image=image, claim=claim)]))
        return
    if role is None:
        raise UsageError("--role is required", hint="--role reader, or --role operator")
    if cronjob and not (image and claim):
        raise UsageError("--cronjob needs both --image and --claim", hint="--image NAME:TAG --claim PVC")
    if not cronjob and (image or claim or webhook_secret or cluster_name or sources_secret):
        flags = "--image, --claim, --webhook-secret, --sources-secret and --cluster-name"
        raise UsageError(f"{flags} belong to --cronjob", hint="add --cronjob")
    webhook = work.SecretKey.parsed(webhook_secret) if webhook_secret else None
    # The context that is current here means nothing in a pod: it is written down.
    named = cluster_name or setup.settings.notify.cluster or (setup.platform.where.context if cronjob else None)
    wanted = work.Wanted(role, cluster_reads, image, claim, webhook, named, sources_secret)
    write(work.yaml_text(work.manifests(setup.settings, wanted)))

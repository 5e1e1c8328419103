"""`manifests`: what a cluster has to be told to let opsagent work in it."""

from typing import Annotated, Literal

import typer

from opsagent.cli.setup import Setup
from opsagent.errors import UsageError

RoleName = Literal["reader", "operator"]


def manifests(
    setup: Setup,
    *,
    role: Annotated[RoleName, typer.Option("--role", help="reader looks and plans; operator may carry out, too.")],
    cluster_reads: Annotated[
        bool, typer.Option("--cluster-reads", help="A ClusterRole for nodes, volumes and storage classes, too.")
    ] = False,
    cronjob: Annotated[bool, typer.Option("--cronjob", help="A CronJob of `watch --auto-report`, too.")] = False,
    image: Annotated[str | None, typer.Option("--image", help="With --cronjob: an image that has opsagent.")] = None,
    claim: Annotated[
        str | None, typer.Option("--claim", help="With --cronjob: the PersistentVolumeClaim for its state.")
    ] = None,
) -> None:
    """Print the YAML of an account and of roles with exactly the verbs in use; `| kubectl apply -f -` applies it."""
    from opsagent.setup.manifests import Wanted, yaml_text
    from opsagent.setup.manifests import manifests as wanted_manifests
    from opsagent.ui.console import write

    if cronjob and not (image and claim):
        raise UsageError("--cronjob wants both --image and --claim", hint="--image NAME:TAG --claim PVC")
    if not cronjob and (image or claim):
        raise UsageError("--image and --claim belong to --cronjob", hint="add --cronjob")
    write(yaml_text(wanted_manifests(setup.settings, Wanted(role, cluster_reads, image, claim))))

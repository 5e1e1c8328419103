"""Read the cluster once and show it: pods, one object."""

from datetime import UTC, datetime

from opsagent.cli.options import ListFormat, OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.models.status import PodDescription
from opsagent.ui.console import show, write


def pods(setup: Setup, *, output: ListFormat | None) -> None:
    """List the pods."""
    from opsagent.tools.kubectl import list_pods
    from opsagent.ui.pods_view import MANY, pod_names, pods_text, pods_view

    found = list_pods(setup.platform, None, setup.named_services)
    if output in ("json", "yaml"):
        write(document(found, output))
    elif output == "name":
        write(pod_names(found))
    elif output == "wide" or len(found.pods) > MANY:  # a folded name cannot be copied: as wide as it needs to be
        write(pods_text(found, datetime.now(UTC), wide=output == "wide"))
    else:
        show(pods_view(found, datetime.now(UTC)))


def describe(setup: Setup, target: str, *, output: OutputFormat | None) -> None:
    """Describe a pod, a workload or a service."""
    from opsagent.tools.object_description import describe_target

    found = describe_target(setup.platform, lambda: setup.services, target, redact=setup.redact)
    now = datetime.now(UTC)
    if output:
        write(document(found, output))
    elif isinstance(found, PodDescription):
        from opsagent.ui.describe_view import describe_view

        show(describe_view(found, now))
    else:
        from opsagent.ui.object_view import object_view

        show(object_view(found, now))

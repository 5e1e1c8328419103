"""Quick checks of the cluster: `pods`, `describe`."""

from opsagent.cli.options import Json, ListOutput, ObjectName, Output, Target, chosen
from opsagent.cli.setup import Setup


def pods(setup: Setup, *, output: ListOutput = None, as_json: Json = False) -> None:
    """List the pods of the namespace."""
    from opsagent.cli.work import kube as work

    work.pods(setup, output=chosen(output, as_json))


def describe(
    setup: Setup, target: Target, name: ObjectName = None, *, output: Output = None, as_json: Json = False
) -> None:
    """Describe a pod, a workload or a service: state, conditions, containers, probes, volumes, pods, events."""
    from opsagent.cli.work import kube as work

    work.describe(setup, f"{target}/{name}" if name else target, output=chosen(output, as_json))

"""Read the names of a cluster and keep them for Tab; run as `python -m opsagent.cli.work.completion FLAGS`."""

import json
import os
import sys
import time
from pathlib import Path

from opsagent.cli.setup import Setup
from opsagent.errors import OpsagentError


def see(setup: Setup) -> None:
    """List pods and services once, and keep their names."""
    from opsagent.analysis.evidence.workloads import services_found
    from opsagent.store.names import Names, keep_names
    from opsagent.store.store import sample_key
    from opsagent.tools.cluster import all_kinds

    objects = all_kinds(setup.platform)
    pods = sorted(str(item["metadata"]["name"]) for item in objects.items if item.get("kind") == "Pod")
    services = tuple(service.name for service in services_found(objects))
    keep_names(setup.store.incidents.state_dir, sample_key(setup.settings), Names(time.time(), services, tuple(pods)))


def main(given: str) -> int:
    """Check as these flags state; whatever fails, nobody is there to read of it."""
    flags = {key: value for key, value in json.loads(given).items() if value}
    paths = {key: Path(flags[key]) for key in ("kubeconfig", "config") if key in flags}
    try:
        see(Setup.from_flags(os.environ, **{**flags, **paths}))
    except OpsagentError:
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))

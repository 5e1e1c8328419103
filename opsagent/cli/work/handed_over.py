"""What `--from` hands over, opened once for a command."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opsagent.errors import UsageError
from opsagent.ui.steps import Steps

if TYPE_CHECKING:
    from opsagent.clients.bundle.platform import BundlePlatform


def opened(given: Sequence[str]) -> "BundlePlatform | None":
    """Return everything that was handed over as one platform, None where nothing was; UsageError where it cannot be."""
    if not given:
        return None
    if "-" in given and sys.stdin.isatty():
        raise UsageError(
            "--from - reads standard input, which is a terminal", hint="opsagent diagnose --from - < app.log"
        )
    # Late: a diagnosis of the running system reads no bundle.
    from opsagent.clients.bundle.platform import open_bundle

    with Steps() as steps:
        return open_bundle(given, report=lambda text: steps.doing("read", text))

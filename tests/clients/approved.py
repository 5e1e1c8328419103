"""The three approved changes, as the tests of their execution make them."""

from collections.abc import Callable
from typing import Any

import pytest

from opsagent.clients.live import LivePlatform
from opsagent.models.plan import Action, Approval
from opsagent.tools.kubectl import restart_deployment, rollback_deployment, scale_deployment

Make = Callable[..., LivePlatform]
CHANGES: dict[Action, Callable[..., Any]] = {
    "restart_deployment": restart_deployment,
    "scale_deployment": scale_deployment,
    "rollback_deployment": rollback_deployment,
}
ACTIONS = pytest.mark.parametrize("action", list(CHANGES))


def carry_out(platform: LivePlatform, approval: Approval) -> Any:
    """Make the change of an approval by its tool."""
    return CHANGES[approval.action](platform, approval)

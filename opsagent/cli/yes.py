"""The operator's --yes."""

from datetime import UTC, datetime

from opsagent.models.panel import Panel
from opsagent.models.plan import Answer
from opsagent.ui.console import err, show
from opsagent.ui.panel_view import panel_view
from opsagent.ui.terminal import operator


class Yes:
    """The operator's --yes: it approves the plan that is shown, but no loss of data that it did not accept."""

    def __init__(self, how: str, *, accept_data_loss: bool) -> None:
        self._how = how
        self._accepts_loss = accept_data_loss
        self.refused = False

    def ask(self, panel: Panel) -> Answer:
        """Show the panel for the record, and answer it by the flags."""
        now = datetime.now(UTC)
        show(panel_view(panel, now), err())
        self.refused = panel.plan.loses_data and not self._accepts_loss
        return Answer(
            decision="reject" if self.refused else "approve",
            shown=panel.fingerprint,
            by=self._how,
            terminal=None,
            at=now,
            how=self._how,
            reason="it loses data, and --accept-data-loss was not given" if self.refused else f"given by {operator()}",
        )

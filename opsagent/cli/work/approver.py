"""Who answers the panel: the operator in a terminal, or nobody yet."""

import sys

from opsagent.models.panel import Prompter


def prompter() -> Prompter | None:
    """Return the operator's prompt; None without a terminal, for then nobody is asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    from opsagent.ui.prompt import RichPrompter

    return RichPrompter()

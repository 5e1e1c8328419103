"""A model's words as opsagent keeps them: one bounded, redacted line; and the fence around what it is shown."""

import secrets
from collections.abc import Callable

from opsagent.agent.context import Context
from opsagent.agent.model.prompt_room import readable

_LONGEST = 400  # characters of one sentence


def one_line(ctx: Context, text: str) -> str:
    """Return a model's words as one bounded, redacted line: text, whatever it is."""
    return bounded(ctx.seen.redact, text)


def bounded(redact: Callable[[str], str], text: str) -> str:
    """Return the same where there is no diagnosis under way."""
    plain = " ".join(readable(redact(text)).split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def fence() -> str:
    """Return a line that nobody can have written into the data."""
    return f"=== {secrets.token_hex(8)} ==="

"""Incident ids: short enough to type at night, and never a path."""

import re
import secrets

from opsagent.errors import IncidentError

# Without 0, 1, i, l, o. The first is a letter, so that no program takes an id for a number.
LETTERS = "abcdefghjkmnpqrstuvwxyz"
ALPHABET = LETTERS + "23456789"
_ID = re.compile(r"[a-z0-9]{1,12}")


def new_id(length: int = 4) -> str:
    """Return a new random id; whether it is free shows when it is entered in the ledger."""
    return secrets.choice(LETTERS) + "".join(secrets.choice(ALPHABET) for _ in range(length - 1))


def checked_id(text: str) -> str:
    """Return an id, or the beginning of one, as the ledger spells it; IncidentError where it can be none."""
    wanted = text.strip().lower()
    if not _ID.fullmatch(wanted):
        raise IncidentError(f"{text!r} is not an incident id", hint="ids look like b7k2; opsagent incidents lists them")
    return wanted

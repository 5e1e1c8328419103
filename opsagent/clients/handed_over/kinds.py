"""The names of kinds as kubectl takes and prints them."""

import re

from opsagent.models.resources import KIND_BY_NAME, RESOURCES

_GROUPED = re.compile(r"^(?P<kind>[a-z]+)(?:\.(?P<group>[a-z0-9.-]+))?$")


def kind_of(word: str) -> str | None:
    """Return the kind behind "po", "pods" or "deployment.apps"; None where none is known."""
    found = _GROUPED.match(word.lower())
    if found is None:
        return None
    known = KIND_BY_NAME.get(found["kind"])
    if known or not found["group"]:
        return known
    return _singular(found["kind"]).capitalize()  # a kind of somebody's own: its spelling is not printed


def _singular(plural: str) -> str:
    if plural.endswith("ies"):
        return f"{plural[:-3]}y"
    return plural[:-2] if plural.endswith(("sses", "xes")) else plural.removesuffix("s")


def api_version(kind: str) -> str:
    """Return the API version of a known kind; "unknown/v1" of any other."""
    known = RESOURCES.get(kind)
    return known.api_version if known else "unknown/v1"

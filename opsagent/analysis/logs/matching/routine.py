"""What sounds like a failure under any level and is none: junk of strangers, alert definitions …"""

from opsagent.analysis.catalog.catalog import builtin


def is_routine(text: str) -> bool:
    """Return whether a line accuses nobody, whatever its level and its words."""
    return builtin().remarks_on("routine", text)


def is_of_request(text: str) -> bool:
    """Return whether what a request asked for is the matter, not the program; many of them are another matter."""
    return builtin().remarks_on("request", text)

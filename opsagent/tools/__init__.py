"""The design's tools by their names: what the graph, the commands and other clients call."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsagent.models.platform import Platform
    from opsagent.models.service import Service
    from opsagent.redact import Redactor


def reading_tools(
    platform: "Platform", services: "Iterable[Service]", redact: "Redactor | None" = None
) -> tuple[Callable[..., dict[str, Any]], ...]:
    """Return the nine tools that only read, bound to a platform; each answers a JSON object."""
    # Late: `opsagent stats` needs one of them, and starts at once.
    from opsagent.tools.reading import bound_tools  # noqa: PLC0415

    return bound_tools(platform, services, redact)

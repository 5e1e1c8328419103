"""Search of the catalog's patterns in linear time."""

from functools import cache
from typing import Any


def searched(pattern: str, text: str) -> bool:
    """Search a pattern in linear time, case ignored."""
    return pattern_of(pattern).search(text) is not None


@cache
def pattern_of(source: str) -> Any:
    """Return a pattern of RE2, case ignored, compiled once."""
    # Late: the library costs 20 ms, and only a log needs it.
    import re2  # noqa: PLC0415

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(source, options)

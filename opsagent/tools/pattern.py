"""Search patterns that run in linear time, whoever supplies them."""

from typing import Any

from opsagent.errors import UsageError


def compile_pattern(pattern: str, *, ignore_case: bool = False) -> Any:
    """Return the compiled RE2 pattern; UsageError states what is wrong with it, and where."""
    # Late: its library costs 20 ms, and only a search needs it.
    import re2  # noqa: PLC0415

    options = re2.Options()
    options.log_errors = False  # or it writes to stderr by itself
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        given = error.args[0] if error.args else b""
        complaint = given.decode("utf-8", "replace") if isinstance(given, bytes) else str(given)
        raise UsageError(
            f"the pattern {pattern!r} cannot be used: {_placed(pattern, complaint)}", hint=_hint(complaint)
        ) from error


def _placed(pattern: str, complaint: str) -> str:
    """Add the position of the fragment that RE2 names after its colon."""
    what, colon, fragment = complaint.partition(": ")
    place = pattern.find(fragment) if colon and fragment else -1
    if complaint.startswith("trailing \\"):
        place = len(pattern) - 1
    return f"{what} at position {place + 1}: {fragment}".rstrip(": ") if place >= 0 else complaint


def _hint(complaint: str) -> str:
    if "perl operator" in complaint or "(?" in complaint:
        return "RE2 knows no look-around and no back-references"
    return "special characters stand for themselves behind a backslash: \\[ \\( \\* \\."

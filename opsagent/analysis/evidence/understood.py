"""Whether what was given as a log is one: decided on its digest, for a log may be of any size."""

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.text.recognised import is_text, recognised
from opsagent.models.digest import LogDigest


def is_log(log: LogDigest) -> bool:
    """Return whether a digest is of a log: its lines have the form of records, or a rule knows what they report.

    What a container of a known pod has written is a log in whatever form it is written, as long as it is text.
    """
    text, counts = text_of(log)
    if log.pod is not None and is_text(text):
        return True
    if recognised(text, counts) is not None:
        return True
    # A text that only sounds like trouble ("unknown") is not evidence of it.
    return any(not finding.unexplained for finding in log_findings((log,)))


def text_of(log: LogDigest) -> tuple[str, tuple[int, ...]]:
    """Return a line for each group of a digest and for each of its last lines, and how often each was met."""
    lines = [(group.text.split("\n", 1)[0], group.count) for group in log.groups]
    traces = [(line, 1) for group in log.groups if "\n" in group.text for line in group.text.split("\n")[1:3]]
    lines += traces or [(line, 1) for line in log.tail]
    return "\n".join(line.replace("\n", " ") for line, _ in lines), tuple(count for _, count in lines)

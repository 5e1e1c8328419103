"""Log lines as text: inert, and each with its pod where there are several."""

from collections.abc import Iterable, Iterator

from opsagent.models.status import LogExcerpt, LogMatch, ServiceLogs
from opsagent.tools.log_lines import split_stamp
from opsagent.ui.console import QuietConsole, out
from opsagent.ui.inert import inert
from opsagent.ui.layout import say
from opsagent.ui.place import short_pod


def log_lines(logs: ServiceLogs, *, named: bool = True, stamped: bool = True) -> Iterator[str]:
    """Yield the lines of every excerpt, oldest first within each, with a prefix where there are several logs.

    named: with that prefix; stamped: with the time that the kubelet noted.
    """
    several = len(logs.excerpts) > 1
    for excerpt in logs.excerpts:
        prefix = f"{log_name(excerpt.pod, excerpt.container, excerpt.where, previous=excerpt.previous)} | "
        for line in excerpt.lines:
            yield (prefix if several and named else "") + (line if stamped else split_stamp(line)[1])


def log_name(pod: str | None, container: str | None, where: str, *, previous: bool = False) -> str:
    """Return "local-blog-service-…-zk4mh/istio-proxy (previous)", or the place where no pod is known."""
    name = f"{short_pod(pod)}{'/' + container if container else ''}" if pod else where
    return f"{name} (previous)" if previous else name


def match_lines(matches: Iterable[LogMatch]) -> Iterator[str]:
    """Yield "where:L88: the line" as grep does; the place is complete, so that it can be looked up."""
    for match in matches:
        place = match.where if f":L{match.line}" in match.where else f"{match.where}:L{match.line}"
        yield f"{place}: {match.text}"


def empty_note(logs: ServiceLogs) -> str | None:
    """Return what to state on stderr where not one line was printed; None where there were lines."""
    if any(excerpt.lines for excerpt in logs.excerpts):
        return None
    if logs.excerpts:
        return f"the logs of {logs.service} are empty: " + ", ".join(map(_place, logs.excerpts))
    return f"no log of {logs.service} could be read"


def print_lines(lines: Iterable[str], console: QuietConsole | None = None) -> None:
    """Print lines as they come, uncut and unwrapped, until they end or the reader leaves."""
    target = console or out()
    for line in lines:
        target.print(say(line), soft_wrap=True)
        if target.closed:
            return


def _place(excerpt: LogExcerpt) -> str:
    return inert(excerpt.where)

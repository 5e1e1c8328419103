"""Show the logs of what was asked for, once, as they grow, or where a pattern matches."""

from collections.abc import Iterable, Iterator
from typing import Any

from opsagent.cli.options import LogFormat, OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.errors import ExitCode, NotFoundError
from opsagent.models.coverage import Outcome
from opsagent.models.observed import Skipped
from opsagent.models.status import LogMatch
from opsagent.tools.log_query import LogQuery
from opsagent.tools.log_targets import LogTarget, find_logs, of_containers
from opsagent.ui.console import err, note_text, show, write
from opsagent.ui.language import localised


def found(
    setup: Setup, target: str | None, selector: str | None, container: str | None, *, previous: bool
) -> LogTarget:
    """Return the logs that are asked for; those that have nothing to read are reported first."""
    every = find_logs(setup.platform, lambda: setup.services, target, selector)
    wanted = of_containers(every, container, previous=previous)
    for silent in wanted.silent:
        report_skipped(silent)
    if not wanted.refs:
        raise NotFoundError(
            f"no container of {wanted.name} has written a log yet",
            source="logs",
            hint=f"opsagent describe {target or 'POD'} shows its events",
        )
    return wanted


def logs(setup: Setup, target: LogTarget, query: LogQuery, *, output: LogFormat | None, stamped: bool) -> None:
    """Show the lines of every log."""
    from opsagent.tools.logs import read_logs
    from opsagent.ui.logs_view import empty_note, log_lines, print_lines

    read = read_logs(setup.platform, target.name, target.refs, query, gaps=target.gaps, redact=setup.redact)
    if output in ("json", "yaml"):
        write(document(read, output))
        return
    print_lines(log_lines(read, named=output != "raw", stamped=stamped))
    note = empty_note(read)
    if note:
        show(note_text(note), err())
    for skipped in read.not_checked:
        report_skipped(skipped)


def follow(setup: Setup, target: LogTarget, query: LogQuery, *, raw: bool, stamped: bool) -> None:
    """Show the lines of every running container as they are written."""
    from opsagent.tools.follow import follow_refs
    from opsagent.tools.log_lines import split_stamp
    from opsagent.ui.logs_view import log_name, print_lines

    def lines() -> Iterator[str]:
        for ref, text in follow_refs(setup.platform, target.refs, query, redact=setup.redact):
            line = text if stamped else split_stamp(text)[1]
            yield line if raw else f"{log_name(ref.pod, ref.container, ref.where)} | {line}"

    print_lines(lines())


def search(
    setup: Setup, target: LogTarget, wanted: Any, query: LogQuery, *, fail: bool, output: OutputFormat | None
) -> ExitCode:
    """Print each matching line as it is found; state where there is none, and fail where that is not known."""
    from opsagent.tools.logs import search_refs
    from opsagent.ui.logs_view import match_lines, print_lines

    unread: list[Skipped] = []

    def on_skip(skipped: Skipped) -> None:
        report_skipped(skipped)
        if skipped.outcome is not Outcome.NOT_ASKED:
            unread.append(skipped)

    matches = search_refs(
        setup.platform, target.refs, wanted, query, gaps=target.gaps, redact=setup.redact, on_skip=on_skip
    )
    counted = _Counted(matches)
    if output:
        write(document(tuple(counted), output))
    else:
        print_lines(match_lines(counted))
    if counted.count:
        return ExitCode.OK
    show(note_text(f"no line of {target.name} matches {wanted.pattern!r}"), err())
    if unread:
        return ExitCode.FAILED
    return ExitCode.REPORTED if fail else ExitCode.OK


def report_skipped(skipped: Skipped) -> None:
    """Report on standard error what was not read, and why."""
    show(note_text(localised(f"{skipped.source}: {skipped.why}"), label=localised("not read")), err())


class _Counted:
    """An iterable that knows how many it gave."""

    def __init__(self, matches: Iterable[LogMatch]) -> None:
        self._matches, self.count = matches, 0

    def __iter__(self) -> Iterator[LogMatch]:
        for match in self._matches:
            self.count += 1
            yield match

"""Look into the cluster once and show it: pods, a pod, logs, a search."""

from datetime import UTC, datetime

from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.models.look import Skipped
from opsagent.ui.console import err, note_text, show, write


def pods(setup: Setup, *, output: OutputFormat | None) -> None:
    """List the pods."""
    from opsagent.tools.kubectl import list_pods
    from opsagent.ui.pods_view import pods_view

    found = list_pods(setup.platform, None, setup.named_services)
    if output:
        write(document(found, output))
    else:
        show(pods_view(found, datetime.now(UTC)))


def describe(setup: Setup, pod: str, *, output: OutputFormat | None) -> None:
    """Describe a pod."""
    from opsagent.tools.kubectl import describe_pod
    from opsagent.ui.describe_view import describe_view

    found = describe_pod(setup.platform, pod, setup.named_services, redact=setup.redact)
    if output:
        write(document(found, output))
    else:
        show(describe_view(found, datetime.now(UTC)))


def logs(
    setup: Setup, service: str, *, since: str | None, tail: int, follow: bool, output: OutputFormat | None
) -> None:
    """Show the last lines of every container of a service, or follow them."""
    from opsagent.tools.logs import get_service_logs
    from opsagent.ui.logs_view import empty_note, log_lines, log_name, print_lines

    if follow:
        from opsagent.tools.follow import follow_logs

        lines = follow_logs(setup.platform, setup.services, service, since=since, tail=tail, redact=setup.redact)
        print_lines(f"{log_name(ref.pod, ref.container, ref.where)} | {text}" for ref, text in lines)
        return
    found = get_service_logs(setup.platform, setup.services, service, since, tail, redact=setup.redact)
    if output:
        write(document(found, output))
        return
    print_lines(log_lines(found))
    note = empty_note(found)
    if note:
        show(note_text(note), err())
    for skipped in found.not_checked:
        _tell_skipped(skipped)


def search(setup: Setup, service: str, pattern: str, *, since: str | None, output: OutputFormat | None) -> None:
    """Search the logs of a service, and print each line as it is found."""
    from opsagent.tools.logs import search_logs
    from opsagent.ui.logs_view import match_lines, print_lines

    found = search_logs(
        setup.platform, setup.services, service, pattern, since=since, redact=setup.redact, on_skip=_tell_skipped
    )
    if output:
        write(document(tuple(found), output))
    else:
        print_lines(match_lines(found))


def _tell_skipped(skipped: Skipped) -> None:
    show(note_text(f"{skipped.source}: {skipped.why}", label="not read"), err())

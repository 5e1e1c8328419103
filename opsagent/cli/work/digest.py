"""Show the digest of logs: of the running system, or of a file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.cli.work.logs import found, report_skipped
from opsagent.errors import UsageError
from opsagent.tools.digests import digest_refs
from opsagent.tools.log_choice import chosen_logs
from opsagent.tools.log_query import LogQuery, log_query
from opsagent.ui.console import show, write
from opsagent.ui.digest_view import digest_view

if TYPE_CHECKING:
    from opsagent.models.observed import LogRef
    from opsagent.models.platform import Platform

FEW = 15  # groups of each log that one screen shows


def digest(
    setup: Setup,
    target: str,
    container: str | None,
    since: str | None,
    *,
    everything: bool,
    output: OutputFormat | None,
) -> None:
    """Digest a file where there is one of that name, else the logs of a service, pod or workload."""
    if target == "-" or Path(target).exists():
        platform, refs, query = _of_file(target, container, since)
    else:
        platform, refs, query = _of_target(setup, target, container, since)
    digests, skipped = digest_refs(platform, refs, query, redact=setup.redact)
    if output:
        write(document({"logs": digests, "not_checked": skipped}, output))
        return
    show(digest_view(digests, most=None if everything else FEW))
    for entry in skipped:
        report_skipped(entry)


def _of_file(path: str, container: str | None, since: str | None) -> "tuple[Platform, tuple[LogRef, ...], LogQuery]":
    if path == "-" and sys.stdin.isatty():
        raise UsageError("digest - reads standard input, which is a terminal", hint="opsagent digest - < app.log")
    if container is not None or since is not None:
        raise UsageError("-c and --since are for logs of the running system", hint=f"opsagent digest {path}")
    # Only a file needs the bundle's readers.
    from opsagent.clients.bundle.platform import open_bundle

    bundle = open_bundle(path)
    return bundle, bundle.logs(), LogQuery()


def _of_target(
    setup: Setup, target: str, container: str | None, since: str | None
) -> "tuple[Platform, tuple[LogRef, ...], LogQuery]":
    bounds = setup.settings.logs
    query = log_query(tail=bounds.max_lines, since=since)
    wanted = found(setup, target, None, container, previous=False)
    refs = wanted.refs
    if len({ref.pod for ref in refs}) > bounds.max_pods:
        refs, left_out = chosen_logs(refs, setup.platform.list("Pod"), bounds.max_pods)
        if left_out is not None:
            report_skipped(left_out)
    return setup.platform, refs, query

"""The logs of a service as they grow, over all its containers at once."""

import threading
from collections.abc import Iterable, Iterator
from queue import Queue

from opsagent.errors import LookError
from opsagent.models.look import LogRef
from opsagent.models.platform import Platform
from opsagent.models.service import Service
from opsagent.redact import Redactor
from opsagent.tools.log_lines import LINE_BYTES, pieces
from opsagent.tools.logs import service_refs
from opsagent.tools.since import parse_since

_WAITING_LINES = 1000  # a reader that cannot keep up slows the streams down, and not the memory up


def follow_logs(
    platform: Platform,
    services: Iterable[Service],
    service: str,
    *,
    since: str | None = None,
    tail: int | None = None,
    redact: Redactor | None = None,
) -> Iterator[tuple[LogRef, str]]:
    """Yield each line, with its log, of every running container of a service as it is written, secrets redacted.

    Ends when every stream has ended (the containers stopped); a stream that broke off is a line that says so. Raises
    NotFoundError where the service has no log.
    """
    since_s = parse_since(since) if since else None
    _, refs = service_refs(platform, services, service)
    running = tuple(ref for ref in refs if not ref.previous)
    redactor, lines = redact or Redactor(), Queue[tuple[LogRef, str] | None](_WAITING_LINES)

    def pump(ref: LogRef) -> None:
        try:
            for _, piece in pieces(platform.read_log(ref, tail=tail, since_s=since_s, follow=True), LINE_BYTES):
                lines.put((ref, redactor(piece.decode("utf-8", "replace"))))
        except LookError as error:
            lines.put((ref, f"[the log breaks off here: {error.message}]"))
        finally:
            lines.put(None)

    # Daemons: a stream that stays silent must not keep the process alive after Ctrl-C.
    for ref in running:
        threading.Thread(target=pump, args=(ref,), name=ref.where, daemon=True).start()
    ended = 0
    while ended < len(running):
        line = lines.get()
        if line is None:
            ended += 1
        else:
            yield line

"""The logs of a service as they grow, over all its containers at once."""

import threading
from collections.abc import Iterable, Iterator
from queue import Queue

from opsagent.errors import CheckError
from opsagent.models.observed import LogRef
from opsagent.models.platform import Platform
from opsagent.redact import Redactor
from opsagent.tools.log_lines import LINE_BYTES, pieces
from opsagent.tools.log_query import LogQuery

_WAITING_LINES = 1000  # a reader that cannot keep up slows the streams down, and not the memory up


def follow_refs(
    platform: Platform, refs: Iterable[LogRef], query: LogQuery, *, redact: Redactor | None = None
) -> Iterator[tuple[LogRef, str]]:
    """Yield each line, with its log, of every running container as it is written, secrets redacted.

    Ends when every stream has ended (the containers stopped); a stream that broke off is a line that states it.
    """
    running = tuple(ref for ref in refs if not ref.previous)
    redactor, lines = redact or Redactor(), Queue[tuple[LogRef, str] | None](_WAITING_LINES)

    def pump(ref: LogRef) -> None:
        try:
            for _, piece in pieces(platform.read_log(ref, **query.bounds, follow=True), LINE_BYTES):
                line = piece.decode("utf-8", "replace")
                if query.keeps(line):
                    lines.put((ref, redactor(line)))
        except CheckError as error:
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

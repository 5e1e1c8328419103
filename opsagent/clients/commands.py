"""Logs that a command prints (`docker logs`, `journalctl`, `ssh`): fixed arguments, no shell, bounded in time and size.

A value that is put in is one part of one argument and a plain word, so that it is neither an option nor, behind ssh,
more than a word to the shell over there. Standard input is closed.
"""

import os
import select
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from opsagent.clients.answer import brief
from opsagent.errors import CheckError, InvalidNameError, TransientCheckError
from opsagent.models.log_source import PLACEHOLDER, PLAIN_WORD

MOST_BYTES = 32 * 1024 * 1024  # of what a command prints: the last ones are kept
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command printed on both streams, and how it ended."""

    chunks: tuple[bytes, ...]
    left_out: int  # bytes before the first chunk
    code: int | None  # None: it was ended because its time was over


def arguments(words: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words with the values put in. Raises InvalidNameError where a value is no plain word."""
    for name, value in values.items():
        if not PLAIN_WORD.fullmatch(value.replace(":", "") if name == "since_time" else value):
            raise InvalidNameError(f"{brief(value, 60)!r} is no plain word for {{{name}}}", source="logs")
    return tuple(PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), word) for word in words)


def printed(argv: Sequence[str], *, timeout_s: float, most_bytes: int = MOST_BYTES) -> Iterator[bytes]:
    """Yield what a command prints.

    Raises CheckError where it cannot be run or fails (before the first chunk), TransientCheckError after the last chunk
    where it did not end in time.
    """
    name = os.path.basename(argv[0])  # noqa: PTH119 - a word, which need not be a path
    done = run(argv, timeout_s=timeout_s, most_bytes=most_bytes)
    if done.code:
        last_line = next((line for line in reversed(b"".join(done.chunks).splitlines()) if line.strip()), b"")
        last = brief(last_line.decode("utf-8", "replace"), 200) or "it printed nothing"
        raise CheckError(f"{name} ended with exit code {done.code}: {last}", source="logs", hint="see logs.sources")
    yield from done.chunks
    if done.code is None:
        raise TransientCheckError(
            f"{name} did not end within {timeout_s:g} s: the log may be incomplete",
            source="logs",
            hint="it must not follow the log; logs.timeout_s is the bound",
        )


def run(argv: Sequence[str], *, timeout_s: float, most_bytes: int) -> Printed:
    """Run a command to its end, or end it and all that it started when its time is over. Raises CheckError."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own configuration names the command
            list(argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CheckError(f"{brief(argv[0])} cannot be run: {why}", source="logs", hint="see logs.sources") from error
    with process:
        try:
            deadline = time.monotonic() + timeout_s
            chunks, left_out, ended = _read(process, deadline, most_bytes)
            return Printed(tuple(chunks), left_out, _ended(process, deadline) if ended else None)
        finally:
            _end(process)


def _read(process: "subprocess.Popen[bytes]", deadline: float, most: int) -> tuple[deque[bytes], int, bool]:
    """Return the last chunks, how many bytes were left out before them, and whether the output has ended."""
    assert process.stdout is not None
    pipe, kept, size, left_out = process.stdout.fileno(), deque[bytes](), 0, 0
    while True:
        ready, _, _ = select.select([pipe], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            return kept, left_out, False
        chunk = os.read(pipe, _CHUNK)
        if not chunk:
            return kept, left_out, True
        kept.append(chunk)
        size += len(chunk)
        while size - len(kept[0]) >= most:
            left_out += len(kept[0])
            size -= len(kept.popleft())


def _ended(process: "subprocess.Popen[bytes]", deadline: float) -> int | None:
    try:
        return process.wait(max(deadline - time.monotonic(), 0.0))
    except subprocess.TimeoutExpired:
        return None


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End what the command left running: it has a session of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # everything of it has ended

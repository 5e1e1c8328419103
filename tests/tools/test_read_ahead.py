"""Chunks that are read ahead: the same ones, in the same order, and nobody kept waiting."""

import threading
from collections.abc import Iterator

import pytest

from opsagent.errors import TransientCheckError
from opsagent.tools.read_ahead import read_ahead
from tests.cli.shell import until

RESET = TransientCheckError("the stream broke off", source="logs")


def test_all_chunks_come_in_order() -> None:
    """More chunks than may wait: none is lost, none comes twice."""
    chunks = [bytes([number % 256]) for number in range(1000)]
    assert list(read_ahead(iter(chunks), most=3)) == chunks
    assert list(read_ahead([])) == []


def test_an_error_comes_after_what_came_before_it() -> None:
    """A stream that breaks off gives what it gave, and then its error."""

    def broken() -> Iterator[bytes]:
        yield b"one"
        raise RESET

    seen: list[bytes] = []
    with pytest.raises(TransientCheckError, match="broke off"):
        seen.extend(read_ahead(broken()))
    assert seen == [b"one"]


def test_the_first_chunk_is_there_before_the_second() -> None:
    """A stream that hangs after its first chunk has given that one."""
    held = threading.Event()

    def hangs() -> Iterator[bytes]:
        yield b"one"
        held.wait()

    stream = read_ahead(hangs())
    assert next(stream) == b"one"
    held.set()
    stream.close()  # type: ignore[attr-defined]


def test_who_stops_early_ends_the_reading() -> None:
    """The source is closed, and no more of it is read than may wait."""
    read: list[int] = []
    closed = threading.Event()

    def endless() -> Iterator[bytes]:
        try:
            while True:
                read.append(1)
                yield b"x"
        finally:
            closed.set()

    stream = read_ahead(endless(), most=4)
    assert next(stream) == b"x"
    stream.close()  # type: ignore[attr-defined]
    until(closed.is_set, "the end of the source")
    assert len(read) <= 7

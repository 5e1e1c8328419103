"""Chunks into lines, whatever the log holds."""

import tracemalloc
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from opsagent.errors import TransientCheckError
from opsagent.tools.log_lines import last_lines, pieces, split_stamp


@given(st.lists(st.binary(max_size=30), max_size=10), st.integers(1, 8))
def test_pieces_are_the_log(chunks: list[bytes], size: int) -> None:
    """Whatever the chunks, the pieces of each numbered line are the lines of the whole, in bounded pieces."""
    whole = b"".join(chunks)
    expected = whole.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    lines: dict[int, bytes] = {}
    for number, piece in pieces(chunks, size):
        assert len(piece) <= size
        lines[number] = lines.get(number, b"") + piece
    assert list(lines) == list(range(1, len(expected) + 1))
    for number, line in lines.items():
        assert line.rstrip(b"\r") == expected[number - 1].rstrip(b"\r")


def test_tail_and_odd_bytes() -> None:
    """The last lines are kept, undecodable bytes shown as such, NUL and escapes left as they are."""
    lines, broke_off = last_lines([b"a\nb\r\n\xff\x00", b"\x1b[31mc\n"], 2)
    assert lines == ["b", "\ufffd\x00\x1b[31mc"]
    assert broke_off is None


def test_no_lines_at_all() -> None:
    """An empty log has no lines; an empty line is one."""
    assert last_lines([], 5) == ([], None)
    assert last_lines([b""], 5) == ([], None)
    assert last_lines([b"\n"], 5) == ([""], None)
    assert last_lines([b"a\n"], 0) == ([], None)


def test_huge_line_is_bounded() -> None:
    """Of a 10 MB line without an end the beginning is kept and the rest counted, in little memory."""

    def chunks() -> Iterator[bytes]:
        for _ in range(160):
            yield b"x" * 65_536

    tracemalloc.start()
    lines, _ = last_lines(chunks(), 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
    assert len(lines) == 1
    assert lines[0].endswith(f"… (+{160 * 65_536 - 16_384:,} bytes)")


def test_log_that_breaks_off() -> None:
    """The lines that came are kept, with the reason why there are no more."""

    def chunks() -> Iterator[bytes]:
        yield b"one\ntw"
        raise TransientCheckError("reset", source="logs")

    assert last_lines(chunks(), 5) == (["one", "tw"], "reset")


def test_stamp() -> None:
    """Only an RFC 3339 stamp is taken off a line."""
    assert split_stamp("2026-11-22T12:00:00.123Z ERROR x") == ("2026-11-22T12:00:00.123Z ", "ERROR x")
    assert split_stamp("2026/11/22 12:25:34 http: proxy error") == ("", "2026/11/22 12:25:34 http: proxy error")
    assert split_stamp("ERROR") == ("", "ERROR")

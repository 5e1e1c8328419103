"""The lines from a moment on, however the log is cut into chunks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from opsagent.clients.log_window import last, within

CUTOFF = datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(
    st.lists(st.tuples(st.sampled_from([-60, -1, 0, 60, None]), st.text("ab \r", max_size=5)), max_size=12), st.data()
)
def test_it_does_not_matter_how_a_log_is_cut(rows: list[tuple[int | None, str]], data: st.DataObject) -> None:
    """A line without a stamp goes with the one above it; chunks of any size give the same lines."""
    lines, wanted, keep = [], [], True
    for offset, words in rows:
        stamp = "" if offset is None else f"{(CUTOFF + timedelta(seconds=offset)).isoformat()} "
        lines.append(f"{stamp}{words}\n".encode())
        keep = keep if offset is None else offset >= 0
        if keep:
            wanted.append(lines[-1])
    whole = b"".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert b"".join(within(chunks, CUTOFF)) == b"".join(wanted)


@given(st.lists(st.sampled_from([b"", b"a", b"bc"]), max_size=8), st.integers(0, 10), st.booleans())
def test_the_last_lines(lines: list[bytes], wanted: int, newline: bool) -> None:
    """As many lines as asked for, whether the last one has ended or not."""
    text = b"\n".join(lines) + (b"\n" if newline and lines else b"")
    assert last([text], wanted) == b"".join(text.splitlines(keepends=True)[max(len(text.splitlines()) - wanted, 0) :])

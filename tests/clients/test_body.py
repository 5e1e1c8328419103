"""The bounds of an answer's body."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.clients.body import MB, Body, Budget, read_body
from opsagent.errors import NotAnAnswerError, TooLargeError


def body(encoding: str = "", most: int = 100) -> Body:
    """Return a body of at most so many bytes."""
    return Body(encoding, most, who="somebody", source="stats")


def read(data: bytes, into: Body, size: int = 7, budget: Budget | None = None) -> bytes:
    """Read data in chunks."""
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return read_body(chunks, into, budget, what="list pods", source="pods")


@given(st.binary(max_size=100), st.integers(1, 40), st.sampled_from(["", "gzip", "deflate", "x-gzip"]))
def test_what_fits_comes_out_as_it_was(data: bytes, size: int, encoding: str) -> None:
    """Packed or plain, in whatever chunks."""
    packed = {"": data, "deflate": zlib.compress(data)}.get(encoding, gzip.compress(data))
    into = body(encoding)
    assert (read(packed, into, size), into.cut) == (data, False)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_too_much_is_cut_where_it_is_unpacked(encoding: str) -> None:
    """A bomb of 64 MB in 64 KB is not unpacked beyond the bound."""
    data = bytes(64 * MB)
    into = body(encoding)
    assert read(gzip.compress(data) if encoding else data, into, 4096) == bytes(100)
    assert into.cut


@pytest.mark.parametrize("data", [b"no gzip", gzip.compress(b"x" * 50)[:-9], b""], ids=["other", "cut", "empty"])
def test_what_cannot_be_unpacked_is_not_an_answer(data: bytes) -> None:
    """Broken or unfinished, it is not taken for what came until then."""
    with pytest.raises(NotAnAnswerError):
        read(data, body("gzip"))


def test_packing_that_nobody_asked_for() -> None:
    """An encoding that is not understood is not an answer."""
    with pytest.raises(NotAnAnswerError, match="br"):
        body("br")


def test_budget_of_a_pass() -> None:
    """All bodies of a pass count together, packed ones by what they unpack to, and a new pass begins with none."""
    budget = Budget(100)
    read(gzip.compress(bytes(60)), body("gzip"), budget=budget)
    assert budget.taken == 60
    with pytest.raises(TooLargeError, match=r"cannot list pods.*together"):
        read(bytes(60), body(), budget=budget)
    budget.reset()
    assert read(bytes(60), body(), budget=budget) == bytes(60)

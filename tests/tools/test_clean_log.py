"""Logs on their way into a bundle: no secret, bounded memory, nothing lost that came."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.errors import CheckError
from opsagent.redact import Redactor
from opsagent.tools.clean_log import LINE, clean_log
from tests.redact.secrets import PEM, PLANTED


def cleaned(raw: bytes, size: int = 1000) -> str:
    """Return the log, given in chunks of a size."""
    chunks = (raw[start : start + size] for start in range(0, len(raw), size))
    return "".join(clean_log(chunks, Redactor()))


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="\r")), st.integers(1, 50))
def test_ordinary_text_stays(text: str, size: int) -> None:
    """Whatever the chunks, a log without secrets comes out as it went in, its last line ended."""
    wanted = text if text.endswith("\n") or not text else text + "\n"
    same = "".join(clean_log((text.encode()[at : at + size] for at in range(0, len(text), size)), str))
    assert same == wanted


@pytest.mark.parametrize(("kind", "text", "secret"), PLANTED)
def test_no_planted_secret_is_left(kind: str, text: str, secret: str) -> None:
    """Each shape of secret is hidden among other lines."""
    out = cleaned(f"before\n{text}\nafter\n".encode(), 7)
    assert secret not in out
    assert out.startswith("before\n")


@pytest.mark.parametrize("ahead", [65_300, 65_450, 65_536, 65_600])
def test_a_key_across_the_seam_of_two_blocks_is_hidden_whole(ahead: int) -> None:
    """A private key is waited for, stamped lines as the cluster gives them included."""
    filler = "x y z\n" * (ahead // 6)
    stamped = "".join(f"2026-11-22T12:00:00.000000001Z {line}\n" for line in PEM.split("\n"))
    out = cleaned((filler + stamped + "after\n").encode(), 4096)
    assert "<redacted:private-key" in out
    assert "Zz==" not in out
    assert "sT9uV0wX1yZ2" not in out
    assert out.endswith("after\n")


def test_a_key_that_never_ends_does_not_grow_without_bound() -> None:
    """A BEGIN without an END holds back one bounded block at most."""
    seen: list[int] = []

    def measured(text: str) -> str:
        seen.append(len(text))
        return ""

    line = b"-----BEGIN PRIVATE KEY-----\n"
    list(clean_log((line for _ in range(40_000)), measured))
    assert sum(seen) == 40_000 * len(line)
    assert max(seen) < 200_000


def test_of_a_very_long_line_the_rest_is_counted() -> None:
    """No line end for megabytes: bounded, stated, and no half secret at the cut."""
    raw = b"a " * ((LINE - 20) // 2) + b"ghp_" + b"0123456789abcdefghijABCDEFGHIJ012345" + b" b" * 500_000
    out = cleaned(raw + b"\nnext\n", 65_536)
    assert len(out) < 2 * LINE
    assert "ghp_01" not in out
    kept, _, rest = out.partition("… (+")
    assert int(rest.split(" ")[0].replace(",", "")) == len(raw) - len(kept)
    assert out.endswith("\nnext\n")


def test_what_came_before_the_break_is_kept() -> None:
    """A stream that breaks off yields its lines, then raises."""

    def broken() -> Iterator[bytes]:
        yield b"one\ntw"
        raise CheckError("reset", source="logs")

    got: list[str] = []
    with pytest.raises(CheckError, match="reset"):
        got.extend(clean_log(broken(), str))
    assert "".join(got) == "one\ntw\n"

"""The digest of a log: what is kept together, counted, distinguished, and that nothing makes it raise or grow."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsagent.analysis.logs.digest import Digester, digest
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.observed import LogRef

REF = LogRef("logs/shop-1/app.log", service="shop")


def of(text: str | bytes) -> LogDigest:
    """Digest one text."""
    return digest(REF, [text.encode() if isinstance(text, str) else text])


def only(log: LogDigest, kind: str) -> LogGroup:
    """Take the one group of a kind."""
    (group,) = [g for g in log.groups if g.kind == kind]
    return group


def test_lines_that_differ_in_numbers_are_one_template_with_its_places_and_times() -> None:
    """Count, first and last line, first and last time of near-identical lines are kept, with one sample."""
    log = of("".join(f"2026-11-22T12:00:{i:02d}Z worker {i} took job {i * 7}\n" for i in range(40)))
    (group,) = log.groups
    assert (group.count, group.first_line, group.last_line) == (40, 1, 40)
    assert group.first_at is not None
    assert group.last_at is not None
    assert (group.last_at - group.first_at).total_seconds() == 39
    assert group.text.startswith("2026-11-22T12:00:00Z worker 0")
    assert (log.lines, log.first_at, log.last_at) == (40, group.first_at, group.last_at)


PYTHON = """\
Traceback (most recent call last):
  File "/srv/app.py", line 3, in load
    return cache[key]
KeyError: 'rate'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/app.py", line 9, in <module>
    load()
shop.errors.RateError: no rate for EUR
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/srv/app.py", line 4, in main
  | ExceptionGroup: two tasks failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: bad amount
    +---------------- 2 ----------------
    | TimeoutError: bank is silent
    +------------------------------------
"""
JAVA = """\
java.lang.IllegalStateException: cannot price
\tat shop.Price.of(Price.java:10)
\tat shop.Cart.sum(Cart.java:20)
Caused by: java.sql.SQLException: table is gone
\tat driver.Statement.run(Statement.java:5)
\t... 2 more
"""
GO = """\
panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
main.total(...)
\t/src/main.go:12 +0x1d
exit status 2
"""
NODE = """\
TypeError: price is not a function
    at sum (/srv/cart.js:3:9)
    at main (/srv/index.js:8:2) {
  code: 'EPRICE'
}

Node.js v22.1.0
"""
DOTNET = """\
Unhandled exception. System.InvalidOperationException: no price
 ---> System.FormatException: bad digit
   at Shop.Parse(String text) in /src/Shop.cs:line 4
   --- End of inner exception stack trace ---
   at Shop.Main() in /src/Shop.cs:line 9
"""


@pytest.mark.parametrize(
    ("trace", "kept"),
    [
        (PYTHON, ("KeyError: 'rate'", "shop.errors.RateError: no rate for EUR")),
        (GROUP, ("ValueError: bad amount", "TimeoutError: bank is silent")),
        (JAVA, ("java.lang.IllegalStateException: cannot price", "Caused by: java.sql.SQLException: table is gone")),
        (GO, ("panic: runtime error: index out of range", "exit status 2")),
        (NODE, ("TypeError: price is not a function", "code: 'EPRICE'", "Node.js v22.1.0")),
        (DOTNET, ("System.InvalidOperationException: no price", "System.FormatException: bad digit")),
    ],
    ids=["python-chained", "python-group", "java", "go", "node", "dotnet"],
)
@pytest.mark.parametrize("stamp", ["", "2026-11-22T12:00:00.000000001Z "], ids=["bare", "stamped"])
def test_a_traceback_is_one_group_with_its_causes(trace: str, kept: tuple[str, ...], stamp: str) -> None:
    """A traceback between other lines is one group, counted twice when it comes twice, its causes in the sample."""
    lines = f"started\n{trace}served 1\n{trace}served 2\n".splitlines()
    log = of("".join(f"{stamp}{line}\n" for line in lines))
    group = only(log, "traceback")
    assert group.count == 2
    assert all(text in group.text for text in kept)
    assert group.first_line == 2
    assert not any("File " in g.text or "\tat " in g.text for g in log.groups if g is not group)


def test_the_causes_of_a_very_deep_traceback_are_kept() -> None:
    """However many frames there are, the root cause and the last line stay in the sample, the rest is counted."""
    frames = "".join(f"\tat shop.Deep.step{'x' * (i % 7)}(Deep.java:{i})\n" for i in range(300))
    log = of(
        f"java.lang.RuntimeException: outer\n{frames}Caused by: java.io.IOException: the disk died\n{frames}done\n"
    )
    text = only(log, "traceback").text
    assert "RuntimeException: outer" in text
    assert "Caused by: java.io.IOException: the disk died" in text
    assert "lines left out" in text
    assert len(text) < 8000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('10.0.0.1 - - "GET /cart HTTP/1.1" 200 12', '10.0.0.1 - - "GET /cart HTTP/1.1" 500 12'),
        ("job ended with exit code 0", "job ended with exit code 137"),
        ("batch done: 0 errors", "batch done: 12 errors"),
        ('{"msg":"done","status":200}', '{"msg":"done","status":503}'),
        ("ERROR dial tcp 10.0.0.1:8001: refused", "ERROR dial tcp 10.0.0.1:8005: refused"),
    ],
)  # fmt: skip
def test_numbers_that_carry_meaning_keep_lines_apart(one: str, other: str) -> None:
    """Status and exit codes, a count of no errors, and ports are not merged with their opposite."""
    log = of(f"{one}\n{other}\n" * 20)
    assert sorted(g.count for g in log.groups) == [20, 20]


def test_what_shows_is_before_what_is_frequent() -> None:
    """Errors and late new lines come before plain ones, probes and polling last, however loud they are."""
    noise = '10.0.0.1 - "GET /health HTTP/1.1" 200 OK\n' * 500
    plain = "cart saved\n" * 300
    log = of(noise + plain + "switched to standby\n" + "ERROR cannot reach the bank\n" + noise)
    kinds = [g.kind for g in log.groups]
    assert kinds == ["error", "rare", "plain", "noise"]
    assert len(log.tail) == 8


def test_a_rare_error_survives_a_million_of_other_lines() -> None:
    """One decisive line is kept though more kinds of lines went by than a digest can hold."""
    dice = random.Random(1)
    words = ["".join(dice.choice("abcdefghij") for _ in range(6)) for _ in range(3000)]
    lines = [" ".join(dice.choice(words) for _ in range(7)) for _ in range(60_000)]
    lines[40_000] = "sqlite3.OperationalError: database is locked"
    log = of("\n".join(lines))
    assert len(log.groups) <= 400
    assert any(g.text == lines[40_000] and g.first_line == 40_001 for g in log.groups)


def test_a_line_without_end_keeps_its_head_and_its_tail() -> None:
    """A 10 MB line costs its ends only, and is one line."""
    log = of(b"start " + b"x" * 10_000_000 + b" refused\nnext\n")
    assert log.lines == 2
    assert max(len(g.text) for g in log.groups) < 2000


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    """Invalid UTF-8 is shown as U+FFFD, and nothing is lost around it."""
    log = of(b"caf\xff error\n")
    assert log.groups[0].text == "caf\ufffd error"


def test_samples_and_tail_are_redacted() -> None:
    """What leaves the digest went through the redactor."""
    log = digest(REF, [b"ERROR token hunter2 refused\n"], redact=lambda text: text.replace("hunter2", "<redacted>"))
    assert "hunter2" not in repr(log)
    assert log.tail == ("ERROR token <redacted> refused",)


ODD = (
    b"\n",
    b"\x00",
    b"\r\n",
    b"x" * 20_000,
    b"2026-11-22T99:99:99Z oops\n",
    b'"GET / HTTP/1.1" 500 \n',
    b"  at \n",
    b"\xff",
)
TRACES = tuple(text.encode() for text in (PYTHON, GROUP, JAVA, GO, NODE))
PIECES = st.one_of(st.binary(max_size=200), st.sampled_from(TRACES + ODD))


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=30), st.integers(1, 5000))
def test_anything_at_all_is_digested_and_cuts_do_not_matter(pieces: list[bytes], step: int) -> None:
    """Random bytes and mutilated tracebacks never raise, and any way of cutting them gives the same digest."""
    data = b"".join(pieces)
    whole = of(data)
    digester = Digester(REF)
    for start in range(0, len(data), step):
        digester.feed(data[start : start + step])
    assert digester.close() == whole
    assert whole.size == len(data)
    assert len(whole.groups) <= 400


def test_cuts_do_not_matter_in_a_large_log() -> None:
    """A log of many blocks is the same whether it comes whole or in odd pieces."""
    data = (PYTHON + "INFO fine 1\n" * 50 + JAVA).encode() * 300 + b"y" * 700_000 + b"\nend\n"
    digester = Digester(REF)
    for start in range(0, len(data), 65_537):
        digester.feed(data[start : start + 65_537])
    assert digester.close() == of(data)


def test_an_empty_log_is_not_a_line() -> None:
    """Nothing in, nothing out."""
    assert of(b"").lines == 0
    assert of(b"").groups == ()


def test_the_last_line_of_a_group_is_the_last_of_all_its_forms() -> None:
    """Where lines of different form are one group, its last line and time are those of the line that came last."""
    stamp = "2026-11-22T12:00:{:02d}Z ERROR order {} is stuck at checkout\n"
    ids = ["5f0c1d2e", "aa00bb11", "aa00bb11", "5f0c1d2e"]
    log = of("".join(stamp.format(i, one) for i, one in enumerate(ids)))
    group = only(log, "error")
    assert (group.count, group.first_line, group.last_line) == (4, 1, 4)
    assert group.last_at is not None
    assert group.last_at.second == 3


@pytest.mark.parametrize(
    "line",
    ['10.0.0.{i}:{port} - "GET /cart HTTP/1.1" {status} OK', '10.0.0.{i}:{port} - "GET /cart HTTP/1.1" {status} 17'],
)
def test_the_port_of_who_asked_does_not_hide_the_status(line: str) -> None:
    """Access lines of a thousand connections are distinguished by status only."""
    ports = range(20_000, 21_000)
    log = of("\n".join(line.format(i=p % 250, port=p, status=503 if p == 20_700 else 200) for p in ports))
    assert sorted((g.kind, g.count) for g in log.groups) == [("error", 1), ("plain", 999)]

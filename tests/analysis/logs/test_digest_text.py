"""Digests as text: the informative lines first, the decisive part of each kept."""

from opsagent.analysis.logs.digest import digest
from opsagent.analysis.logs.digest_text import by_relevance, sample
from opsagent.models.digest import LogGroup
from opsagent.models.observed import LogRef


def test_tracebacks_and_errors_come_first_whatever_log_they_are_in() -> None:
    """A chatty log does not push the informative line of another one back."""
    chat = digest(LogRef("logs/a.log"), [b"ready\n" * 50 + b"WARN slow\n"])
    trace = b'Traceback (most recent call last):\n  File "x.py", line 1, in f\nValueError: no\n'
    ranked = by_relevance([chat, digest(LogRef("logs/b.log"), [b"ok\n" + trace])])
    assert [group.kind for _, group in ranked][:2] == ["traceback", "warning"]
    assert ranked[0][0].where == "logs/b.log"


def test_the_end_of_a_traceback_is_never_cut() -> None:
    """However deep it is, its head and its last line are in a thousand characters."""
    frames = "".join(f'  File "/srv/{"a" * (i % 40)}.py", line {i}, in f\n    call(x)\n' for i in range(100))
    text = f"Traceback (most recent call last):\n{frames}sqlite3.OperationalError: database is locked\n"
    ((_, group), *_) = by_relevance([digest(LogRef("logs/a.log"), [text.encode()])])
    shown = sample(group)
    assert len(shown) < 1000
    assert shown.startswith("Traceback")
    assert shown.endswith("database is locked")


def test_a_long_line_is_cut_in_its_middle() -> None:
    """The place is at its start, the cause at its end."""
    shown = sample(LogGroup("error", f"ERROR at the start {'x' * 2000} refused at the end", 1, 1, 1))
    assert len(shown) < 400
    assert shown.startswith("ERROR at the start")
    assert shown.endswith("refused at the end")

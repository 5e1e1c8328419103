"""The ten read-only tools: counted answers, first and last, least and most; a wrong call is reported the right form."""

from dataclasses import replace

import pytest

from opsagent.agent.model.investigation_tools import TOOLS
from opsagent.agent.model.slips import SlipError
from opsagent.models.status import LogMatch
from tests.agent import incidents
from tests.agent.model.materials import POD, material


def answer(tool: str, about: str = "", pattern: str = "", **more: object) -> str:
    """Return what a tool answers."""
    return "\n".join(TOOLS[tool].answer(material(**more), about, pattern))


@pytest.mark.parametrize(
    ("tool", "about", "pattern", "said"),
    [
        ("digest", "blog", "", "L11 ×40 12:30:00 [error] ERROR request 17 took 5001 ms"),
        ("digest", f"Pod/{POD}", "", "(blog, 120 lines, 12:25:00–12:30:00)"),
        ("search", "", "request \\d+ took", "2 lines in 1 logs, 1 kinds"),
        ("events", "blog", "", f"12:25:00–12:30:00 Warning Pod/{POD} Unhealthy ×12: Readiness probe failed: HTTP 503"),
        ("object", f"Pod/{POD}", "", '"status":{"phase":"Running"}'),
        ("object", "deploy/blog", "", '"replicas":1'),
        ("changes", "blog", "", "11-22 12:30:00 Deployment/blog: revision 4: image blog:1.2 → blog:1.3"),
        ("figures", "blog", "", "first 12 ms at 12:20, last 912 ms at 12:30, least 12 ms at"),
        ("alerts", "blog", "", "HighLatency firing since 12:30:00: app=blog blog is slow"),
        ("timeline", "", "", "12:29:30 logged by blog ×3: Traceback"),
        ("neighbours", "blog", "", "gateway (state not known) calls blog"),
        ("neighbours", "blog", "", "blog calls redis (healthy)"),
        ("codes", "db", "", "db.locked: "),
    ],
)  # fmt: skip
def test_each_tool_answers_from_what_was_read(tool: str, about: str, pattern: str, said: str) -> None:
    """One line a fact, each with its time, place or count."""
    assert said in answer(tool, about, pattern)


@pytest.mark.parametrize(
    ("tool", "about", "pattern", "right_form"),
    [
        ("digest", "blgo", "", "known: blog"),
        ("digest", "", "", "digest needs the name of a service or pod"),
        ("search", "", "", 'search needs a pattern, for example {"tool": "search"'),
        ("search", "", "(?<=x)y", "RE2 knows no look-around"),
        ("search", "", "(", "cannot be used: missing"),
        ("object", "Pod/blog-7d9f", "", f"nearest: Pod/{POD}"),
        ("object", "blog", "", "nearest: Deployment/blog, Service/blog"),
        ("neighbours", "blogg", "", "known: blog"),
        ("codes", "database", "", "there is no family 'database'"),
    ],
)
def test_a_wrong_call_is_answered_with_the_right_form(tool: str, about: str, pattern: str, right_form: str) -> None:
    """The nearest names, the argument that is missing, what is wrong with a pattern."""
    with pytest.raises(SlipError) as slip:
        answer(tool, about, pattern)
    assert right_form in str(slip.value)


@pytest.mark.parametrize("tool", ["search", "events", "changes", "figures", "alerts", "timeline"])
def test_no_answer_repeats_the_words_of_its_call(tool: str) -> None:
    """A model that asks for an invented line does not find it in the answer, to quote it from there."""
    invented = "No space left on device"
    assert invented.casefold() not in answer(tool, invented, invented).casefold()


def test_none_is_distinguished_from_not_read() -> None:
    """Where events were not read, that none is there is not claimed."""
    assert "events were read" in answer("events", "redis")
    assert "events were not read" in answer("events", "redis", kinds=frozenset({"Pod"}))


def test_an_object_comes_without_its_secrets_and_bookkeeping() -> None:
    """Values of the environment are hidden, managed fields are left out."""
    text = answer("object", f"Pod/{POD}")
    assert "hunter2" not in text
    assert "managedFields" not in text
    assert "DB_PASSWORD" in text


def test_a_log_outside_of_the_incident_is_read_when_it_is_asked_for() -> None:
    """A service whose log was not read yet is read then; one that has none is a slip."""
    mail = replace(incidents.DIGEST, where="logs/mail-1/mail.log", service="mail", pod="mail-1")
    text = answer("digest", "mail", more_logs=lambda name: (mail,) if name == "mail" else ())
    assert text.startswith("logs/mail-1/mail.log (mail, 120 lines")


def test_a_search_counts_kinds_with_their_first_and_last_lines() -> None:
    """Of ten thousand matches the count, the most frequent kinds and the rarest, each with first and last."""
    lines = [LogMatch("logs/a.log", n, f"2026-11-22T12:00:00Z took {n} ms") for n in range(1, 4_000)]
    lines.append(LogMatch("logs/b.log", 7, "2026-11-22T12:00:00Z took no time"))
    text = answer("search", "", "took", lines=lambda pattern, log: iter(lines))
    assert text.split("\n")[0] == "4000 lines in 2 logs, 2 kinds"
    assert "×3999 first a.log:L1 " in text
    assert "  last a.log:L3999 " in text
    assert "×1 first b.log:L7 2026-11-22T12:00:00Z took no time" in text

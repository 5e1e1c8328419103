"""Questions about a stored incident, by a scripted model: tested quotes, the same tools, and the rules behind it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from opsagent.agent.model.dialogue import Dialogue
from opsagent.analysis.catalog.catalog import builtin
from opsagent.clients.model.client import ModelClient
from opsagent.config.settings import ModelSettings
from tests.analysis.reasoning.test_questions import REPORT
from tests.model_server import ModelServer, fails
from tests.session import Heard

pytestmark = pytest.mark.usefixtures("own_environment")

ANSWER = {"lookups": [], "answer": "A writer holds the lock.", "claims": [
    {"text": "The database is locked.", "quote": "database is locked", "evidence": "E1"},
]}  # fmt: skip
Ask = Callable[..., Any]


@pytest.fixture
def dialogue(server: ModelServer) -> Iterator[Dialogue]:
    """A dialogue about the stored incident."""
    model = ModelClient(ModelSettings(name="small", base_url=server.url), {}, pause=lambda _: None)
    yield Dialogue(REPORT, builtin(), Heard(), lambda: datetime.now(UTC), model)
    model.close()


def question(server: ModelServer, number: int) -> str:
    """Return the text of the so many-th question."""
    text: str = server.requests[number]["body"]["messages"][1]["content"]
    return text


def test_an_answer_comes_with_its_tested_quotes(dialogue: Dialogue, server: ModelServer) -> None:
    """The answer, its claim with the quote, and what it cost; the data of the report is within the fence."""
    server.enqueue(ANSWER)
    told = dialogue.ask("who holds the lock?")
    assert (told.by, told.lines, told.supported) == ("model", ("A writer holds the lock.",), True)
    assert (told.claims[0].supported, told.tokens) == (True, 120)
    text = question(server, 0)
    assert text.index("database is locked") < text.index("The operator asks: who holds the lock?")
    assert text.split("\n")[1].startswith("===")


def test_an_answer_without_a_quote_is_marked(dialogue: Dialogue, server: ModelServer) -> None:
    """Invented words are not supported."""
    server.enqueue({**ANSWER, "claims": [{"text": "It is full.", "quote": "No space left", "evidence": "E1"}]})
    told = dialogue.ask("is the disk full?")
    assert not told.supported
    assert told.claims[0].why == "the quote is not in E1"


def test_it_checks_further_in_what_was_stored(dialogue: Dialogue, server: ModelServer) -> None:
    """The same tools answer from the report; nothing is asked of the platform, and a slip goes back."""
    calls = [
        {"tool": "digest", "about": "blog", "pattern": None},
        {"tool": "digest", "about": "nobody", "pattern": None},
    ]
    quoted = {"text": "Requests are slow.", "quote": "ERROR request 17 took 5001 ms", "evidence": "E3"}
    server.enqueue({"lookups": calls, "answer": "", "claims": []}, {**ANSWER, "claims": [quoted]})
    told = dialogue.ask("how slow?")
    assert [one.ok for one in told.looked_up] == [True, False]
    assert told.claims[0].supported
    assert "NOT DONE digest(nobody)" in question(server, 1)


def test_the_next_question_knows_the_one_before(dialogue: Dialogue, server: ModelServer) -> None:
    """A dialogue: what was asked and answered is in the next question."""
    server.enqueue(ANSWER, ANSWER)
    dialogue.ask("who holds the lock?")
    dialogue.ask("since when?")
    assert "earlier: asked: who holds the lock? — answered: A writer holds the lock." in question(server, 1)


@pytest.mark.parametrize("script", [fails(401), "no JSON", {"lookups": [], "answer": "", "claims": []}])
def test_the_rules_answer_where_the_model_fails(dialogue: Dialogue, server: ModelServer, script: Any) -> None:
    """Why, and the rules' own answer with its quotes."""
    server.enqueue(script, script)
    told = dialogue.ask("why?")
    assert told.by == "rules"
    assert told.fallback
    assert told.lines[0].startswith("db.locked at Deployment/blog")


def test_a_question_costs_no_more_than_a_call_may(dialogue: Dialogue, server: ModelServer) -> None:
    """A long question with a secret in it is bounded and redacted."""
    server.enqueue(ANSWER)
    dialogue.ask("password=hunter2 " + "why " * 5_000)
    assert "hunter2" not in json.dumps(server.requests[0]["body"])
    assert len(question(server, 0)) < 24_000

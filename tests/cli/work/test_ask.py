"""`ask` from the outside: why, why not, show, a dialogue, and a document; without a model and with one."""

import json

import pexpect
import pytest

from opsagent.store.reports import Reports
from tests.analysis.reasoning.test_questions import REPORT
from tests.cli.shell import OPSAGENT, Shell
from tests.model_server import running

ANSWER = {"lookups": [], "answer": "A writer holds it.", "claims": [
    {"text": "It is locked.", "quote": "database is locked", "evidence": "E1"},
]}  # fmt: skip


@pytest.fixture
def incident(well: Shell) -> tuple[Shell, str]:
    """An incident whose report is kept."""
    Reports(well.folder / "state").save(REPORT)
    return well, REPORT.incident_id


def test_one_question_is_answered_on_stdout(incident: tuple[Shell, str]) -> None:
    """Cause, quotes and plan; no request leaves."""
    shell, name = incident
    before = len(shell.box.requests)
    done = shell.here("ask", name, "why?")
    assert done.code == 0
    assert done.out.startswith("db.locked at Deployment/blog, confidence 0.86")
    assert "“sqlite3.OperationalError: database is locked”" in " ".join(done.out.split())
    assert len(shell.box.requests) == before


def test_the_answer_as_a_document(incident: tuple[Shell, str]) -> None:
    """JSON with the question, who answered and each line."""
    shell, name = incident
    told = json.loads(shell.here("ask", name, "show E1", "-o", "json").out)
    assert (told["question"], told["by"], told["incident_id"]) == ("show E1", "rules", name)
    assert told["lines"][0].startswith("E1 logs ")


def test_wrong_ids_and_no_terminal_are_errors_with_a_way_out(incident: tuple[Shell, str]) -> None:
    """An unknown incident, and no question where nobody can type one: exit 2."""
    shell, name = incident
    assert shell.here("ask", "zzzz", "why").code == 2
    done = shell.here("ask", name)
    assert done.code == 2
    assert "needs a question" in done.err


def test_a_model_answers_where_one_is_configured(incident: tuple[Shell, str]) -> None:
    """Its answer with the tested quote and the cost; with --no-model the rules answer, and nothing is sent."""
    shell, name = incident
    with running() as server:
        server.enqueue(ANSWER)
        given = {"OPSAGENT_MODEL_NAME": "small", "OPSAGENT_MODEL_BASE_URL": server.url}
        done = shell.here("ask", name, "who holds it?", **given)
        rules = shell.here("ask", name, "why", "--no-model", **given)
        assert len(server.requests) == 1
        used_up = shell.here("ask", name, "why", OPSAGENT_MODEL_DAILY_TOKENS="100", **given)
        assert len(server.requests) == 1
    assert "A writer holds it." in done.out
    assert "supported: E1 “database is locked”: It is locked." in " ".join(done.out.split())
    assert "answered by the model; 120 tokens" in done.said
    assert rules.out.startswith("db.locked")
    assert "120 tokens were used today" in used_up.said
    assert used_up.out.startswith("db.locked")


def test_a_dialogue_in_a_terminal(incident: tuple[Shell, str]) -> None:
    """Questions one after the other; an empty line ends it with 0."""
    shell, name = incident
    program, *arguments = OPSAGENT
    child = pexpect.spawn(program, [*arguments, "ask", name], env=shell.env, encoding="utf-8", timeout=60)
    child.expect("ask> ")
    child.sendline("show E99")
    child.expect("there is no E99")
    child.expect("ask> ")
    child.sendline("why not redis?")
    child.expect("no cause names redis")
    child.expect("ask> ")
    child.sendline("")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0

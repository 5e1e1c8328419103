"""A model that answers well, investigates, or fails: through the real graph, with the real client."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.models.tokens import MESSAGE, estimate
from tests import model_server
from tests.agent.paused import Paused, paused
from tests.model_server import ModelServer, cut, fails, raw

pytestmark = pytest.mark.usefixtures("own_environment")

USER = "Deployment/local-user-service-deployment"
GOOD = {"code": "pod.oom-killed", "object": USER, "evidence": ["E1"], "reasoning": "Killed for memory."}
DIFFERS = {"code": "network.dns", "object": USER, "evidence": ["E1", "E2"], "summary": "A name is not found."}


@pytest.fixture(scope="module")
def starving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paused]:
    """An incident that no action fixes: its container takes more memory than its limit."""
    with paused("oom-killed", "user-service", tmp_path_factory.mktemp("oom")) as incident:
        yield incident


def question(server: ModelServer, number: int) -> str:
    """Return the text of the so many-th question."""
    text: str = server.requests[number]["body"]["messages"][1]["content"]
    return text


def lookup(*calls: tuple[str, str | None]) -> dict[str, Any]:
    """Return an answer that wants to check something up first: pairs of a tool and what it is about."""
    return {"lookups": [{"tool": tool, "about": about, "pattern": None} for tool, about in calls]}


def test_two_questions_and_the_first_answer_reaches_the_second(starving: Paused, server: ModelServer) -> None:
    """What it read is in the next question; calls, tokens and seconds are in the analysis."""
    server.enqueue(GOOD, GOOD)
    state, _ = starving.go_on(server.url)
    analysis = state["analysis"]
    assert (analysis.by, analysis.calls, analysis.input_tokens, analysis.output_tokens) == ("model+rules", 2, 200, 40)
    assert analysis.took_s > 0
    assert analysis.opinion is not None
    assert analysis.opinion.agreement == "agrees"
    assert "Killed for memory." not in question(server, 0)
    assert f"YOUR OWN VOTE (given without the rules)\npod.oom-killed at {USER}: Killed for memory." in question(
        server, 1
    )
    assert f"pod.oom-killed: {builtin()['pod.oom-killed'].meaning}" in question(server, 0)
    assert not {"tools", "functions"} & set(server.requests[0]["body"])
    assert analysis.vote == f"pod.oom-killed at {USER}"
    assert "HYPOTHESES" not in question(server, 0)
    assert "HYPOTHESES OF THE RULES" in question(server, 1)
    assert (analysis.most_tokens, analysis.most_s) == (24_000, 120.0)


def test_the_rules_result_is_shown_before_the_model_is_asked(starving: Paused, server: ModelServer) -> None:
    """Nobody waits for a model to see what the rules conclude."""
    shown: list[str] = []

    def script(handler: model_server.Handler) -> None:
        shown.extend(step.text for step in starving.heard.steps if step.node == "rules")
        model_server.replies(json.dumps(GOOD))(handler)

    before = len(starving.heard.steps)
    del starving.heard.steps[:before]
    server.scripts = [script, script]
    starving.go_on(server.url)
    assert shown
    assert shown[0].startswith("pod.oom-killed (0.9")


def test_changes_near_the_patient_come_first(starving: Paused, server: ModelServer) -> None:
    """The first question names changes as the second does: those of the patient and of what it calls before others."""
    server.enqueue(GOOD, GOOD)
    state, _ = starving.go_on(server.url)
    near = [change.object for change in state["changes"] if change.text != "created"]
    chapters = [question(server, number).partition("\nCHANGES\n")[2].split("\nOBJECTS\n")[0] for number in (0, 1)]
    told = [[line.split(" ", 1)[1] for line in chapter.split("\n")] for chapter in chapters]
    assert told[0] == told[1]
    assert [line.split()[2].rstrip(":") for line in told[0]] == near[:6]


def test_it_may_check_further(starving: Paused, server: ModelServer) -> None:
    """A call is shown as it is made, is numbered in the next questions, and is in the report's evidence."""
    server.enqueue(lookup(("timeline", None), ("digest", "user-service")), lookup(("events", None)), GOOD, GOOD)
    state, _ = starving.go_on(server.url)
    analysis = state["analysis"]
    assert (analysis.calls, [one.call for one in analysis.looked_up]) == (
        4, ["timeline()", "digest(user-service)", "events()"],
    )  # fmt: skip
    pieces = [one.evidence for one in analysis.looked_up]
    assert all(piece in state["evidence"] for piece in pieces)
    for number, shown in ((1, pieces[:2]), (2, pieces), (3, pieces)):
        assert all(piece is not None and f"{piece.id} " in question(server, number) for piece in shown)
    assert "LOOKED UP FOR YOU" in question(server, 2)
    assert "LOOKED UP JUST NOW" in question(server, 2)
    assert "(6 more calls)" in question(server, 1)
    walked = starving.heard.walked
    last = len(walked) - walked[::-1].index("analyze") - 1
    assert walked[last - 3 : last] == ["look_up"] * 3, "shown while the box is at work, before it is left"


def test_eight_calls_fit_into_one_diagnosis(starving: Paused, server: ModelServer) -> None:
    """Three rounds of calls, the vote and the answer stay within the tokens, estimated where nothing is counted."""
    families = ("db", "pod", "node", "image", "volume", "quota", "probe", "load")
    rounds = [lookup(*(("codes", family) for family in families[at : at + 3])) for at in (0, 3, 6)]
    server.scripts = [model_server.replies(json.dumps(one), tokens=None) for one in (*rounds, GOOD, GOOD)]
    state, _ = starving.go_on(server.url)
    assert len(state["analysis"].looked_up) == 8
    assert state["analysis"].opinion is not None
    sizes = [size_of(request["body"]) for request in server.requests]
    assert (len(sizes), max(sizes) <= 6_000, sum(sizes) <= 24_000) == (5, True, True)


def test_it_checks_no_further_than_it_may(starving: Paused, server: ModelServer) -> None:
    """After the configured number no tool is offered, and asking on is answered with what is missing."""
    server.enqueue(lookup(("timeline", None)), lookup(("events", None)), lookup(("alerts", None)), GOOD, GOOD)
    state, _ = starving.go_on(server.url, max_lookups=2)
    assert "Tools:" in question(server, 1)
    assert "Tools:" not in question(server, 2)
    assert len(state["analysis"].looked_up) == 2
    assert "code: Field required" in server.requests[3]["body"]["messages"][-1]["content"]
    assert (state["analysis"].calls, state["analysis"].by) == (5, "model+rules")


@pytest.mark.parametrize(
    "asked",
    [
        ("restart_deployment", "x"), ("object", "kube-system/Pod/coredns"), ("digest", None), ("search", "blog"),
        ("neighbours", "no-such-service"),
    ],
)  # fmt: skip
def test_a_slip_goes_back_to_the_model(starving: Paused, server: ModelServer, asked: tuple[str, str | None]) -> None:
    """An unknown tool, another namespace, a missing argument: the next question has the right form, and it goes on."""
    server.enqueue(lookup(asked), lookup(("timeline", None)), GOOD, GOOD)
    state, _ = starving.go_on(server.url)
    analysis = state["analysis"]
    assert (analysis.calls, analysis.fallback, state["causes"][0].code) == (4, None, "pod.oom-killed")
    assert [one.ok for one in analysis.looked_up] == [False, True]
    assert f"NOT DONE {analysis.looked_up[0].call}: {analysis.looked_up[0].text}"[:60] in question(server, 1)


def test_a_model_that_only_errs_comes_to_an_end(starving: Paused, server: ModelServer) -> None:
    """The same wrong call for ever: eight calls at most, then a vote is asked for, and the rules stand."""
    asked = json.dumps(lookup(("digest", "no-such-service")))
    server.scripts = [model_server.replies(asked, tokens=(10, 5))] * 30
    state, _ = starving.go_on(server.url)
    assert len(state["analysis"].looked_up) <= 8
    assert state["causes"][0].code == "pod.oom-killed"
    assert state["analysis"].fallback is not None
    assert len(server.requests) <= 12


def test_both_views_are_where_they_differ(starving: Paused, server: ModelServer) -> None:
    """A state that the API server names is not talked away; the model's view is beside it with its evidence."""
    server.enqueue(DIFFERS, DIFFERS)
    state, panel = starving.go_on(server.url)
    assert panel is None
    assert state["causes"][0].code == "pod.oom-killed"
    said = state["analysis"].opinion
    assert said is not None
    assert (said.agreement, said.code, [piece.id for piece in said.evidence]) == (
        "differs",
        "network.dns",
        ["E1", "E2"],
    )
    assert "the rules' answer holds" in said.text


def test_a_refused_answer_is_repaired_once(starving: Paused, server: ModelServer) -> None:
    """The repair round names what was wrong: evidence that is none, an action that fixes nothing."""
    bad = {**GOOD, "code": "image.not-found", "action": "restart_deployment", "target": USER}
    server.enqueue({**GOOD, "evidence": ["E777"]}, GOOD, bad, GOOD)
    state, _ = starving.go_on(server.url)
    complaints = [request["body"]["messages"][-1]["content"] for request in server.requests]
    assert "there is no evidence E777" in complaints[1]
    assert "restart_deployment does not fix image.not-found" in complaints[3]
    assert (state["analysis"].calls, state["analysis"].fallback) == (4, None)


def test_a_code_that_there_is_not_is_answered_with_the_nearest(starving: Paused, server: ModelServer) -> None:
    """A slip in a code costs one repair, not the answer."""
    server.enqueue(GOOD, {**GOOD, "code": "pod.oomkilled"}, GOOD)
    state, _ = starving.go_on(server.url)
    assert "nearest: pod.oom-killed" in server.requests[2]["body"]["messages"][-1]["content"]
    assert state["analysis"].opinion is not None


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (fails(401, "bad key"), "401"), (fails(404, "model 'small' not found"), "404"), (fails(500, "boom"), "500"),
        (fails(429, "slow down", Retry_After="1"), "429"), (cut, "cut the connection"),
        (raw(b"<html>hi</html>", "text/html"), "text/html"), (raw(b"{}"), "no chat completion"),
    ],
    ids=["401", "404", "500", "429", "cut", "html", "empty"],
)  # fmt: skip
def test_a_model_that_fails_leaves_the_rules_and_states_why(
    starving: Paused, server: ModelServer, script: model_server.Script, why: str
) -> None:
    """The rules' answer, whole, with the reason; a failed first question is not followed by a second."""
    server.scripts = [script] * 9
    state, _ = starving.go_on(server.url)
    analysis = state["analysis"]
    assert (analysis.by, state["causes"][0].code, state["plan"].action) == ("rules", "pod.oom-killed", "none")
    assert analysis.fallback is not None
    assert why in analysis.fallback
    assert 1 <= analysis.calls <= len(server.requests) <= 3


def test_a_failure_at_the_second_question_keeps_what_was_looked_up(starving: Paused, server: ModelServer) -> None:
    """The answers stay in the evidence, and what was asked before is counted."""
    server.enqueue(lookup(("timeline", None)), GOOD, fails(401))
    state, _ = starving.go_on(server.url)
    assert state["analysis"].fallback is not None
    assert (state["analysis"].calls, state["analysis"].input_tokens) == (3, 200)
    assert "timeline" in {piece.where for piece in state["evidence"]}


def test_a_model_that_is_down_leaves_the_rules_answer(starving: Paused) -> None:
    """A refused connection is reported as the reason; the rules' answer counts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    state, _ = starving.go_on(f"http://127.0.0.1:{port}/v1")
    assert "cannot be reached" in (state["analysis"].fallback or "")


def test_no_diagnosis_costs_more_than_its_tokens(starving: Paused, server: ModelServer) -> None:
    """An end point that counts far more than was estimated is not asked again once 24,000 are spent."""
    server.scripts = [model_server.replies('{"code": "pod.oom-killed"}', tokens=(23_000, 5))] * 5
    state, _ = starving.go_on(server.url)
    assert len(server.requests) == 1
    assert "input tokens" in (state["analysis"].fallback or "")


def test_all_questions_together_keep_within_their_tokens(starving: Paused, server: ModelServer) -> None:
    """Calls, each after a repair, and an end point that counts nothing: 6,000 a call, 24,000 in all, estimated."""
    starving.box.state.log("user-service", *(f"ERROR order {chr(97 + n % 26)}{n} has failed" for n in range(400)))
    looks = [lookup(("digest", "user-service")), lookup(("events", None)), lookup(("timeline", None))]

    def clumsy(handler: model_server.Handler) -> None:
        first, last = (server.requests[-1]["body"]["messages"][place]["content"] for place in (1, -1))
        said = json.dumps(GOOD) if "Name the cause" in first or not looks else "I would rather check."
        repaired = json.dumps(looks.pop(0)) if looks and "cannot be used" in last else said
        model_server.replies(repaired, tokens=None)(handler)

    server.scripts = [clumsy] * 20
    state, _ = starving.go_on(server.url)
    sizes = [size_of(request["body"]) for request in server.requests]
    assert len(sizes) >= 5
    assert max(sizes) <= 6_000
    assert sum(sizes) <= 24_000
    assert state["causes"][0].code == "pod.oom-killed"
    assert state["analysis"].opinion is not None, "look-ups never cost the last question"


def size_of(body: dict[str, Any]) -> int:
    """Return what a request costs in tokens, estimated."""
    named = json.dumps(body["response_format"]) if "response_format" in body else ""
    return estimate(named) + sum(MESSAGE + estimate(message["content"]) for message in body["messages"])


def quoted(text: str, quote: str, evidence: str = "E1") -> dict[str, str]:
    """Return one claim of an answer."""
    return {"text": text, "quote": quote, "evidence": evidence}


def test_each_claim_of_an_answer_is_tested(starving: Paused, server: ModelServer) -> None:
    """Words that are in the evidence are supported; an invented quote, figure and piece are marked with the reason."""
    server.enqueue(GOOD, GOOD)
    (first,) = (piece for piece in starving.go_on(server.url)[0]["evidence"] if piece.id == "E1")
    word = " ".join(first.text.split())[:40]
    claims = [
        quoted("This ended it.", word), quoted("The disk is full.", "No space left on device"),
        quoted("It took 987654 MiB.", word), quoted("This ended it.", word, "E99"),
    ]  # fmt: skip
    server.enqueue(GOOD, {**GOOD, "claims": claims})
    state, panel = starving.go_on(server.url)
    said = state["analysis"].opinion
    assert said is not None
    assert [claim.supported for claim in said.claims] == [True, False, False, False]
    assert ["quote" in said.claims[1].why, "987654" in said.claims[2].why, "no evidence" in said.claims[3].why] == [
        True, True, True,
    ]  # fmt: skip
    assert panel is None
    assert (state["causes"][0].code, state["causes"][0].summary_by) == ("pod.oom-killed", "rules")


def test_a_real_quote_under_another_cause_supports_nothing(starving: Paused, server: ModelServer) -> None:
    """The container's own end by OOMKilled is copied to the letter, and shows no name that does not resolve."""
    server.enqueue(GOOD, GOOD)
    (first,) = (piece for piece in starving.go_on(server.url)[0]["evidence"] if piece.id == "E1")
    server.enqueue(GOOD, {**DIFFERS, "claims": [quoted("A name is not found.", " ".join(first.text.split())[:40])]})
    said = starving.go_on(server.url)[0]["analysis"].opinion
    assert said is not None
    assert [claim.why for claim in said.claims] == ["E1 shows pod.oom-killed, which is not network.dns"]
    assert (said.holds, said.agreement) == (False, "differs")

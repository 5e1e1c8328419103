"""The model's word beside the rules' causes, after a later check that it has not seen."""

from dataclasses import replace

import pytest

from opsagent.agent.model.opinions import doubted, heard_again, kept_evidence
from opsagent.models.evidence import Cause
from opsagent.models.incident import Analysis
from opsagent.models.opinion import Opinion
from opsagent.models.plan import MODEL_RISK, Plan
from tests.agent.incidents import CAUSE, EVIDENCE, LOOKED_UP, READING

SAID = Opinion(
    "db.locked", "Deployment/blog", "A writer waits.", EVIDENCE[:1], recommendations=("Use WAL.",),
    agreement="agrees", text="the model agrees: db.locked at Deployment/blog",
)  # fmt: skip
OTHER = Cause("pod.oom-killed", "Deployment/blog", "blog", 0.95, "killed for memory", ("E1",))

PIECE = replace(EVIDENCE[0], id="E3")
READING_OF_IT = replace(READING, calls=(replace(LOOKED_UP, evidence=PIECE),))


@pytest.mark.parametrize(
    ("causes", "code", "agreement"),
    [((CAUSE,), "db.locked", "agrees"), ((OTHER, CAUSE), "db.locked", "differs"), ((OTHER,), "unknown", "unsure"),
     ((replace(CAUSE, code="unknown"), CAUSE), "db.locked", "differs"), ((), "db.locked", "differs")],
)  # fmt: skip
def test_an_opinion_is_held_against_the_causes_of_now(causes: tuple[Cause, ...], code: str, agreement: str) -> None:
    """How the two stand to each other is stated again; advice, evidence and cost stay, and the rules' order too."""
    before = Analysis("model+rules", "small", calls=4, opinion=replace(SAID, code=code))
    after = heard_again(before, causes)
    assert after.opinion is not None
    assert (after.opinion.agreement, after.opinion.recommendations) == (agreement, ("Use WAL.",))
    assert replace(after, opinion=None) == replace(before, opinion=None)
    if causes and agreement != "agrees":
        assert causes[0].code in after.opinion.text


def test_without_a_model_there_is_nothing_to_hold() -> None:
    """The rules' own analysis stays as it was."""
    assert heard_again(Analysis(), (CAUSE,)) == Analysis()


def test_what_was_looked_up_and_what_was_cited_is_kept_once() -> None:
    """Both are evidence of the incident; with neither there is none."""
    analysis = Analysis(opinion=replace(SAID, evidence=(*EVIDENCE[:1], PIECE)))
    assert kept_evidence(READING_OF_IT, analysis) == (PIECE, EVIDENCE[0])
    assert kept_evidence(None, Analysis()) == ()


def test_a_doubt_is_a_risk_and_never_another_action() -> None:
    """An operator reads the model's doubt beside the risks; action and target stay the rules' own."""
    plan = Plan("restart_deployment", None, None, "the rules' own")
    said = Opinion("db.locked", None, "x", (), doubt="a restart loses the queue")
    held = doubted(plan, said)
    assert [(risk.kind, risk.text) for risk in held.risks] == [(MODEL_RISK, "a restart loses the queue")]
    assert replace(held, risks=()) == plan
    for nothing in (None, replace(said, doubt="")):
        assert doubted(plan, nothing) == plan
    assert doubted(Plan("none", None, None, "nothing helps"), said).risks == ()

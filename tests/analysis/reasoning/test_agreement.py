"""What a model may move, and what it may not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.planning.plan import SURE_ENOUGH
from opsagent.analysis.reasoning.agreement import NAMED, doubt, explained, settle, told
from opsagent.models.evidence import Cause, Evidence, Finding, Observation
from opsagent.models.opinion import Claim, Opinion

DNS = Cause("network.dns", "Deployment/web", "web", 0.7, "a name is not found", ("E1",))
ENV = Cause("config.missing-env", "Deployment/web", "web", 0.6, "a variable is missing", ("E2",))
UNKNOWN = Cause("unknown", "Deployment/web", "web", 0.3, "faulty", ("E1",))
E1, E2 = (Evidence(name, "logs", f"logs/p/c.log:L{name}", "text") for name in ("E1", "E2"))


def said(code: str, *evidence: Evidence, **more: object) -> Opinion:
    """Return what a model stated, with a claim that holds for each piece."""
    claims = tuple(Claim("so it is", piece.text, piece.id, supported=True) for piece in evidence)
    return replace(Opinion(code, "Deployment/web", "so it is", evidence, claims=claims), **more)  # type: ignore[arg-type]


def killed(strength: float, source: str = "objects") -> Finding:
    """Return a finding of the first cause, from a state that the API server names."""
    seen = Observation(source, "Pod/web-1:status", "Reason")  # type: ignore[arg-type]
    return Finding("network.dns", "Deployment/web", "web", strength, "s", (seen,))


def test_agreement_changes_nothing_but_is_reported() -> None:
    """The same cause, with the object or without: the rules' causes stay as they are."""
    for opinion in (said("network.dns", E1), said("network.dns", object=None)):
        settled = settle((DNS, ENV), (), opinion, acts=True)
        assert (settled.causes, settled.agreement) == ((DNS, ENV), "agrees")
    assert "agrees" in told(settled, opinion, (DNS, ENV))


def test_it_may_choose_among_causes_that_are_nearly_as_likely() -> None:
    """With that cause's own evidence; the order changes, no confidence rises."""
    settled = settle((DNS, ENV), (), said("config.missing-env", E2), acts=False)
    assert settled.agreement == "reordered"
    assert [(cause.code, cause.confidence) for cause in settled.causes] == [
        ("config.missing-env", 0.6), ("network.dns", 0.6),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "findings", "opinion", "acts"),
    [
        ((DNS, ENV), (), said("config.missing-env", E2), True),  # the rules plan a change
        ((DNS, ENV), (), said("config.missing-env", E1), False),  # it does not cite that cause
        ((DNS, ENV), (), said("config.missing-env"), False),  # it cites nothing
        ((replace(DNS, confidence=0.9), ENV), (), said("config.missing-env", E2), False),  # sure
        ((DNS, ENV), (killed(0.95),), said("config.missing-env", E2), False),  # a state of the API server
        ((DNS, replace(ENV, confidence=0.5)), (), said("config.missing-env", E2), False),  # far less likely
        ((DNS, ENV), (), said("pod.hung", E1), False),  # nothing that the rules saw
        ((UNKNOWN,), (), said("pod.hung"), False),  # named without evidence
        ((), (), said("pod.hung", E1), False),  # nothing is wrong
    ],
)
def test_otherwise_the_rules_stand_and_both_are_reported(
    rules: tuple[Cause, ...], findings: tuple[Finding, ...], opinion: Opinion, *, acts: bool
) -> None:
    """Strong evidence is not talked away, and no word of a model starts or stops a change."""
    settled = settle(rules, findings, opinion, acts=acts)
    assert (settled.causes, settled.agreement) == (rules, "differs")
    assert "the rules' answer holds" in told(settled, opinion, rules)


def test_where_the_rules_know_no_cause_it_may_name_one() -> None:
    """On cited evidence, below what any plan acts on, and reported as its own."""
    settled = settle((UNKNOWN,), (), said("network.dns", E1), acts=False)
    (first,) = settled.causes
    assert (first.code, first.object, first.service, first.evidence) == (
        "network.dns",
        "Deployment/web",
        "web",
        ("E1",),
    )
    assert first.confidence == NAMED < SURE_ENOUGH
    assert "no rule confirms it" in told(settled, said("network.dns", E1), (UNKNOWN,))


FALSE = Claim("The disk is full.", "No space left", "E1", why="the quote is not in E1")
HUNG = Cause("pod.hung", "Deployment/web", "web", 0.8, "it does not answer", ("E1",))
BEHIND = said("config.missing-env", E2, object="ConfigMap/web")


def test_what_no_claim_supports_is_beside_the_rules_and_never_a_cause() -> None:
    """Claims that failed, none at all, or a cause that comes too late: nothing moves, and the reason is shown."""
    for opinion, why in (
        (said("network.dns", E1, claims=(FALSE,)), "none of its claims is supported"),
        (said("network.dns", E1, claims=()), "none of its claims is supported"),
        (said("network.dns", E1, unfounded="it begins at 12:00:00, after the symptom at 11:00:00"), "it begins at"),
    ):
        for rules in ((UNKNOWN,), (HUNG,)):
            settled = settle(rules, (), opinion, acts=False)
            assert (settled.causes, settled.agreement) == (rules, "differs")
            assert why in told(settled, opinion, rules)


def test_how_sure_a_named_cause_is_comes_from_its_claims() -> None:
    """Half of the claims failed: half the confidence; the words are the catalog's, never the model's."""
    opinion = said("network.dns", E1)
    half = replace(opinion, claims=(*opinion.claims, FALSE), summary="Aliens did it.")
    (first,) = settle((UNKNOWN,), (), half, acts=False).causes
    assert first.confidence == pytest.approx(NAMED / 2, abs=0.01)
    assert (first.summary, first.summary_by) == (builtin()["network.dns"].meaning, "model")


def test_a_symptom_is_explained_by_the_cause_behind_it() -> None:
    """The deeper cause is on top and the symptom stays behind it, as sure as it was."""
    settled = settle((HUNG, ENV), (), BEHIND, acts=False)
    assert settled.agreement == "explains"
    assert [(cause.code, cause.object, cause.summary_by) for cause in settled.causes] == [
        ("config.missing-env", "ConfigMap/web", "model"), ("pod.hung", "Deployment/web", "rules"),
        ("config.missing-env", "Deployment/web", "rules"),
    ]  # fmt: skip
    assert [cause.confidence for cause in settled.causes[:2]] == [NAMED, 0.8]
    assert "explains it by config.missing-env" in told(settled, BEHIND, (HUNG, ENV))


def test_where_a_change_is_planned_the_explanation_is_a_risk_of_it() -> None:
    """The causes, and with them the plan, stay the rules' own; the doubt names the quote and what the change does."""
    settled = settle((HUNG,), (), BEHIND, acts=True)
    assert (settled.causes, settled.agreement) == ((HUNG,), "explains")
    text = doubt(BEHIND, "restart_deployment", builtin())
    assert E2.text in text
    assert builtin().effect("config.missing-env", "", "restart_deployment").why in text


def test_a_cause_outside_the_catalog_has_its_own_words_under_unknown() -> None:
    """`other` explains a symptom with the model's tested sentence; the code in the report is `unknown`."""
    opinion = said("other", E2, summary="The licence file was replaced.")
    for rules in ((HUNG,), (UNKNOWN,)):
        first = settle(rules, (), opinion, acts=False).causes[0]
        assert (first.code, first.summary, first.summary_by) == ("unknown", "The licence file was replaced.", "model")
    assert settle((DNS,), (), opinion, acts=False).agreement == "differs", "a cause is not explained away"


@pytest.mark.parametrize("code", ["pod.hung", "network.timeout"])
def test_a_symptom_does_not_explain_a_symptom(code: str) -> None:
    """Only a cause of the catalog, or one outside it, is deeper."""
    first = replace(HUNG, code="dependency.down")
    assert not explained(first, said(code, E1), builtin())
    assert not explained(DNS, BEHIND, builtin())


def test_not_to_know_is_an_answer() -> None:
    """`unknown` beside a cause of the rules changes nothing; beside an unknown of theirs it agrees."""
    assert settle((DNS,), (), said("unknown"), acts=False).agreement == "unsure"
    assert settle((UNKNOWN,), (), said("unknown"), acts=False).agreement == "agrees"


@given(
    st.sampled_from(builtin().codes),
    st.sampled_from([(), (E1,), (E1, E2)]),
    st.lists(st.sampled_from([DNS, ENV, UNKNOWN, replace(DNS, confidence=0.95)]), max_size=3),
    st.booleans(),
)
def test_no_word_of_a_model_makes_a_cause_surer(
    code: str, evidence: tuple[Evidence, ...], rules: list[Cause], acts: bool
) -> None:
    """Whatever it states: what only it states stays below any plan, and where a change is planned nothing moves."""
    settled = settle(rules, (), said(code, *evidence), acts=acts)
    known = {cause.code: cause.confidence for cause in sorted(rules, key=lambda cause: cause.confidence)}
    for cause in settled.causes:
        assert cause.confidence <= known.get(cause.code, NAMED) or cause.confidence <= NAMED
    if acts:
        assert settled.causes == tuple(rules)

"""What a claim of a model has to pass before anything rests on it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.reasoning.claims import judged, late, off_path, related, unfounded
from opsagent.models.evidence import Evidence
from opsagent.models.opinion import Claim
from opsagent.models.service import CallGraph

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
LOCK = Evidence(
    "E1", "logs", "logs/blog-7d9f-k8m2p/blog.log:L9", "sqlite3.OperationalError:  database is locked after 5001 ms", AT
)
REFUSED = Evidence("E2", "logs", "logs/gateway/gateway.log:L3", "dial tcp 10.0.0.5:6379: connection refused", AT)
PIECES = {piece.id: piece for piece in (LOCK, REFUSED)}
KNOWN = frozenset({"blog", "gateway", "redis", "kafka", "payment"})


def one(text: str, quote: str = "database is locked", evidence: str = "E1") -> Claim:
    """Return one claim after its tests."""
    (claim,) = judged([Claim(text, quote, evidence)], PIECES, known=KNOWN, about=("blog", "db.locked"))
    return claim


@pytest.mark.parametrize(
    "claim",
    [
        one("blog waits for a lock on its database."),
        one("A writer waited 5001 ms (db.locked, E1) at 12:30:00."),
        one("It waits.", "OperationalError: database   is LOCKED …"),
        one("The time-out of the read-only ConfigMap is not the reason."),
        one("Port 6379 of 10.0.0.5 refuses: connection-refused.", "connection refused", "E2"),
        one("데이터베이스가 잠겼다."),
        # A particle or a counter follows a name or a figure without a blank.
        one("blog가 5001ms를 기다렸다."),
        one("6379번 포트의 10.0.0.5가 거부한다.", "connection refused", "E2"),
    ],
    ids=lambda claim: claim.text[:30],
)
def test_a_claim_that_its_evidence_carries_is_supported(claim: Claim) -> None:
    """The quote is in it, white space and case apart; figures and names occur; what it is about needs none."""
    assert (claim.supported, claim.why) == (True, "")


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (one("The disk is full.", "No space left on device"), "the quote is not in E1"),
        (one("It waits.", "database was locked"), "the quote is not in E1"),
        (one("It waits.", "database is locked", "E2"), "the quote is not in E2"),
        (one("It waits.", evidence="E9"), "it cites no evidence"),
        (one("It waits.", evidence=""), "it cites no evidence"),
        (one("It waits.", ""), "it quotes nothing"),
        (one("It waits.", "is"), "it quotes nothing"),
        (one("   "), "it reports nothing"),
        (one("It waited 9000 ms."), "'9000' is not in E1"),
        (one("9000ms를 기다렸다."), "'9000' is not in E1"),
        (one("redis가 잠갔다."), "'redis' is not in E1"),
        (one("It waited 500 ms."), "'500' is not in E1"),
        (one("Redis holds the lock."), "'Redis' is not in E1"),
        (one("payment-gateway-7f holds the lock."), "'payment-gateway-7f' is not in E1"),
        (one("PostgreSQL holds the lock."), "'PostgreSQL' is not in E1"),
        (one("posts.db is locked."), "'posts.db' is not in E1"),
        (one("10.0.0.9 refuses.", "connection refused", "E2"), "'10.0.0.9' is not in E2"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.text[:20],
)
def test_a_claim_that_fails_states_which_test(claim: Claim, why: str) -> None:
    """Invented quotes, evidence, figures and names are each found."""
    assert (claim.supported, claim.why) == (False, why)


@given(st.text(), st.text(), st.text(max_size=5))
def test_only_what_is_quoted_word_for_word_is_supported(text: str, quote: str, evidence: str) -> None:
    """Any text at all is judged without an error, and nothing passes without its quote in existing evidence."""
    claim = one(text, quote, evidence)
    if claim.supported:
        assert evidence in PIECES
    else:
        assert claim.why


def later(seconds: float, name: str = "E1") -> dict[str, Evidence]:
    """Return the evidence with one piece at another time."""
    return {**PIECES, name: replace(PIECES[name], at=AT + timedelta(seconds=seconds))}


def test_a_cause_does_not_come_after_its_symptom() -> None:
    """Later than the symptom's last record by more than clocks differ: too late; without times it is not judged."""
    claims = [one("It waits.")]
    assert late(claims, later(60), [REFUSED]) == "it begins at 12:31:00, after the symptom at 12:30:00"
    for seconds in (-60, 0, 5):
        assert late(claims, later(seconds), [REFUSED]) == ""
    assert late(claims, later(60), [replace(REFUSED, at=None)]) == ""
    assert late(claims, {**PIECES, "E1": replace(LOCK, at=None)}, [REFUSED]) == ""
    assert late([one("It waits.", "no")], later(60), [REFUSED]) == "", "what is not supported dates nothing"


def test_a_cause_is_on_the_call_path() -> None:
    """What the patient calls at any depth, or who calls it; an unknown service or graph is not judged."""
    calls = CallGraph({"gateway": ("blog",), "blog": ("redis",), "redis": (), "mail": ()})
    assert off_path("mail", "blog", calls) == "mail is not on the call path of blog"
    for service, patient, graph in (
        ("redis", "blog", calls), ("gateway", "blog", calls), ("blog", "blog", calls), (None, "blog", calls),
        ("mail", None, calls), ("mail", "other", calls), ("mail", "blog", CallGraph({})),
    ):  # fmt: skip
        assert off_path(service, patient, graph) == ""


def test_a_sentence_of_its_own_is_about_what_it_quotes() -> None:
    """Half of its longer words occur, and none of its figures and names is invented."""
    assert related("The database is locked.", [LOCK])
    assert related("blog의 database가 5001ms 동안 잠겼다.", [LOCK])
    assert not related("nginx의 disk가 가득 찼다.", [LOCK])
    assert not related("외계인이 모두 껐다.", [LOCK])
    assert not related("Aliens switched everything off.", [LOCK])
    assert not related("!", [LOCK])
    assert unfounded("kafka locked the database", [LOCK], known=KNOWN, about=()) == "kafka"
    assert unfounded("the database is locked", [LOCK, REFUSED], known=KNOWN, about=()) == ""

"""Questions about a stored incident, answered by rules with quotes."""

from dataclasses import replace

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.reasoning.questions import answered
from opsagent.models.evidence import Cause, Evidence, Over
from opsagent.models.observed import Skipped
from tests.agent import incidents
from tests.ui import records

LINE = Evidence("E1", "logs", f"{incidents.LOG}:L9", "sqlite3.OperationalError: database is locked", incidents.AT)
REPORT = replace(
    records.REPORT,
    causes=(
        Cause("db.locked", "Deployment/blog", "blog", 0.86, "the database is locked", ("E1",), basis="worded"),
        Cause("network.timeout", "Deployment/gateway", "gateway", 0.4, "a call got no answer", ("E2",)),
    ),
    evidence=(LINE, Evidence("E2", "logs", "logs/gateway.log:L3", "timeout calling blog:8005")),
    digests=(incidents.DIGEST,),
    not_checked=(Skipped("health", "redis: a TCP port inside the cluster cannot be asked"),),
    over=(Over("pod.oom-killed", "Deployment/mail", "mail", None, 3, 9, "logs/mail.log:L1"),),
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("why", "db.locked at Deployment/blog, confidence 0.86 (worded): "),
        ("Why is it down?", f"E1 logs {incidents.LOG}:L9 12:30:00: “sqlite3.OperationalError: database is locked”"),
        ("why", "next most likely: network.timeout at Deployment/gateway, 0.40"),
        ("why", "plan: "),
        ("why not network.timeout", "network.timeout at Deployment/gateway is cause 2 of 2, confidence 0.40"),
        ("why not the gateway?", "before it is db.locked at Deployment/blog, 0.86: "),
        ("why not redis?", "no cause names redis"),
        ("why not redis?", "not checked: health: redis: a TCP port inside the cluster cannot be asked"),
        ("why not redis?", "no log of that name was read"),
        ("why not mail", "pod.oom-killed at Deployment/mail: seen, and over before the check"),
        ("why not volume.disk-full", f"volume.disk-full would be: {builtin()['volume.disk-full'].meaning}"),
        ("show E1", "it carries: db.locked at Deployment/blog"),
        ("show e1 please", "before: L2 ×70 [plain] GET /posts 200"),
        ("show E1", "after: L11 ×40 [error] ERROR request 17 took 5001 ms"),
        ("show E99", "there is no E99; the evidence of this incident: E1, E2"),
        ("timeout", "E2 logs logs/gateway.log:L3: “timeout calling blog:8005”"),
        ("5001", "[error] “ERROR request 17 took 5001 ms”"),
        ("frobnicate", 'ask "why", "why not NAME", or "show E1"'),
        ("", 'ask "why", "why not NAME", or "show E1"'),
    ],
)  # fmt: skip
def test_a_question_is_answered_from_what_was_kept(question: str, said: str) -> None:
    """Each line is a fact with its place; what was not read is not taken for fine."""
    assert said in "\n".join(answered(REPORT, question, builtin()))


def test_an_incident_without_a_cause_states_how_it_ended() -> None:
    """Why nothing was named is the answer to why."""
    report = replace(REPORT, causes=(), evidence=(), digests=(), closing="nothing is wrong")
    assert answered(report, "why", builtin()) == ["no cause was named: nothing is wrong"]


@pytest.mark.parametrize(
    "question", ["E1 " * 5_000, "not " + "x" * 5_000, "\x1b[2J", "why not (", "not E1 E2", "?" * 999]
)
def test_odd_questions_have_bounded_answers(question: str) -> None:
    """Whatever is typed, some lines come back."""
    lines = answered(REPORT, question, builtin())
    assert 1 <= len(lines) <= 40

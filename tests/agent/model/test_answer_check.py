"""What an answer may name, and why anything else is refused: one sentence each, for the model to fix it."""

from dataclasses import replace
from typing import Any

import pytest

from opsagent.agent import wiring
from opsagent.agent.model.answer_check import Known, known_to
from opsagent.agent.model.schema import FirstAnswer, LastAnswer, Lookup
from opsagent.analysis.catalog.catalog import builtin
from opsagent.clients.bundle.platform import open_bundle
from opsagent.config.settings import Settings
from opsagent.redact import Redactor
from tests.agent.incidents import CAUSE, EVIDENCE, FINDING
from tests.session import Heard

WEB = "Deployment/web"
KNOWN = Known(
    {name.lower(): name for name in (WEB, "Pod/web-1", "Node/n1", "Service/Web")}, least=1, most=5
)  # fmt: skip


def last(**more: Any) -> LastAnswer:
    """Return a last answer that may be given."""
    return LastAnswer(**{"code": "pod.hung", "object": WEB, "evidence": ["E1"], **more})


def refused(answer: LastAnswer, known: Known = KNOWN) -> str | None:
    """Return why an answer is refused."""
    return known.last_wrong(EVIDENCE)(answer)


GOOD: dict[str, LastAnswer] = {
    "a cause, and nothing to do": last(),
    "no object": last(object=None),
    "no evidence": last(evidence=[]),
    "unknown": last(code="unknown", object=None, evidence=[]),
    "a short kind": last(object="deploy/web"),
    "other capitals": last(object="DEPLOYMENT/Web"),
    "a restart of what hangs": last(action="restart_deployment", target=WEB),
    "more pods against a surge": last(
        code="load.traffic-surge", action="scale_deployment", target=WEB, replicas=5
    ),
    "a roll-back of a bad revision": last(code="rollout.bad-revision", action="rollback_deployment", target=WEB),
    "replicas that nobody asked for": last(replicas=99),
}  # fmt: skip

BAD: dict[str, tuple[LastAnswer, str]] = {
    "a code of its own": (last(code="pod.haunted"), "there is no code 'pod.haunted'; nearest: pod.hung"),
    "an empty code": (last(code=""), "there is no code ''; nearest: unknown"),
    "an object never seen": (last(object="Deployment/coredns"), "object 'Deployment/coredns' was never seen"),
    "an object without a kind": (last(object="web"), "object 'web' was never seen"),
    "an object of another namespace": (last(object="kube-system/Deployment/web"), "was never seen"),
    "evidence that does not exist": (last(evidence=["E1", "E9"]), "there is no evidence E9"),
    "a thousand pieces that do not exist": (
        last(evidence=[f"E{n}" for n in range(1, 13)]),
        "there is no evidence E3, E4, E5",
    ),
    "a target never seen": (
        last(action="restart_deployment", target="Deployment/api"),
        "target 'Deployment/api' is not a Deployment that was seen",
    ),
    "no target": (last(action="restart_deployment"), "target 'None' is not a Deployment that was seen"),
    "a pod for a target": (last(action="restart_deployment", target="Pod/web-1"), "is not a Deployment that was seen"),
    "a node for a target": (last(action="restart_deployment", target="Node/n1"), "is not a Deployment that was seen"),
    "a restart that fixes nothing": (
        last(code="image.not-found", action="restart_deployment", target=WEB),
        "restart_deployment does not fix image.not-found",
    ),
    "a roll-back of a full disk": (
        last(code="volume.disk-full", action="rollback_deployment", target=WEB),
        "rollback_deployment does not fix volume.disk-full",
    ),
    "anything against the unknown": (
        last(code="unknown", action="restart_deployment", target=WEB),
        "restart_deployment does not fix unknown",
    ),
    **{
        f"{count} replicas": (
            last(code="load.traffic-surge", action="scale_deployment", target=WEB, replicas=count),
            "replicas has to be between 1 and 5",
        )
        for count in (None, -1, 0, 6, 10**9)
    },
}


@pytest.mark.parametrize("answer", GOOD.values(), ids=GOOD)
def test_what_the_evidence_carries_may_be_stated(answer: LastAnswer) -> None:
    """Known codes, seen objects however spelled, existing evidence, actions that help."""
    assert refused(answer) is None


@pytest.mark.parametrize(("answer", "why"), BAD.values(), ids=BAD)
def test_what_was_never_seen_or_does_not_help_is_refused(answer: LastAnswer, why: str) -> None:
    """The reason is one short line that names what is wrong."""
    said = refused(answer)
    assert said is not None
    assert why in said
    assert "\n" not in said
    assert len(said) < 400


@pytest.mark.parametrize("code", builtin().codes)
def test_no_cause_lets_zero_replicas_through(code: str) -> None:
    """Whatever the cause, "scale everything to 0" is refused; so it is where the configuration allows none."""
    answer = last(code=code, action="scale_deployment", target=WEB, replicas=0)
    assert refused(answer)
    assert refused(answer, replace(KNOWN, least=0))


def test_a_first_answer_is_held_to_the_same() -> None:
    """Code, object and evidence as in the last one; without a code it has to check something up."""
    wrong = KNOWN.first_wrong(EVIDENCE)
    assert wrong(FirstAnswer(code="pod.hung", object=WEB, evidence=("E2",))) is None
    assert wrong(FirstAnswer(lookups=(Lookup(tool="timeline"),))) is None
    assert KNOWN.first_wrong(EVIDENCE, may_check=False)(FirstAnswer(lookups=(Lookup(tool="timeline"),)))
    assert wrong(FirstAnswer(reasoning="hm")) == "code: Field required"
    assert "no evidence E7" in (wrong(FirstAnswer(code="pod.hung", evidence=("E7",))) or "")
    assert "there is no code 'x'" in (wrong(FirstAnswer(code="x")) or "")
    assert "was never seen" in (wrong(FirstAnswer(code="pod.hung", object="Secret/db")) or "")


def test_objects_are_reported_under_their_own_name() -> None:
    """However it was spelled; None for none and for what was never seen."""
    assert KNOWN.spelled("svc/web") == "Service/Web"
    assert KNOWN.spelled(" deploy/WEB ") == WEB
    assert KNOWN.spelled(None) is None
    assert KNOWN.spelled("Deployment/other") is None


def test_only_the_incidents_own_objects_are_known(tmp_path: Any) -> None:
    """Objects of its namespace and of the cluster, and what the rules name; not those of another namespace."""
    import json

    items = [
        {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}},
        {"kind": "Deployment", "metadata": {"name": "coredns", "namespace": "kube-system"}},
        {"kind": "Node", "metadata": {"name": "n1"}},
        {"kind": "Pod", "metadata": {}},
    ]
    (tmp_path / "bundle.json").write_text('{"version": 1, "namespace": "shop", "collected_at": "2026-11-22T12:00:00Z"}')
    (tmp_path / "objects.json").write_text(json.dumps({"kind": "List", "items": items}))
    ctx = wiring.bundled(Settings(), open_bundle(str(tmp_path)), Redactor(), progress=Heard(), environ={})
    ctx.seen.check_if_new()
    known = known_to(ctx, (FINDING,), (CAUSE,))
    assert set(known.objects.values()) == {"Deployment/web", "Node/n1", "Deployment/blog"}
    assert (known.least, known.most) == (1, 5)

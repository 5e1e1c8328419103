"""A change whose request or answer fails: what is known of it, what is searched for, and what is advised."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from opsagent.clients import execution
from opsagent.clients.changes import DeploymentChange, Intended, Restart, Scale
from opsagent.clients.execution import carry_out
from opsagent.clients.kube_errors import AnswerLostError, TooManyRequestsError
from opsagent.errors import (
    ActionError,
    CheckError,
    ConflictError,
    ForbiddenError,
    PlanChangedError,
    UnreachableError,
)
from opsagent.models.observed import KubeObject
from opsagent.models.plan import Approval, PlatformIdentity
from tests.clients.deployments import approval_of, template

if TYPE_CHECKING:
    from opsagent.clients.cluster import ClusterClient

SERVER = "https://10.0.0.5:6443"
BLOG: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {
        "name": "blog", "namespace": "shop", "uid": "u1", "generation": 3, "resourceVersion": "100",
        "annotations": {"deployment.kubernetes.io/revision": "2"},
    },
    "spec": {"replicas": 1, "template": template("blog:2")},
}  # fmt: skip
LOST = AnswerLostError("the answer was lost", source="deployments")
AWAY = UnreachableError("connection refused", source="deployments", hint="opsagent doctor")


def restarted(approval: Approval) -> KubeObject:
    """Return the Deployment as an approved restart leaves it."""
    made = deepcopy(BLOG)
    made["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": approval.restarted_at}
    return made


@dataclass
class Api:
    """An API server of which each answer is given: an object, or an error; the last one stays."""

    reads: list[Any]
    writes: list[Any] = field(default_factory=list)
    server: str = SERVER
    sent: list[str] = field(default_factory=list)
    ms: int = 50_000  # whole ones: sums of tenths are not exact

    def get(self, kind: str, namespace: str, name: str) -> KubeObject:
        """Return the next answer."""
        self.sent.append("GET")
        return self._next(self.reads)

    def patch(self, path: str, what: str, body: Any, *, patch_type: str) -> KubeObject:
        """Return the next answer to a write."""
        self.sent.append("PATCH")
        return self._next(self.writes)

    def _next(self, answers: list[Any]) -> KubeObject:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return deepcopy(answer)

    def monotonic(self) -> float:
        """Return the time."""
        return self.ms / 1000

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.ms += round(seconds * 1000)


@pytest.fixture
def approval() -> Approval:
    """Return an approved restart."""
    return approval_of(BLOG, "restart_deployment", SERVER)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, approval: Approval) -> Callable[..., KubeObject]:
    """Carry the approved restart out against an API server, whose time is the only one."""

    def carry(api: Api, change: DeploymentChange | None = None, approved: Approval = approval) -> KubeObject:
        monkeypatch.setattr(execution, "time", api)
        here = PlatformIdentity(SERVER, None, "n1")
        wanted = change or Restart(Intended.approved(approved))
        return carry_out(cast("ClusterClient", api), approved, wanted, lambda: here, "shop")

    return carry


Carry = Callable[..., KubeObject]


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (AWAY, "opsagent doctor"),
        (TooManyRequestsError("too many requests", source="deployments"), "approve again in a minute"),
        (ForbiddenError("not you", source="deployments", hint="ask for the right"), "ask for the right"),
    ],
)
def test_a_write_that_never_arrived_did_nothing(made: Carry, error: CheckError, hint: str) -> None:
    """No connection, turned away, refused: nothing was done, it is not sent again, and nothing is searched for."""
    api = Api([BLOG], [error])
    with pytest.raises(ActionError) as caught:
        made(api)
    assert caught.value.message == f"{error.message}; nothing was done"
    assert caught.value.hint == hint
    assert api.sent == ["GET", "PATCH"]


def test_a_read_before_the_write_keeps_its_advice(made: Carry) -> None:
    """Without a read nothing is sent, and the error keeps how to fix it."""
    api = Api([AWAY])
    with pytest.raises(ActionError, match="connection refused; nothing was done") as caught:
        made(api)
    assert (caught.value.hint, api.sent) == ("opsagent doctor", ["GET"])


def test_three_conflicts_name_who_may_be_behind_them(made: Carry) -> None:
    """Tried three times, each on a new read; then whoever writes all the time has to be found."""
    api = Api([BLOG], [ConflictError("changed", source="deployments")])
    with pytest.raises(ActionError, match="Deployment blog was changed by somebody else 3 times in a row") as caught:
        made(api)
    assert caught.value.hint == "a controller may be fighting over it: kubectl get deployment -w"
    assert api.sent == ["GET", "PATCH"] * 3


def test_a_lost_answer_is_searched_for_three_seconds(made: Carry) -> None:
    """Every 0.3 s, the moment of the end included; then the error names what to check before anything is repeated."""
    api = Api([BLOG], [LOST])
    with pytest.raises(ActionError) as caught:
        made(api)
    assert caught.value.message == ("the answer was lost; read back for 3 s, Deployment blog does not show the change")
    assert caught.value.hint == HINT
    assert api.sent == ["GET", "PATCH", *["GET"] * 11]
    assert api.ms == 53_000


HINT = "check before anything is repeated: kubectl rollout status deployment/blog -n shop"


def test_an_outcome_that_cannot_be_read_is_not_known(made: Carry) -> None:
    """The API server is away after the write: neither done nor not done, and what to check is named."""
    api = Api([BLOG, AWAY], [LOST])
    with pytest.raises(ActionError) as caught:
        made(api)
    assert caught.value.message == (
        "the outcome is not known: the answer was lost; it could not be read back either: connection refused"
    )
    assert caught.value.hint == HINT


def test_what_could_be_read_again_is_not_reported_as_unread(made: Carry) -> None:
    """Away once, then there: the last read counts."""
    with pytest.raises(ActionError, match="does not show the change"):
        made(Api([BLOG, AWAY, BLOG], [LOST]))


def test_a_change_that_shows_after_a_lost_answer_was_made(made: Carry, approval: Approval) -> None:
    """Found in the third read: made once, and returned."""
    api = Api([BLOG, BLOG, AWAY, restarted(approval)], [LOST])
    assert made(api) == restarted(approval)
    assert api.sent.count("PATCH") == 1


def test_an_object_made_again_leaves_the_outcome_open(made: Carry, approval: Approval) -> None:
    """The write may have reached the object that was replaced: not known, even where the new one carries the mark."""
    another = restarted(approval)
    another["metadata"]["uid"] = "u2"
    with pytest.raises(ActionError) as caught:
        made(Api([BLOG, another], [LOST]))
    assert caught.value.message == "the outcome is not known: the answer was lost; Deployment blog was replaced since"
    assert caught.value.hint == HINT


def test_an_approval_is_for_its_own_action(made: Carry, approval: Approval) -> None:
    """An approved restart scales nothing, even where the change was put together wrongly; nothing is read."""
    api = Api([BLOG])
    wanted = replace(Intended.approved(approval), action="scale_deployment", to=replace(approval.to, replicas=3))
    with pytest.raises(ActionError, match="the approval is for restart_deployment, not for scale_deployment; nothing"):
        made(api, Scale(wanted, (1, 5)))
    assert api.sent == []


@pytest.mark.parametrize("metadata", [None, [], "x"])
def test_an_object_without_metadata_is_not_the_approved_one(made: Carry, metadata: Any) -> None:
    """Whatever the API server answers in its place: another object, and nothing is sent."""
    api = Api([{**BLOG, "metadata": metadata}])
    with pytest.raises(PlanChangedError, match="uid u1 is now None; nothing was done"):
        made(api)
    assert api.sent == ["GET"]

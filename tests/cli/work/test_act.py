"""`restart` and `scale` from the outside: the operator's own word, and what it does not cover."""

import json

from opsagent.sandbox import Fault
from tests.cli.conftest import Boxed


def test_without_a_terminal_yes_is_required(boxed: Boxed) -> None:
    """Exit code 2 before the first request; the hint names the flag."""
    shell = boxed()
    for command in (("restart", "auth"), ("scale", "auth", "--replicas", "2")):
        done = shell.here(*command)
        assert (done.code, done.out) == (2, "")
        assert "--yes" in done.err
    assert shell.box.requests == []


def test_yes_restarts_once_and_verifies(boxed: Boxed) -> None:
    """The panel is open on stderr for the record, one rollout is done and verified; the report states by whose word."""
    shell = boxed()
    done = shell.run("restart", "auth", "--yes")
    assert done.code == 0
    assert "restart Deployment local-auth-service-deployment" in done.err
    assert "--yes" in shell.here("report", "show").out
    trail = json.loads(shell.here("audit", "--json").out)
    [approval] = [record for record in trail if record["kind"] == "approval"]
    [intent] = [record for record in trail if record["kind"] == "intent"]
    assert approval["data"]["approval"] == intent["data"]["approval"]
    answer = approval["data"]["approval"]["answer"]
    assert (answer["by"], answer["how"], answer["terminal"]) == ("--yes", "--yes", None)
    assert answer["reason"].startswith("given by ")
    assert shell.here("audit", "--verify").code == 0
    assert shell.box.state.deployment("auth-service").rollouts == 1


def test_yes_alone_loses_no_data(boxed: Boxed) -> None:
    """blog-service keeps its posts in the container: refused with exit code 2, and done with --accept-data-loss."""
    shell = boxed()
    done = shell.here("restart", "blog", "--yes")
    assert done.code == 2
    assert "--accept-data-loss" in done.err
    assert shell.box.state.deployment("blog-service").rollouts == 0
    assert shell.here("restart", "blog", "--yes", "--accept-data-loss").code == 0
    assert shell.box.state.deployment("blog-service").rollouts == 1


def test_scale_is_held_to_its_bounds_and_verified(boxed: Boxed) -> None:
    """Nine replicas are refused by the keys that bound them; two are done, verified and documented."""
    shell = boxed()
    done = shell.here("scale", "auth", "--replicas", "9", "--yes")
    assert (done.code, done.out) == (2, "")
    assert "actions.max_replicas" in done.err
    done = shell.here("scale", "auth", "--replicas", "2", "--yes", "--json")
    report = json.loads(done.out)
    assert (done.code, report["status"]) == (0, "recovered")
    assert [action["outcome"] for action in report["actions"]] == ["done"]
    assert shell.box.state.deployment("auth-service").replicas == 2


def test_a_change_that_does_not_help_is_escalated_with_exit_code_4(boxed: Boxed) -> None:
    """stays-broken: restarted once, still faulty, handed over."""
    shell = boxed("stays-broken", OPSAGENT_VERIFY_TIMEOUT_S="1.5")
    done = shell.here("restart", "blog", "--yes", "--accept-data-loss")
    assert done.code == 4
    assert done.out.startswith("ESCALATED")
    assert shell.box.state.deployment("blog-service").rollouts == 1


def test_a_change_that_is_forbidden_is_escalated_and_states_it(boxed: Boxed) -> None:
    """403 on the patch: the panel warned of it, the report states what came back, and nothing was changed."""
    shell = boxed(OPSAGENT_VERIFY_TIMEOUT_S="1")
    shell.box.faults.add(Fault.forbidden("patch", "deployments"))
    done = shell.here("restart", "auth", "--yes")
    assert done.code == 4
    assert "403" in done.out
    assert shell.box.state.deployment("auth-service").rollouts == 0

"""What the API server makes of a change beforehand: a risk where it refuses it, and no change by it."""

from dataclasses import replace
from typing import Any

import pytest

from opsagent.agent import rehearsal
from opsagent.agent.diagnosis import fingerprint
from opsagent.errors import (
    ActionError,
    CheckError,
    ForbiddenError,
    OpsagentError,
    UnauthorizedError,
    UnreachableError,
)
from opsagent.models.plan import Plan, Risk
from tests.agent.small_platform import Bench


def rehearsed(small: Bench, **change: Any) -> Plan:
    """Return a plan after its rehearsal."""
    plan = replace(small.ordered()["plan"], risks=(), platform=None, **change)
    small.platform.tried.clear()
    return rehearsal.rehearsed(small.ctx, plan, ())["plan"]


def test_a_change_is_tried_out_before_somebody_is_asked(small: Bench) -> None:
    """The plan is bound to its platform and sent as a dry run once; nothing was changed."""
    plan = rehearsed(small)
    assert plan.platform == small.platform.here
    assert plan.risks == ()
    assert [tried.change for tried in small.platform.tried] == [plan.change]
    assert small.platform.changed == []


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (
            ForbiddenError("policy states no", source="x"),
            "refused",
            "the API server refuses it (dry run): policy states no",
        ),
        (CheckError("quota exceeded", source="x"), "refused", "the API server refuses it (dry run): quota exceeded"),
        (ActionError("revision 1 is gone"), "refused", "the API server refuses it (dry run): revision 1 is gone"),
        (UnreachableError("away", source="x"), "untried", "not tried beforehand: away"),
        (UnauthorizedError("expired", source="x"), "untried", "not tried beforehand: expired"),
        (
            CheckError('webhook "x" does not support dry run', source="x"),
            "untried",
            'not tried beforehand: webhook "x" does not support dry run',
        ),
    ],
)
def test_what_the_dry_run_was_answered_is_a_risk(small: Bench, error: OpsagentError, kind: str, told: str) -> None:
    """A refusal is reported in the server's words before anybody approves; what was not tried is not a refusal."""
    small.platform.refuses = error
    assert rehearsed(small).risks == (Risk(kind, told),)


def test_a_refusal_changes_the_question_and_a_failed_try_does_not(small: Bench) -> None:
    """Refused beforehand: asked again; a dry run that could not be made is not a new fact."""
    before = fingerprint(rehearsed(small), ())
    small.platform.refuses = UnreachableError("away", source="x")
    assert fingerprint(rehearsed(small), ()) == before
    small.platform.refuses = ForbiddenError("no", source="x")
    assert fingerprint(rehearsed(small), ()) != before


def test_what_may_not_be_done_is_not_tried_out(small: Bench) -> None:
    """The access review stated no: the risk is reported, and no request is sent that can only be denied."""
    small.platform.allowed = False
    plan = small.ordered()["plan"]
    assert [risk.kind for risk in plan.risks].count("forbidden") == 1
    assert small.platform.tried == []


def test_where_nobody_is_asked_nothing_is_tried_out(small: Bench) -> None:
    """An unattended pass binds the plan to its platform and sends no PATCH at all; a plan of nothing is left alone."""
    small.ctx = replace(small.ctx, attended=False)
    assert rehearsed(small).platform == small.platform.here
    assert small.platform.tried == []
    small.ctx = replace(small.ctx, attended=True)
    assert rehearsed(small, action="none").platform is None
    assert rehearsed(small, target=None).platform is None
    small.platform.live = False
    assert rehearsed(small).platform is None
    assert small.platform.tried == []

"""`diagnose --json` keeps its contract."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import PurePosixPath

import pytest

from opsagent.models.diagnosis import diagnosis
from opsagent.models.evidence import Cause, Evidence
from opsagent.models.incident import Analysis, Report
from opsagent.models.observed import Skipped, Where
from opsagent.models.plain import plain, stamp
from opsagent.models.plan import Plan, Risk, Target

AT = datetime(2026, 11, 22, 12, 25, 45, tzinfo=UTC)
TARGET = Target("web", "shop", "u1", 4, "99", 2)
REPORT = Report(
    incident_id="b7k2",
    service=None,
    where=Where("shop"),
    status="diagnosed",
    started_at=AT,
    ended_at=AT,
    symptoms=(),
    causes=(Cause("db.locked", "Deployment/web", "web", 0.86, "It waits.", ("E1",)),),
    evidence=(Evidence("E1", "logs", "logs/p/c.log:L1", "database is locked", AT),),
    plan=Plan("scale_deployment", TARGET, 3, "more of it", (Risk("outage", "short"),), ("look",)),
    answers=(),
    actions=(),
    verification=None,
    trend=None,
    changes=(),
    digests=(),
    not_checked=(Skipped("events", "forbidden"),),
    analysis=Analysis(),
    steps=(),
    closing="reported",
)


def test_every_key_of_the_contract_is_there() -> None:
    """Names, types and nesting are those that scripts rely on."""
    answer = json.loads(json.dumps(plain(diagnosis(REPORT)), allow_nan=False))
    assert answer["schema"] == "opsagent.diagnosis/1"
    assert (answer["incident_id"], answer["service"], answer["status"]) == ("b7k2", None, "diagnosed")
    assert answer["causes"] == [
        {
            "code": "db.locked",
            "variant": None,
            "basis": None,
            "object": "Deployment/web",
            "service": "web",
            "confidence": 0.86,
            "summary": "It waits.",
            "evidence": ["E1"],
            "summary_by": "rules",
            "lifecycle": [],
        }
    ]
    (piece,) = answer["evidence"]
    assert (
        piece.items()
        >= {
            "id": "E1",
            "source": "logs",
            "where": "logs/p/c.log:L1",
            "text": "database is locked",
        }.items()
    )
    assert (
        answer["plan"].items()
        >= {
            "action": "scale_deployment",
            "target": "Deployment/web",
            "replicas": 3,
            "reason": "more of it",
        }.items()
    )
    assert (answer["plan"]["risks"], answer["plan"]["recommendations"]) == (["short"], ["look"])
    assert (answer["actions"], answer["verification"]) == ([], None)
    assert answer["not_checked"] == [{"source": "events", "why": "forbidden"}]
    assert answer["analysis"].items() >= {"by": "rules", "model": None, "fallback": None}.items()


def test_no_action_has_no_target() -> None:
    """A plan that does nothing names nothing to do it to."""
    plan = diagnosis(replace(REPORT, plan=Plan("none", None, None, "by hand")))["plan"]
    assert (plan["action"], plan["target"], plan["replicas"]) == ("none", None, None)


def test_times_are_rfc_3339_in_utc() -> None:
    """Zones are turned into UTC, fractions kept to the millisecond, a time without a zone counts as UTC."""
    seoul = AT.astimezone(timezone(timedelta(hours=9)))
    assert stamp(seoul) == "2026-11-22T12:25:45Z"
    assert stamp(AT.replace(microsecond=7000)) == "2026-11-22T12:25:45.007Z"
    assert stamp(AT.replace(tzinfo=None)) == "2026-11-22T12:25:45Z"


def test_what_json_cannot_state_is_stated_otherwise() -> None:
    """NaN is null, a set a sorted list, a path its text; any other object is an error, not its repr."""
    assert plain({"a": math.nan, 2: {"y", "x"}, "p": PurePosixPath("/x")}) == {"a": None, "2": ["x", "y"], "p": "/x"}
    with pytest.raises(TypeError, match="object has no form in JSON"):
        plain(object())

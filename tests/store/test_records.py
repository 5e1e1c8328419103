"""Records come back from JSON as what they were, and other data is refused by its place."""

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.config.settings import Settings
from opsagent.config.titanium import TITANIUM
from opsagent.models.incident import Report
from opsagent.models.observed import StatsSample
from opsagent.models.plan import Plan
from opsagent.store.records import RecordError, from_json, to_json
from tests.store.records_made import AT, PLAN, report


@dataclass(frozen=True)
class Odd:
    """One field of every shape that a record may have."""

    flag: bool
    number: float
    pair: tuple[int, str] = (1, "a")
    names: frozenset[str] = frozenset()
    path: Path | None = None
    stage: Literal["a", "b"] | Literal["c"] = "a"
    free: dict[str, Any] = field(default_factory=dict)


def test_a_complete_report_comes_back() -> None:
    """Nested records, tuples, times to the microsecond and any text survive a file."""
    kept = report()
    assert from_json(Report, json.loads(json.dumps(to_json(kept)))) == kept


def test_settings_come_back() -> None:
    """An incident goes on with the settings that it was opened with."""
    kept = Settings(services=TITANIUM, state_dir=Path("/var/lib/opsagent"))
    assert from_json(Settings, json.loads(json.dumps(to_json(kept)))) == kept


@given(
    st.builds(
        Odd,
        flag=st.booleans(),
        number=st.floats(allow_nan=False, allow_infinity=False),
        pair=st.tuples(st.integers(), st.text()),
        names=st.frozensets(st.text()),
        path=st.none() | st.just(Path("/x")),
        stage=st.sampled_from(["a", "b", "c"]),
        free=st.dictionaries(st.text(), st.none() | st.integers() | st.lists(st.text())),
    )
)
def test_any_record_comes_back(kept: Odd) -> None:
    """Every shape of field survives a file."""
    assert from_json(Odd, json.loads(json.dumps(to_json(kept)))) == kept


def test_times_are_kept_in_utc() -> None:
    """A time of another zone is the same instant; one of none is refused."""
    tokyo = AT.astimezone(timezone(timedelta(hours=9)))
    assert to_json(StatsSample(tokyo, 0.1))["at"] == "2026-11-22T12:26:20.123456Z"
    assert from_json(StatsSample, {"at": "2026-11-22T12:26:20Z", "took_s": 1}).at.tzinfo is UTC
    naive = datetime(2026, 11, 22)  # noqa: DTZ001  that is the point
    with pytest.raises(RecordError, match="without a zone"):
        to_json(StatsSample(naive, 0.1))
    with pytest.raises(RecordError, match="has no zone"):
        from_json(StatsSample, {"at": "2026-11-22T12:26:20", "took_s": 1})


def test_what_json_has_no_word_for() -> None:
    """NaN becomes null and comes back as NaN; an object of no record is refused; nesting has a bound."""
    kept = to_json(Odd(flag=True, number=math.nan))
    assert kept["number"] is None
    assert math.isnan(from_json(Odd, kept).number)
    with pytest.raises(RecordError, match="bytes cannot be kept"):
        to_json({"x": b"x"})
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(RecordError, match="too deep"):
        to_json(deep)


def test_an_older_and_a_newer_opsagent_read_each_other() -> None:
    """Missing fields take their default, unknown ones are left out."""
    kept = to_json(PLAN) | {"invented_later": 1}
    del kept["change"]
    assert from_json(Plan, kept).change == ""
    del kept["action"]
    with pytest.raises(RecordError, match="Plan: action is missing"):
        from_json(Plan, kept)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"flag": 1}, "Odd.flag: expected bool, found int"),
        ({"number": True}, "Odd.number: expected float, found bool"),
        ({"number": "1"}, "Odd.number: expected float, found str"),
        ({"pair": [1]}, "Odd.pair: expected 2 items, found 1"),
        ({"pair": ["a", "a"]}, r"Odd.pair\[0\]: expected int, found str"),
        ({"names": {}}, "Odd.names: expected a list, found dict"),
        ({"path": 1}, "Odd.path: expected Path, found int"),
        ({"stage": "d"}, "Odd.stage: 'd' is none of"),
        ({"stage": []}, "Odd.stage"),
        ({"free": []}, "Odd.free: expected an object, found list"),
    ],
)
def test_wrong_data_is_refused_by_its_place(change: dict[str, Any], complaint: str) -> None:
    """A damaged file states which field is wrong."""
    with pytest.raises(RecordError, match=complaint):
        from_json(Odd, {"flag": True, "number": 1} | change)
    with pytest.raises(RecordError, match="expected a Odd, found list"):
        from_json(Odd, [])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(to_json(PLAN))), inner),
)


@given(_JSON)
def test_any_json_is_a_record_or_refused(data: Any) -> None:
    """No data raises anything else."""
    try:
        assert isinstance(from_json(Plan, data), Plan)
    except RecordError as error:
        assert "Plan" in str(error)  # noqa: PT017  either outcome is right

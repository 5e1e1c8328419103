"""The accessors read anything."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.objects import kube
from tests.analysis.kube_objects import container, crashing, pod, running, waiting

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=12,
)


@given(JUNK, st.lists(st.text(max_size=5) | st.integers(-3, 3), max_size=4))
def test_no_accessor_ever_raises(value: object, path: list[str | int]) -> None:
    """Whatever is at a path, each accessor answers with its own type."""
    kube.dig(value, *path)
    assert isinstance(kube.text(value, *path), str)
    assert isinstance(kube.integer(value, *path), int)
    assert isinstance(kube.mapping(value, *path), dict)
    assert all(isinstance(item, dict) for item in kube.dicts(value, *path))
    assert all(isinstance(item, str) for item in [*kube.words(value, *path), *kube.strings(value, *path).values()])
    kube.moment(value, *path)
    kube.quantity(value)
    kube.bytes_of(value)


@pytest.mark.parametrize(
    ("text", "cores"),
    [("100m", 0.1), ("1", 1), (2, 2), ("0.5", 0.5), ("1500u", 0.0015), ("1e1", 10), ("x", None), ("", None)],
)
def test_cpu_in_cores(text: object, cores: float | None) -> None:
    """Every spelling of a cpu quantity; wrong text is None."""
    assert kube.quantity(text) == (None if cores is None else pytest.approx(cores))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1Ki", 1024),
        ("1.5Gi", 1_610_612_736),
        ("128M", 128_000_000),
        ("5k", 5000),
        (7, 7),
        ("1e3", 1000),
        ("12 Mi", None),
        (True, None),
    ],
)
def test_memory_in_bytes(text: object, size: int | None) -> None:
    """Binary and decimal suffixes; wrong text is None."""
    assert kube.bytes_of(text) == size


@pytest.mark.parametrize(
    "text",
    ["2030-01-02T03:04:05Z", "2030-01-02T05:04:05+02:00", "2030-01-02T03:04:05", "2030-01-02T03:04:05.000000000Z"],
)
def test_times_are_aware_utc(text: str) -> None:
    """With a zone, without one, with any fraction."""
    assert kube.when(text) == datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2030-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59", None, 5, {}])
def test_what_is_no_time_is_none(text: object) -> None:
    """Never an error."""
    assert kube.when(text) is None


def test_containers_of_every_kind_are_read() -> None:
    """Init containers first, ephemeral ones last, each with its place."""
    made = pod(
        "a",
        running(),
        initContainerStatuses=[crashing(1, name="init")],
        ephemeralContainerStatuses=[waiting("x", name="e")],
    )
    statuses = kube.container_statuses(made)
    assert [(s.group, s.name, s.field) for s in statuses] == [
        ("init", "init", "status.initContainerStatuses[0]"),
        ("container", "main", "status.containerStatuses[0]"),
        ("ephemeral", "e", "status.ephemeralContainerStatuses[0]"),
    ]
    assert (statuses[0].restarts, statuses[0].last_terminated["exitCode"], statuses[1].running) == (9, 1, True)


def test_readiness_is_recognised_by_condition_or_containers_or_not_at_all() -> None:
    """What is not stated is None, not False."""
    bare = pod()
    bare["status"].pop("conditions")
    assert kube.readiness(bare) is True
    bare["status"].pop("containerStatuses")
    assert kube.readiness(bare) is None
    assert not kube.is_ready(bare)


def test_a_template_is_read_like_a_pod() -> None:
    """CronJobs bury theirs two levels deeper."""
    spec = {"containers": [container("a")]}
    nightly = {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}
    assert [found.name for found in kube.containers(nightly)] == ["a"]

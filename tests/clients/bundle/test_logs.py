"""Whose log it is, its last lines, and its newer lines."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.logs.digest import digest
from opsagent.clients.bundle import files
from opsagent.clients.bundle import logs as bundle_logs
from opsagent.clients.bundle.logs import last_lines, log_refs, service_of, since, tied
from opsagent.clients.bundle.opening import open_files
from opsagent.clients.bundle.platform import open_bundle
from opsagent.clients.log_refs import log_refs as live_refs
from opsagent.models.observed import LogRef
from tests.clients.bundles import listing, pod, write


def test_paths_name_pod_container_and_the_previous_one(tmp_path: Path) -> None:
    """logs/<pod>/<container>[.previous].log and logs/<name>.log are distinguished."""
    for name in ("logs/till-0/web.log", "logs/till-0/web.previous.log", "logs/proxy.log", "logs/x/y.bin"):
        write(tmp_path, name, "x")
    refs = {ref.where: ref for ref in log_refs(open_files(str(tmp_path)), {"till-0": pod("till-0", app="till")})}
    assert len(refs) == 3
    current, previous = refs["logs/till-0/web.log"], refs["logs/till-0/web.previous.log"]
    assert (current.pod, current.container, current.previous, current.service) == ("till-0", "web", False, "till")
    assert (previous.container, previous.previous, previous.namespace) == ("web", True, "shop")
    assert (refs["logs/proxy.log"].pod, refs["logs/proxy.log"].service) == (None, None)


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("logs/local-till-deployment-5f7b9d6c48-q9wvn/till-container.log", "till"),
        ("logs/till-5f7b9d6c48-q9wvn/main.log", "till"),
        ("logs/db-0/postgres.log", "db"),
        ("logs/till.log", "till"),
    ],
)
def test_without_objects_names_show_the_service(tmp_path: Path, path: str, service: str) -> None:
    """A container <app>-container, a pod's generated name or the file's name are in for the labels."""
    write(tmp_path, path, "x")
    assert log_refs(open_files(str(tmp_path)), {})[0].service == service


def test_labels_come_before_names() -> None:
    """The app label wins; a recommended label counts where the pod's name states the same, else the name does."""
    assert service_of(pod("a-1", app="x", **{"app.kubernetes.io/name": "y"})) == "x"
    assert service_of(pod("shop-till-1", **{"app.kubernetes.io/name": "till"})) == "till"
    assert service_of(pod("till-1", **{"app.kubernetes.io/name": "shop"})) == "till"
    assert service_of({"metadata": {"name": "web-7d8c6f9b54-m2x8k", "labels": []}}) == "web"
    assert service_of({"metadata": "odd"}) is None


@given(data=st.binary(max_size=60).map(lambda raw: b"L" + raw.replace(b"a", b"\n")), lines=st.integers(0, 9))
def test_the_last_lines_are_those_of_the_complete_log(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, lines: int
) -> None:
    """For any log and any block size the tail equals the end of all lines."""
    path = tmp_path_factory.mktemp("t") / "a.log"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle_logs, "CHUNK", 7)
        patch.setattr(files, "CHUNK", 5)
        got = b"".join(last_lines(open_files(str(path)), "a.log", lines))
    whole = data.split(b"\n")
    kept = [line + b"\n" for line in whole[:-1]] + ([whole[-1]] if whole[-1] else [])
    assert got == b"".join(kept[-lines:] if lines else [])


LOG = b"first\n2026-01-01T00:00:01Z old\n  trace\n2026-01-01T00:00:09Z new\n  trace\n2026-01-01 00:00:10,5 end"


@pytest.mark.parametrize("size", [1, 3, 10, 1000])
def test_unstamped_lines_go_with_the_line_above(size: int) -> None:
    """A traceback below a new line stays, one below an old line goes, whatever the chunks."""
    chunks = [LOG[i : i + size] for i in range(0, len(LOG), size)]
    kept = b"".join(since(chunks, datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)))
    assert kept == b"first\n2026-01-01T00:00:09Z new\n  trace\n2026-01-01 00:00:10,5 end"


def test_a_line_without_end_is_not_kept_in_memory() -> None:
    """A line of megabytes is handed on in pieces, with the verdict of its start."""
    old, new = b"2020-01-01T00:00:00Z ", b"2026-01-01T00:00:00Z "
    body = [b"x" * 50_000] * 100
    cutoff = datetime(2025, 1, 1, tzinfo=UTC)
    assert b"".join(since([old, *body], cutoff)) == b""
    pieces = list(since([new, *body, b"\n", old], cutoff))
    assert sum(map(len, pieces)) == 21 + 5_000_001
    assert max(map(len, pieces)) < 200_000


def test_a_previous_log_is_as_old_as_its_container_s_end() -> None:
    """The end comes from the pod's last state; the current log, and a pod that shows none, have no end."""
    item = pod("till-0", app="till")
    item["spec"] = {"containers": [{"name": "web"}]}
    ended = {"name": "web", "lastState": {"terminated": {"finishedAt": "2026-03-04T05:00:00Z"}}}
    item["status"] = {"containerStatuses": [ended]}
    owners = {
        "new": LogRef("new", "till-0", "web"),
        "old": LogRef("old", "till-0", "web", previous=True),
        "other": LogRef("other", "till-1", "web", previous=True),
    }
    found = {ref.where: ref.ended_at for ref in tied(owners, {"till-0": item})}
    assert found == {"new": None, "old": datetime(2026, 3, 4, 5, tzinfo=UTC), "other": None}


def test_a_previous_log_without_stamps_is_dated_by_that_end(tmp_path: Path) -> None:
    """Its digest ends when the container did, in a bundle as from the live system."""
    item = pod("till-0", app="till")
    item["spec"] = {"containers": [{"name": "web"}]}
    ended = {"name": "web", "restartCount": 1, "lastState": {"terminated": {"finishedAt": "2026-03-04T05:00:00Z"}}}
    item["status"] = {"containerStatuses": [ended]}
    write(tmp_path, "objects.json", listing(item))
    write(tmp_path, "logs/till-0/web.previous.log", "fatal: cannot open the ledger\n")
    bundle = open_bundle(str(tmp_path))
    (ref,) = bundle.logs()
    at = datetime(2026, 3, 4, 5, tzinfo=UTC)
    assert digest(ref, bundle.read_log(ref)).last_at == at
    assert [one.ended_at for one in live_refs([item], ()) if one.previous] == [at]

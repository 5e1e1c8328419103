"""Several inputs become one body of evidence, each file taken for what it holds."""

import gzip
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opsagent.clients.bundle.files import Limits
from opsagent.clients.bundle.platform import BundlePlatform, open_bundle
from opsagent.errors import UsageError
from opsagent.models.observed import LogRef
from tests.clients.bundles import listing, pack, pod, write

PODS = """\
NAME                    READY   STATUS    RESTARTS   AGE
till-6c4d8f7b9c-x2k4v   0/1     Running   4          45m
web-7f9c6d5b8-q9wvn     1/1     Running   0          45m
"""
EVENTS = """\
LAST SEEN   TYPE      REASON      OBJECT                      MESSAGE
2m          Warning   Unhealthy   pod/till-6c4d8f7b9c-x2k4v   Readiness probe failed: connection refused
"""
LOG = "2026-03-04T05:00:00Z ERROR cannot open the ledger\n"
UID = "0a1b2c3d-0000-4000-8000-000000000000"


def _given(folder: Path, **contents: Any) -> list[str]:
    for name, content in contents.items():
        write(folder, name.replace("_", "."), content)
    return [str(folder / name.replace("_", ".")) for name in contents]


def _refs(bundle: BundlePlatform) -> dict[str, LogRef]:
    return {ref.where: ref for ref in bundle.logs()}


def _text(bundle: BundlePlatform, where: str) -> str:
    return b"".join(bundle.read_log(_refs(bundle)[where])).decode()


def test_log_events_and_pods_are_one_body(tmp_path: Path) -> None:
    """The log that is called like a workload belongs to its pod's service; events and pods are objects beside it."""
    bundle = open_bundle(_given(tmp_path, till_log=LOG, events_txt=EVENTS, pods_txt=PODS))
    kinds = [item["kind"] for item in bundle.objects().items]
    assert sorted(kinds) == ["Event", "Pod", "Pod"]
    assert _refs(bundle)["till.log"].service == "till"
    assert _text(bundle, "till.log") == LOG


def test_a_log_called_like_a_pod_is_that_pods(tmp_path: Path) -> None:
    """Pod, container and namespace come from the object."""
    item = pod("till-6c4d8f7b9c-x2k4v", app="till")
    item["spec"] = {"containers": [{"name": "main"}, {"name": "proxy"}]}
    given = {"pods_json": listing(item), "till-6c4d8f7b9c-x2k4v_log": LOG, "till-6c4d8f7b9c-x2k4v-proxy_log": LOG}
    refs = _refs(open_bundle(_given(tmp_path, **given)))
    named = refs["till-6c4d8f7b9c-x2k4v-proxy.log"]
    assert (named.pod, named.container, named.namespace) == ("till-6c4d8f7b9c-x2k4v", "proxy", "shop")
    assert refs["till-6c4d8f7b9c-x2k4v.log"].service == "till"


def test_a_name_that_fits_no_pod_names_no_service(tmp_path: Path) -> None:
    """Where pods are known, `startup.log` is nobody's; where nothing is known, an informative name is the service's."""
    refs = _refs(open_bundle(_given(tmp_path, startup_log=LOG, pods_txt=PODS)))
    assert refs["startup.log"].service is None
    refs = _refs(open_bundle(_given(tmp_path / "x", till_log=LOG, output_log=LOG)))
    assert (refs["till.log"].service, refs["output.log"].service) == ("till", None)


def test_a_bundle_is_completed_by_files(tmp_path: Path) -> None:
    """Objects, logs and declarations of the bundle stay; the file's come to them."""
    files = {"bundle.json": {"service": "till"}, "objects.json": listing(pod("till-0", app="till"))}
    pack(tmp_path / "b.tar.gz", {**files, "logs/till-0/main.log": LOG, "alerts.json": []})
    write(tmp_path, "events.txt", EVENTS)
    bundle = open_bundle([str(tmp_path / "b.tar.gz"), str(tmp_path / "events.txt")])
    assert bundle.service == "till"
    assert {item["kind"] for item in bundle.objects().items} == {"Pod", "Event"}
    assert _refs(bundle)["logs/till-0/main.log"].service == "till"


def test_stdin_is_one_of_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` beside files, packed or not."""
    for data in (EVENTS.encode(), gzip.compress(EVENTS.encode())):
        monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": io.BytesIO(data)}))
        bundle = open_bundle([*_given(tmp_path, pods_txt=PODS), "-"])
        assert {item["kind"] for item in bundle.objects().items} == {"Pod", "Event"}


def test_a_folder_of_logs_by_service_and_by_pod(tmp_path: Path) -> None:
    """`<service>.log` and `<pod>/<container>.log` are distinguished; links, pipes and images are left out and noted."""
    for name in ("till.log", "web-7f9c6d5b8-q9wvn/main.log", "deep/er/still/cart.log", ".hidden/a.log"):
        write(tmp_path, name, LOG)
    write(tmp_path, "photo.jpg", b"\xff\xd8")
    (tmp_path / "out.log").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.log")
    bundle = open_bundle(str(tmp_path))
    refs = _refs(bundle)
    assert sorted(refs) == ["deep/er/still/cart.log", "till.log", "web-7f9c6d5b8-q9wvn/main.log"]
    named = refs["web-7f9c6d5b8-q9wvn/main.log"]
    assert (named.pod, named.container, named.service) == ("web-7f9c6d5b8-q9wvn", "main", "web")
    said = " ".join(note.why for note in bundle.skipped())
    assert "1 links" in said
    assert "pipes" in said


def test_too_many_files_leave_the_oldest_out(tmp_path: Path) -> None:
    """The newest are read, the rest is counted."""
    for number in range(5):
        write(tmp_path, f"log{number}.log", LOG)
        os.utime(tmp_path / f"log{number}.log", (number, 1_000_000 + number))
    bundle = open_bundle(str(tmp_path), Limits(files=2))
    assert sorted(_refs(bundle)) == ["log3.log", "log4.log"]
    assert any("3 files beyond the newest" in note.why for note in bundle.skipped())
    bundle = open_bundle(str(tmp_path), Limits(total_bytes=len(LOG)))
    assert sorted(_refs(bundle)) == ["log4.log"]


def test_what_cluster_info_dump_writes(tmp_path: Path) -> None:
    """`kubectl cluster-info dump --output-directory`: lists of null, a folder a namespace, logs.txt a pod."""
    write(tmp_path, "nodes.json", {"kind": "NodeList", "items": [{"metadata": {"name": "n1"}}]})
    item = pod("till-0", app="till")
    del item["kind"]
    write(tmp_path, "shop/pods.json", {"kind": "PodList", "items": [item]})
    write(tmp_path, "shop/daemonsets.json", {"kind": "DaemonSetList", "items": None})
    mark = "container main of pod shop/till-0 ===="
    write(tmp_path, "shop/till-0/logs.txt", f"==== START logs for {mark}\n{LOG}==== END logs for {mark}\n")
    bundle = open_bundle(str(tmp_path))
    assert {item["kind"] for item in bundle.objects().items} == {"Node", "Pod"}
    assert "DaemonSet" in bundle.objects().looked
    (ref,) = bundle.logs()
    assert (ref.pod, ref.container, ref.namespace, ref.service) == ("till-0", "main", "shop", "till")


def test_what_cluster_info_dump_prints(tmp_path: Path) -> None:
    """The one stream: documents behind one another, then the logs between their marks."""
    mark = "container main of pod shop/till-0 ===="
    text = (
        json.dumps({"kind": "NodeList", "apiVersion": "v1", "items": [{"metadata": {"name": "n1"}}]}, indent=4)
        + "\n"
        + json.dumps({"kind": "PodList", "apiVersion": "v1", "items": [pod("till-0", app="till")]}, indent=4)
        + f"\n==== START logs for {mark}\n{LOG}==== END logs for {mark}\n"
    )
    bundle = open_bundle(_given(tmp_path, dump_txt=text))
    assert {item["kind"] for item in bundle.objects().items} == {"Node", "Pod"}
    (ref,) = bundle.logs()
    assert (ref.pod, ref.service) == ("till-0", "till")
    assert b"".join(bundle.read_log(ref)).decode() == LOG


def test_a_must_gather(tmp_path: Path) -> None:
    """namespaces/<ns>/core/*.yaml and pods/<pod>/<container>/<container>/logs, packed as it is handed on."""
    pods = "---\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: till-0, namespace: shop}\n"
    under = "namespaces/shop/pods/till-0/main/main/logs"
    files = {"namespaces/shop/core/pods.yaml": f"{pods}kind: PodList\n", f"{under}/current.log": LOG,
             f"{under}/previous.log": LOG, "version": "4.16", "event-filter.html": "<html>"}  # fmt: skip
    bundle = open_bundle(str(pack(tmp_path / "must-gather.tar.gz", {f"must/{k}": v for k, v in files.items()})))
    assert [item["metadata"]["name"] for item in bundle.objects().items] == ["till-0"]
    refs = [ref for ref in bundle.logs() if ref.pod]
    assert {(ref.pod, ref.container, ref.previous, ref.namespace) for ref in refs} == {
        ("till-0", "main", False, "shop"),
        ("till-0", "main", True, "shop"),
    }


def test_what_the_kubelet_keeps(tmp_path: Path) -> None:
    """/var/log/pods: the run before the newest is the previous one; parts of a long line are joined again."""
    under = f"pods/shop_till-0_{UID}/main"
    old = "2026-03-04T05:00:00.1Z stdout F first run\n"
    new = "2026-03-04T05:01:00.1Z stderr P half and \n2026-03-04T05:01:00.1Z stderr F half\n"
    write(tmp_path, f"{under}/3.log", old)
    write(tmp_path, f"{under}/4.log", new)
    bundle = open_bundle(str(tmp_path))
    refs = {ref.previous: ref for ref in bundle.logs()}
    assert (refs[True].where.endswith("3.log"), refs[False].pod, refs[False].container) == (True, "till-0", "main")
    assert b"".join(bundle.read_log(refs[False])) == b"2026-03-04T05:01:00.1Z half and half\n"


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_other_encodings_are_read(tmp_path: Path, coding: str) -> None:
    """What PowerShell and Notepad write, with Windows line ends, is the same table."""
    bundle = open_bundle(_given(tmp_path, pods_txt=PODS.replace("\n", "\r\n").encode(coding)))
    assert len(bundle.objects().items) == 2


def test_colours_do_not_hide_a_table(tmp_path: Path) -> None:
    """kubecolor's output is read as kubectl's."""
    text = PODS.replace("Running", "\x1b[32mRunning\x1b[0m").replace("NAME ", "\x1b[37mNAME\x1b[0m ")
    assert len(open_bundle(_given(tmp_path, pods_txt=text)).objects().items) == 2


def test_a_packed_file_is_the_file(tmp_path: Path) -> None:
    """`app.log.gz` is app.log; one that is cut off is refused alone and noted in a folder."""
    write(tmp_path, "app.log.gz", gzip.compress(LOG.encode()))
    bundle = open_bundle(str(tmp_path / "app.log.gz"))
    assert _text(bundle, "app.log") == LOG
    write(tmp_path, "broken.log.gz", gzip.compress(os.urandom(9000))[:4000])
    with pytest.raises(UsageError, match="cut off or broken"):
        open_bundle(str(tmp_path / "broken.log.gz"))
    assert any("broken.log.gz" in note.why for note in open_bundle(str(tmp_path)).skipped())


def test_a_packed_bomb_is_refused(tmp_path: Path) -> None:
    """Unpacking stops at the limit."""
    write(tmp_path, "a.log.gz", gzip.compress(b"0" * 100_000))
    with pytest.raises(UsageError, match="too much"):
        open_bundle(str(tmp_path / "a.log.gz"), Limits(file_bytes=10_000))


def test_ages_of_a_copied_paste_count_from_the_log_beside_it(tmp_path: Path) -> None:
    """A file written long after the newest line of all was copied then: its ages do not count from the copy."""
    given = _given(tmp_path, events_txt=EVENTS, till_log=LOG)
    bundle = open_bundle(given)
    (event,) = bundle.objects().items
    assert event["lastTimestamp"] == "2026-03-04T04:58:00Z"
    assert bundle.now() == datetime(2026, 3, 4, 5, tzinfo=UTC)


def test_how_far_it_is_read_is_reported(tmp_path: Path) -> None:
    """Each file is named while it is read."""
    said: list[str] = []
    open_bundle(_given(tmp_path, a_log=LOG, b_log=LOG), report=said.append)
    assert {"a.log", "b.log"} <= set(said)

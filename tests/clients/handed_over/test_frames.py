"""Frames around lines are recognised at a text's head, and a log that only resembles one is left alone."""

import json
from collections.abc import Callable

import pytest

from opsagent.clients.bundle.files import Spool
from opsagent.clients.handed_over.frames import frame_of
from opsagent.clients.handed_over.owners import Owner
from opsagent.clients.handed_over.separate import Separator

TRACE = ("Traceback (most recent call last):", '  File "a.py", line 3, in x', "ValueError: bad config")


def _separated(text: str) -> dict[Owner, list[str]]:
    data = text.encode()
    frame = frame_of(data.split(b"\n"))
    assert frame is not None
    spool = Spool()
    logs = Separator(frame, spool).logs([data[place : place + 7] for place in range(0, len(data), 7)])
    return {log.owner: log.reader(spool).read().decode().splitlines() for log in logs}


def _collected(pod: str, text: str) -> str:
    names = {"pod_name": pod, "namespace_name": "shop", "container_name": "main"}
    return json.dumps({"log": f"{text}\n", "stream": "stderr", "kubernetes": names})


def _loki(pod: str, text: str) -> str:
    return json.dumps({"labels": {"pod": pod, "container": "main"}, "line": text, "timestamp": "2026-03-04T05:00:00Z"})


STAMP = "2026-03-04T05:00:00Z "


def _service(who: str) -> Owner:
    return Owner(service=who)


def _in_pod(who: str) -> Owner:
    return Owner(None, f"{who}-0", "main")


def _in_shop(who: str) -> Owner:
    return Owner("shop", f"{who}-0", "main")


FORMS: dict[str, tuple[Callable[[str, str], str], Callable[[str], Owner], str]] = {
    "compose": (lambda who, text: f"{who}-1{' ' * (6 - len(who))} | {text}", _service, ""),
    "colours": (lambda who, text: f"\x1b[36m{who}-1{' ' * (6 - len(who))} |\x1b[0m {text}", _service, ""),
    "swarm": (lambda who, text: f"{who}.1.k3j4h5@worker-1    | {text}", _service, ""),
    "stern": (lambda who, text: f"{who}-0 main {text}", _in_pod, ""),
    "prefix": (lambda who, text: f"[pod/{who}-0/main] {text}", _in_pod, ""),
    "kail": (lambda who, text: f"shop/{who}-0[main]: {text}", _in_shop, ""),
    "kubetail": (lambda who, text: f"[{who}-0 main] {text}", _in_pod, ""),
    "fluent bit": (lambda who, text: _collected(f"{who}-0", text), _in_shop, ""),
    "logcli": (lambda who, text: _loki(f"{who}-0", text), _in_pod, STAMP),
}


@pytest.mark.parametrize("form", FORMS)
def test_interleaved_pods_are_separated_before_a_trace_is_read(form: str) -> None:
    """Lines of another pod within a trace go to that pod, and the trace is one piece again."""
    framed, owner, stamp = FORMS[form]
    till, db = owner("till"), owner("db")
    lines = [framed("db", "ready"), framed("till", "starting")]
    for part in TRACE:
        lines += [framed("till", part), framed("db", "checkpoint")]
    found = _separated("\n".join(lines) + "\n")
    assert set(found) == {till, db}
    assert found[till] == [f"{stamp}{line}" for line in ("starting", *TRACE)]
    assert found[db] == [f"{stamp}{line}" for line in ("ready", *["checkpoint"] * 3)]


@pytest.mark.parametrize(
    "log",
    [
        "INFO  | starting\nERROR | cannot open the ledger\n",
        " id | name\n----+------\n  1 | a\n",
        "alpha | 1 | x\nbeta | 2 | y\ngamma | 3 | z\ndelta | 4 | w\n",
        "kafka-0 is controller now\nthe broker left\nkafka-0 elected\n",
        "web-1 opened the ledger\nweb-1 closed the ledger\nweb-2 refused it\nweb-2 accepts it\n",
        '{"level":"info","msg":"started"}\n{"level":"error","message":"no answer","service":"till"}\n',
        "2026-03-04T05:00:00Z ERROR a\n2026-03-04T05:00:01Z INFO b\n",
        "[main] starting\n[worker-1] no answer\n",
    ],
)
def test_a_log_without_a_frame_has_none(log: str) -> None:
    """Levels, tables, sentences about a pod and a program's own JSON are no frame."""
    assert frame_of(log.encode().split(b"\n")) is None


def test_the_run_time_s_parts_of_a_line_are_joined_by_stream() -> None:
    """P lines go on with the next of the same stream, whatever the other stream writes between them."""
    at = "2026-03-04T05:00:00.1Z"
    found = _separated(f"{at} stdout P a\n{at} stderr F oops\n{at} stdout P b\n{at} stdout F c\n{at} stdout F d\n")
    assert list(found.values()) == [[f"{at} oops", f"{at} abc", f"{at} d"]]


def test_docker_s_file_is_its_text() -> None:
    """A json-file line is its log, with its time; what Docker cut at 16 KiB is one line again."""
    rows = [{"log": "x" * 16_384, "stream": "stdout", "time": "2026-03-04T05:00:00.1Z"},
            {"log": "end\n", "stream": "stdout", "time": "2026-03-04T05:00:00.2Z"},
            {"log": "oops\n", "stream": "stderr", "time": "2026-03-04T05:00:01Z"}]  # fmt: skip
    (lines,) = _separated("\n".join(map(json.dumps, rows)) + "\n").values()
    assert lines == [f"2026-03-04T05:00:00.1Z {'x' * 16_384}end", "2026-03-04T05:00:01Z oops"]


def test_the_journal_keeps_time_level_and_unit() -> None:
    """`journalctl -o json`: microseconds, PRIORITY and the identifier become a line; a container's go to its pod."""
    rows = [
        {"MESSAGE": "node not ready", "__REALTIME_TIMESTAMP": "1772600400000000", "PRIORITY": "3", "_PID": "7",
         "SYSLOG_IDENTIFIER": "kubelet"},
        {"MESSAGE": "started", "__REALTIME_TIMESTAMP": "1772600401000000", "PRIORITY": "6", "SYSLOG_IDENTIFIER": "x"},
        {"MESSAGE": [104, 105], "__REALTIME_TIMESTAMP": "1772600402000000", "PRIORITY": "3",
         "CONTAINER_NAME": "k8s_main_till-0_shop_0a1b_0"},
    ]  # fmt: skip
    found = _separated("\n".join(map(json.dumps, rows)))
    assert found[Owner()] == [
        "2026-03-04T05:00:00.000000Z ERROR kubelet[7]: node not ready",
        "2026-03-04T05:00:01.000000Z x: started",
    ]
    assert found[Owner("shop", "till-0", "main")] == ["2026-03-04T05:00:02.000000Z hi"]


def test_what_a_collector_parsed_stays_with_the_record() -> None:
    """Where the level is a field of the collector's, the record is the document."""
    row = {"message": "no answer", "log.level": "error", "kubernetes": {"pod": {"name": "till-0"}, "namespace": "shop"}}
    text = json.dumps(row)
    assert _separated(f"{text}\n{text}\n") == {Owner("shop", "till-0"): [text, text]}


def test_tail_s_headings_are_files() -> None:
    """`tail -n 50 a.log b.log` prints a heading above each."""
    found = _separated("==> /srv/till.log <==\none\ntwo\n\n==> /srv/db.log <==\nthree\n")
    assert found[Owner(service="/srv/till.log")] == ["one", "two", ""]
    assert found[Owner(service="/srv/db.log")] == ["three"]

"""Generous to real logs, strict to noise."""

import random

import pytest

from opsagent.analysis.text.recognised import is_text, recognised

LOGS = {
    "a stamp": "2026-11-22 12:25:34 server up",
    "a level": "INFO:     Application startup complete.",
    "klog": "E1122 12:25:34.000000       1 reflector.go:138] it failed",
    "an access line": '10.0.0.1 - - [22/Nov/2026:12:25:34 +0000] "GET / HTTP/1.1" 200 12',
    "logfmt": "level=info msg=ready component=api",
    "JSON lines": '{"level":"info","msg":"ready"}',
    "a Redis line": "1:M 22 Nov 2026 12:25:34.123 * Ready to accept connections",
    "a traceback": 'Traceback (most recent call last):\n  File "a.py", line 1, in x\nValueError: no',
    "a Node trace": "Error: boom\n    at Object.<anonymous> (/srv/a.js:1:7)",
    "a server that shows its port": "Server listening on port 3000",
    "figures": "# HELP till_up Whether it answers.\n# TYPE till_up gauge\ntill_up 1",
    "an audit record": '{"auditID":"7c","stage":"ResponseComplete","verb":"get","responseStatus":{"code":200}}',
    "a verbose health path": "[+]ping ok\n[-]etcd failed: reason withheld",
    "a start banner": "API: http://10.7.0.14:9000",
    "what kubectl applied": "deployment.apps/till configured",
    "a command that ended well": "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.",
    "a command that did not": "npm error code 1",
    "docker ps": 'till-db-1   postgres:16   "docker-entrypoint.s…"   db   2 hours ago   Up 2 hours (healthy)',
    "df": "Filesystem      Size  Used Avail Use% Mounted on",
    "dmesg": "[   12.345678] Out of memory: Killed process 12",
    "kubectl events": "5m          Normal    Pulled      pod/web-1   Successfully pulled image",
}
NOISE = {
    "a greeting": "hello",
    "notes": "Meeting notes 2026-11-22\n- fix the error page\n- call Bob\n- the server is slow",
    "a link": "Docs: https://docs.example.net/start",
    "a hope": "we hope the build will be done in 6 days",
    "a pod table": "NAME     READY   STATUS    RESTARTS   AGE\nblog-1   0/1     Running   0          5m",
    "/stats": '{"api-gateway":{"service_status":"online"},"auth":{"service_status":"offline","error":"x"}}',
    "/stats over lines": '{\n  "auth": {\n    "service_status": "offline",\n    "error": "refused"\n  }\n}',
    "an unknown JSON": '{"a": 1, "time": "2026-11-22T12:25:34Z"}',
    "JSON over lines": '{\n  "time": "2026-11-22T12:25:34Z",\n  "level": "error"\n}',
    "YAML": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x",
    "CSV": "a,b,c\n1,2,3\n4,5,6",
    "a web page": "<!doctype html><html><head><title>Login</title></head></html>",
    "prose": "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
    "nothing": "",
}


@pytest.mark.parametrize("name", LOGS)
def test_a_log_is_recognised(name: str) -> None:
    """By one line of the form that programs write."""
    assert recognised(LOGS[name]) == "log"


@pytest.mark.parametrize("name", NOISE)
def test_what_is_not_a_log_is_not_taken_for_one(name: str) -> None:
    """Text that mentions errors or times without being a record of a program."""
    assert recognised(NOISE[name]) is None


def test_one_stray_line_makes_no_log_of_a_long_text() -> None:
    """A quoted log line among a hundred lines of prose is too little; the same share as in a real log is enough."""
    prose = [f"sentence number {'x' * (n % 7)} of a book" for n in range(100)]
    assert recognised("\n".join([*prose, LOGS["a stamp"]])) is None
    assert recognised("\n".join([*prose, *[LOGS["a stamp"]] * 5])) == "log"


def test_a_sentence_that_is_repeated_comes_from_a_program() -> None:
    """Lines that differ in their numbers alone, counted as one; a short word that is repeated is not a sentence."""
    assert recognised("processed another batch of orders", (40,)) == "log"
    assert recognised("hello", (40,)) is None


def test_random_bytes_are_no_log() -> None:
    """Whatever they decode to."""
    for seed in range(40):
        raw = random.Random(seed).randbytes(4000).decode("utf-8", "replace")
        assert recognised(raw) is None
        assert not is_text(raw)

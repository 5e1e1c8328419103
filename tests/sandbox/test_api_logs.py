"""Logs: what they state, and how they are cut, stamped and followed."""

import re
import time
import urllib.request
from datetime import datetime

from tests.sandbox.conftest import Boxes
from tests.sandbox.web import SPACE, api, log, restart, until

LOCKED = "sqlite3.OperationalError: database is locked"


def test_the_decisive_line_is_above_a_hundred_lines_of_noise(boxes: Boxes) -> None:
    """The traceback is there, but the last 100 lines do not show it."""
    box = boxes("db-locked", speed=1)
    pod = box.state.pods("blog-service")[0]
    whole = log(box, pod).splitlines()
    at = whole.index(LOCKED)
    begin = max(i for i in range(at) if whole[i] == "ERROR:    Exception in ASGI application")
    assert whole[begin - 1].endswith('"POST /api/posts HTTP/1.1" 500 Internal Server Error')
    assert whole[begin + 1] == "Traceback (most recent call last):"
    assert LOCKED not in log(box, pod, "tailLines=100")
    assert len(log(box, pod, "tailLines=100").splitlines()) == 100


def test_neighbours_complain_in_their_own_words(boxes: Boxes) -> None:
    """The load balancer and the gateway state hung, or refused, as Go does."""
    hung, dead = boxes("db-locked"), boxes("dependency-down")
    balancer, gateway = hung.state.pods("load-balancer")[0], hung.state.pods("api-gateway")[0]
    assert "context deadline exceeded (Client.Timeout exceeded while awaiting headers)" in log(hung, balancer)
    assert "http: proxy error: net/http: timeout awaiting response headers" in log(hung, gateway)
    assert "10.96.14.23:8001: connect: connection refused" in log(dead, dead.state.pods("load-balancer")[0])
    assert "Login failed for 'alice'" in log(dead, dead.state.pods("auth-service")[0])


def test_stamps_rise_and_sinces_cut(boxes: Boxes) -> None:
    """timestamps=true puts RFC 3339 in front of every line; sinceSeconds and sinceTime cut at a moment."""
    box = boxes("healthy", speed=1)
    pod = box.state.pods("blog-service")[0]
    lines = log(box, pod, "timestamps=true").splitlines()
    stamps = [line.split(" ", 1)[0] for line in lines]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", stamp) for stamp in stamps)
    moments = [datetime.fromisoformat(stamp).timestamp() for stamp in stamps]
    assert moments == sorted(moments)
    recent = log(box, pod, "sinceSeconds=10&timestamps=true").splitlines()
    assert 0 < len(recent) < len(lines)
    assert time.time() - datetime.fromisoformat(recent[0].split(" ", 1)[0]).timestamp() < 12
    assert len(log(box, pod, f"sinceTime={stamps[-3]}").splitlines()) >= 3


def test_noise_grows_with_time(boxes: Boxes) -> None:
    """Probes and polling keep writing while nothing happens."""
    box = boxes()
    pod = box.state.pods("user-service")[0]
    first = log(box, pod).count("\n")
    until(lambda: log(box, pod).count("\n") > first + 5, "more lines")


def test_previous_is_the_run_that_crashed(boxes: Boxes) -> None:
    """previous=true gives the crashed run, and an error where there was none."""
    box = boxes("crash-loop", speed=1)
    crashed = box.state.pods("auth-service")[0]
    assert log(box, crashed, "previous=true").endswith(
        "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'\n"
    )
    refused = log(box, box.state.pods("redis")[0], "previous=true")
    assert refused["code"] == 400
    assert "previous terminated container" in refused["message"]


def test_containers_are_asked_for_by_name(boxes: Boxes) -> None:
    """With a side-car the name is needed; a wrong one, and a pod that never started, are refused in words."""
    box = boxes("bad-image")
    pod = box.state.add_sidecar_pod("auth-service")
    assert "choose one of: [auth-service-container istio-proxy]" in log(box, pod)["message"]
    assert "Uvicorn running" in log(box, pod, "container=auth-service-container")
    assert "Envoy" in log(box, pod, "container=istio-proxy")
    assert "not valid for pod" in log(box, pod, "container=nobody")["message"]
    stuck = next(name for name in box.state.pods("blog-service") if "6b5d9f8c77" not in name)
    assert "trying and failing to pull image" in log(box, stuck)["message"]
    assert log(box, "nobody")["code"] == 404


def test_a_followed_log_goes_on_and_ends_with_its_pod(boxes: Boxes) -> None:
    """follow=true sends new lines as they come, and ends when the pod is gone."""
    box = boxes()
    pod = box.state.pods("blog-service")[0]
    url = f"{box.api_url}{SPACE}/pods/{pod}/log?follow=true&tailLines=1"
    with urllib.request.urlopen(url, timeout=8) as stream:
        assert len([stream.readline() for _ in range(5)]) == 5
        restart(box)
        rest = stream.read()
    assert b"INFO:     Finished server process [1]\n" in rest


def test_tests_can_plant_any_bytes_and_empty_a_log(boxes: Boxes) -> None:
    """Hostile lines go through unchanged; an emptied log has no lines at all."""
    box = boxes()
    box.state.log("redis", b"\xff\x00\x1b]0;title\x07", "[/red] \N{RIGHT-TO-LEFT OVERRIDE}")
    code, raw = api(box, f"{SPACE}/pods/{box.state.pods('redis')[0]}/log?tailLines=2")
    assert code == 200
    assert raw == b"\xff\x00\x1b]0;title\x07\n[/red] \xe2\x80\xae\n"
    box.state.clear_log("redis")
    assert log(box, box.state.pods("redis")[0]) == ""

"""The box: start, stop, kubeconfig."""

import contextlib
import http.client
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

from opsagent.sandbox import SCENARIOS, Sandbox
from tests.sandbox.conftest import Boxes
from tests.sandbox.web import api, fetch, stats


def test_every_scenario_starts_and_stops_without_a_trace() -> None:
    """Each scenario builds, answers the API, and leaves no thread behind."""
    before = set(threading.enumerate())
    deadline = time.monotonic() + 60
    for name in SCENARIOS:
        with Sandbox(name, speed=20) as box:
            assert api(box, "/version")[1]["major"] == "1"
            assert set(box.state.answers()) >= {"blog-service", "redis"}
        assert box.errors == []
    # A thread that has just answered its last request takes an instant to be gone.
    while left := set(threading.enumerate()) - before:
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


def test_an_unknown_scenario_is_refused_by_name() -> None:
    """A wrong name is an error that lists the right ones."""
    with pytest.raises(ValueError, match="db-locked"):
        Sandbox("db-lokced")


def test_stop_twice_is_harmless_and_ends_an_open_watch() -> None:
    """Stopping ends a stream that a client still reads, and a second stop does nothing."""
    box = Sandbox(speed=20).start()
    with urllib.request.urlopen(f"{box.api_url}/api/v1/pods?watch=true", timeout=5) as stream:
        assert b"ADDED" in stream.readline()
        box.stop()
        with contextlib.suppress(http.client.IncompleteRead):  # it ends, in good order or not
            stream.read()
    box.stop()
    assert box.errors == []


def test_kubeconfig_names_the_sandbox_and_is_private(boxes: Boxes, tmp_path: Path) -> None:
    """The written kubeconfig points to the box and only its owner can read it."""
    box = boxes()
    path = box.write_kubeconfig(tmp_path / "config")
    config = yaml.safe_load(path.read_text())
    assert config["current-context"] == "opsagent-sandbox"
    assert config["contexts"][0]["context"]["namespace"] == "titanium-local"
    assert config["clusters"][0]["cluster"]["server"] == box.api_url
    assert path.stat().st_mode & 0o777 == 0o600


def test_requests_are_recorded(boxes: Boxes) -> None:
    """What was asked can be checked afterwards."""
    box = boxes()
    stats(box)
    api(box, "/api/v1/nodes?limit=5")
    assert box.requests == [("GET", "/stats"), ("GET", "/api/v1/nodes?limit=5")]


def test_a_wrong_token_is_refused_and_the_right_one_is_not(boxes: Boxes) -> None:
    """An expired or foreign token answers 401; none at all is let in, because kubectl sends none over http."""
    box = boxes()
    url = f"{box.api_url}/api/v1/nodes"
    assert fetch(url, Authorization="Bearer old")[0] == 401
    assert fetch(url, Authorization=f"Bearer {box.token}")[0] == 200
    assert fetch(url)[0] == 200


def test_a_taken_port_is_an_error_that_leaves_nothing_open(boxes: Boxes) -> None:
    """A port in use raises OSError, and the other server is closed again."""
    box = boxes()
    port = int(box.stats_url.rsplit(":", 1)[1])
    before = set(threading.enumerate())
    with pytest.raises(OSError, match="in use"):
        Sandbox(stats_port=port).start()
    assert set(threading.enumerate()) == before


def test_past_stats_show_the_surge_before_the_lock(boxes: Boxes) -> None:
    """Earlier samples report the rise in requests that the first check comes too late for."""
    past = boxes("db-locked").past_stats()
    rates = [sample["stats"]["load-balancer"]["requests_per_second"] for sample in past]
    assert rates[0] < 40
    assert max(rates) > 50
    assert past == sorted(past, key=lambda sample: str(sample["at"]))
    words = [sample["stats"]["blog_service"]["service_status"] for sample in past]
    assert (words[0], words[-1]) == ("online", "offline")
    # hung while its pod was Ready, refused since: that is what /stats took
    took = [sample["took_s"] >= 2 for sample in past if sample["stats"]["blog_service"]["service_status"] == "offline"]
    assert took[0]
    assert not took[-1]


def test_past_stats_of_a_load_balancer_that_is_down_are_errors(boxes: Boxes) -> None:
    """Nobody can have read what was refused."""
    past = boxes("lb-down").past_stats()
    assert "stats" in past[0]
    assert past[-1]["error"] == "connection refused"


def test_a_load_balancer_that_is_down_refuses_connections_until_it_is_back(boxes: Boxes) -> None:
    """The port really is closed, and the same port opens again."""
    box = boxes("lb-down")
    with pytest.raises(urllib.error.URLError, match="refused"):
        stats(box)

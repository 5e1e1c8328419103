"""Planted secrets and every way out of a live incident: question, screens, trail, store, reports, bundle, webhook."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opsagent.sandbox import Sandbox
from tests import model_server
from tests.cli.shell import Shell, environment
from tests.clients.loopback import Reply, serve
from tests.redact.planting import LEFT, SURVIVES, Blind, error_lines, leaks, workload
from tests.redact.secrets import INNOCENT, PLANTED
from tests.session import SPEED

BLOG = "local-blog-service-deployment"
STRAY = ("stray", "stray-7d9f8b6c5d-k8m2p")
ADVICE = ["The password is password=hunter2", "Ask joe.doe+x@shop.example.com", "Use AKIAIOSFODNN7EXAMPLE"]
# The ways that quote logs or objects; the control has to leak by each of them.
QUOTING = {"question", "shown prompt", "terminal", "report term", "report md", "report html", "report json", "state",
           "bundle", "logs", "search", "pod"}  # fmt: skip


@pytest.fixture(autouse=True)
def environment_kept() -> Iterator[None]:
    """The client cleans the process' environment: put it back for the tests that come after."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def planted() -> Iterator[Sandbox]:
    """A platform whose logs and objects hold every secret; its blog waits for a lock."""
    with Sandbox("db-locked", speed=SPEED) as box:
        box.state.log("blog-service", *error_lines())
        for item in workload(*STRAY, "titanium-local", (text for _, text, _ in PLANTED), "2026-11-22T12:00:00Z"):
            box.state.add(item)
        yield box


def let_out(box: Sandbox, folder: Path) -> dict[str, str]:
    """Diagnose with a model, watch, collect and check, and return everything that left, by the way it took."""
    with model_server.running() as model, serve() as hook:
        hook.on("/T0K3N", Reply(200), method="POST")
        given = {
            "OPSAGENT_MODEL_NAME": "small",
            "OPSAGENT_MODEL_BASE_URL": model.url,
            "OPSAGENT_NOTIFY_WEBHOOK_URL": f"{hook.url}/T0K3N",
            "OPSAGENT_LOGS_TAIL": "2000",
        }
        shell = Shell(box, folder, environment(box, folder, **given))
        ways = {"shown prompt": shell.here("diagnose", "blog-service", "--show-prompt").out}
        model.scripts = answers()
        done = shell.here("diagnose", "blog-service")
        assert done.code == 8, done
        ways["terminal"] = done.out + done.err
        ways["question"] = json.dumps([request["body"] for request in model.requests], ensure_ascii=False)
        assert len(model.requests) == 6
        model.scripts = answers()
        ways["mail"] = shell.here("watch", "--auto-report").out
        ways["webhook"] = "\n".join(request.body.decode() for request in hook.seen)
        assert ways["webhook"]
        for form in ("term", "md", "html", "json"):
            ways[f"report {form}"] = shell.here("report", "show", "--format", form).out
        ways["audit"] = shell.here("audit", "-o", "json").out
        ways["incidents"] = shell.here("incidents", "--all", "--json").out
        ways["logs"] = shell.here("logs", "blog", "--tail", "50000").out
        ways["search"] = shell.here("search", "blog", "failed|gave up").out
        ways["pod"] = shell.here("describe", STRAY[1]).out
        assert shell.here("collect", "-o", str(folder / "bundle")).code == 0
    ways["bundle"] = read(folder / "bundle")
    ways["state"] = read(folder / "state")
    return ways


def read(folder: Path) -> str:
    """Return every byte below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return b"\n".join(path.read_bytes() for path in files).decode("utf-8", "replace")


def answers() -> list[Callable[[model_server.Handler], None]]:
    """Return a model that checks everything it may, and then repeats secrets that it knows from elsewhere."""
    looks = [
        {"lookups": [{"tool": tool, "about": about, "pattern": pattern} for tool, about, pattern in calls]}
        for calls in (
            [("object", f"Pod/{STRAY[1]}", None), ("digest", "blog-service", None)],
            [("search", "blog", "failed"), ("timeline", None, None)],
            [("events", None, None), ("changes", None, None)],
            [("digest", STRAY[1], None)],
        )
    ]
    said = {"code": "db.locked", "object": f"Deployment/{BLOG}", "evidence": ["E1"], "summary": "password: hunter2",
            "recommendations": ADVICE, "reasoning": "its token=hunter2"}  # fmt: skip
    return [model_server.replies(json.dumps(said)) for said in (*looks, said, said)]


def test_there_are_enough_of_them() -> None:
    """At least 250 planted values of sixty kinds, and 120 texts that must survive, from one list."""
    assert len(PLANTED) >= 250
    assert len({kind for kind, *_ in PLANTED}) >= 60
    assert len(LEFT) >= 150
    assert len(INNOCENT) >= 120


def test_no_planted_secret_leaves_a_live_incident(planted: Sandbox, tmp_path: Path) -> None:
    """By none of the ways, and what an operator needs comes through: digests, UIDs, pod names, trace ids."""
    ways = let_out(planted, tmp_path)
    assert leaks(ways) == set()
    for way in sorted(QUOTING):
        assert "<redacted:" in ways[way].replace("&lt;", "<"), way
    survived = {way: {text for text in SURVIVES if text in ways[way]} for way in ways}
    for way in ("question", "report json", "logs", "search", "bundle"):
        assert survived[way] == set(SURVIVES), way
    assert "db.locked" in ways["audit"]


def test_stats_and_its_samples_are_redacted(planted: Sandbox, tmp_path: Path) -> None:
    """What a service reports of itself is redacted on the screen, in the document and in the table of samples."""
    with serve() as balancer:
        reported = {"service_status": "online", "db_password": "hunter2abc", "note": "mail joe.doe@shop.example.com"}
        balancer.on("/stats", Reply(body={"blog_service": reported, "load-balancer": {"status": "healthy"}}))
        given = environment(planted, tmp_path, OPSAGENT_STATS_URL=balancer.url, OPSAGENT_REACH="direct")
        shell = Shell(planted, tmp_path, given)
        table, document = shell.here("stats"), shell.here("stats", "-o", "json")
    assert (table.code, document.code) == (0, 0)
    assert "online" in document.out
    assert "<redacted:" in document.out
    for text in (table.out, document.out, read(tmp_path / "state")):
        assert "hunter2abc" not in text
        assert "joe.doe" not in text
    assert "<redacted:" in read(tmp_path / "state")


def test_without_redaction_they_would(planted: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a redactor that hides nothing: each way that quotes anything leaks, so the test can fail."""
    monkeypatch.setattr("opsagent.redact.Redactor", Blind)
    found = leaks(let_out(planted, tmp_path))
    assert {way for way, _ in found} >= QUOTING
    assert len({left for way, left in found if way == "bundle"}) == len(LEFT)
    assert len({left for way, left in found if way == "report json"}) >= 40

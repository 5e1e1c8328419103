"""`collect` from the outside: the round trip, no secret in any byte, and refusals before the first request."""

import gzip
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from opsagent.sandbox.faults import Fault
from tests.cli.conftest import Boxed
from tests.cli.shell import Shell, ended, until
from tests.redact.planting import error_lines, leaks, workload
from tests.redact.secrets import PLANTED


def first_cause(shell: Shell, *arguments: str) -> tuple[str, str]:
    """Diagnose, and return code and object of the first cause."""
    document: dict[str, Any] = json.loads(shell.here("diagnose", *arguments, "--json").out)
    return document["causes"][0]["code"], document["causes"][0]["object"]


@pytest.mark.parametrize(
    ("scenario", "service", "name"),
    [("db-locked", "blog", "b.tar.gz"), ("crash-loop", "auth", "b"), ("dependency-down", None, "b.tar.gz")],
)
def test_the_bundle_points_to_the_same_cause(
    boxed: Boxed, tmp_path: Path, scenario: str, service: str | None, name: str
) -> None:
    """Collected and diagnosed elsewhere, the first cause and its object are those of the live system."""
    shell = boxed(scenario)
    asked = (service,) if service else ()
    done = shell.here("collect", *asked, "-o", str(tmp_path / name))
    assert done.code == 0
    assert done.out == f"{tmp_path / name}\n"
    assert "logs read" in done.err
    assert first_cause(shell, "--from", str(tmp_path / name)) == first_cause(shell, *asked)


def test_no_planted_secret_is_in_any_byte(boxed: Boxed, tmp_path: Path) -> None:
    """In logs, environments, annotations, last-applied copies, managers, states, events, arguments: none gets out."""
    shell = boxed("db-locked")
    shell.box.state.log("blog-service", *error_lines(), "still here")
    for item in workload(
        "stray", "stray-1", "titanium-local", (text for _, text, _ in PLANTED), "2026-11-22T12:00:00Z"
    ):
        shell.box.state.add(item)
    metadata = {
        "name": "planted",
        "annotations": {
            "example.org/note": "zebra77",
            "kubectl.kubernetes.io/last-applied-configuration": '{"x": "zebra77"}',
        },
        "managedFields": [{"manager": "zebra77"}],
    }
    container = {
        "name": "main",
        "image": "acme/main:1",
        "env": [{"name": "PLAIN", "value": "zebra77"}],
        "args": ["--password", "zebra77"],
    }
    spec = {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "planted"}},
        "template": {"spec": {"containers": [container]}},
    }
    shell.box.state.add({"kind": "Deployment", "metadata": metadata, "spec": spec})
    assert shell.here("collect", "-o", str(tmp_path / "b.tar.gz")).code == 0
    raw = gzip.decompress((tmp_path / "b.tar.gz").read_bytes())
    assert b"planted" in raw
    assert b"still here" in raw
    assert leaks({"bundle": raw.decode("utf-8", "replace")}) == set()
    for secret in (b"zebra77", b"sT9uV0wX1yZ2", b"Zz==", shell.box.token.encode()):
        assert secret not in raw


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "there"), "nothing is overwritten"),
        (("-o", "new", "bolg"), "blog-service"),
        (("-o", "b.zip"), "FILE.tar.gz"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_request(
    boxed: Boxed, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Exit 2, a way out, and nobody was asked anything."""
    shell = boxed()
    (tmp_path / "there").mkdir()
    done = shell.here("collect", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.said
    assert shell.box.requests == []
    assert list((tmp_path / "there").iterdir()) == []
    assert not (tmp_path / "new").exists()


def test_what_was_not_checked_is_in_the_bundle(boxed: Boxed, tmp_path: Path) -> None:
    """Forbidden events are reported on stderr, kept in errors.json, and found again by the diagnosis."""
    shell = boxed("db-locked")
    shell.box.faults.add(Fault.forbidden("list", "events"))
    done = shell.here("collect", "-o", str(tmp_path / "b"))
    assert done.code == 0
    assert "events" in done.err
    assert "Event" not in json.loads((tmp_path / "b" / "bundle.json").read_text())["looked"]
    document = json.loads(shell.here("diagnose", "--from", str(tmp_path / "b"), "--json").out)
    assert any(entry["source"] == "events" and "forbidden" in entry["why"] for entry in document["not_checked"])


def test_where_nothing_answers_nothing_is_written(boxed: Boxed, tmp_path: Path) -> None:
    """No cluster and no /stats: exit 1, what was tried, and no file."""
    shell = boxed()
    shell.box.faults.add(Fault.refused(), Fault.unauthorized())
    done = shell.here("collect", "-o", "b.tar.gz")
    assert done.code == 1
    assert "nothing could be checked" in done.said
    assert not [path for path in tmp_path.iterdir() if "b.tar.gz" in path.name]


def test_an_interrupt_leaves_nothing(boxed: Boxed, tmp_path: Path) -> None:
    """SIGTERM while a log hangs: exit 130, neither the target nor anything beside it."""
    shell = boxed()
    shell.box.faults.add(Fault.slow(30.0, side="api").only(target="pods/log"))
    with shell.start("collect", "-o", "b.tar.gz") as process:
        until(lambda: any("/log" in path for _, path in shell.box.requests), "a log was asked for")
        done = ended(process, signal.SIGTERM)
    assert done.code == 130
    assert not [path for path in tmp_path.iterdir() if "b.tar.gz" in path.name]

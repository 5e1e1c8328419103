"""The quick checks from the outside: a table for people, a document for programs."""

import json
import signal
import time

import pytest
import yaml

from tests.cli.conftest import Boxed
from tests.cli.shell import Shell, ended, until

POD = "local-blog-service-deployment-6b5d9f8c77-zk4mh"
LOOKS = {
    "stats": (("stats",), "blog-service", {"at", "services", "traffic"}),
    "health": (("health",), "HTTP 200", {"looks"}),
    "health of one": (("health", "blog"), "blog-service", {"looks"}),
    "traffic": (("traffic",), "req/s", {"window_requests_per_second", "lifetime_total_requests"}),
    "pods": (("pods",), "READY", {"where", "pods"}),
    "describe": (("describe", f"pod/{POD}"), "Conditions", {"name"}),
    "logs": (("logs", "blog_service", "--tail", "5"), "GET /", {"service", "excerpts"}),
    "search": (("search", "blog", "GET /(stats|health)", "--since", "10m"), "blog-service-container.log:L", None),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_check_is_a_table_or_one_document(well: Shell, look: str) -> None:
    """Every quick check exits 0, with what it states on stdout; --json, -o json and -o yaml are one document each."""
    arguments, told, keys = LOOKS[look]
    table = well.here(*arguments)
    assert (table.code, table.err) == (0, "")
    assert told.lower() in table.out.lower()
    documents = [
        json.loads(well.here(*arguments, "--json").out),
        json.loads(well.here(*arguments, "-o", "json").out),
        yaml.safe_load(well.here(*arguments, "-o", "yaml").out),
    ]
    for document in documents:
        assert document
        assert keys is None or keys <= set(document)


def test_traffic_shows_the_share_of_requests_that_succeed_now(boxed: Boxed) -> None:
    """A service answers 500 to everything: low between two samples, on the screen and in the document."""
    shell = boxed("all-500")
    shell.remember()
    document = json.loads(shell.here("traffic", "--json").out)
    assert document["trend"]["success"] < 0.5 < document["lifetime_success_rate_percent"] / 100
    assert "that failures are fast is not an improvement" in shell.here("traffic").said


def test_the_outage_is_on_the_first_line(boxed: Boxed) -> None:
    """stats of a hung service exits 0, for it could list, and begins with who is offline and what to type."""
    shell = boxed("db-locked")
    shell.here("stats")
    done = shell.here("stats")
    assert done.code == 0
    assert done.out.startswith("blog-service OFFLINE")
    assert "opsagent diagnose blog-service" in done.out


def test_what_is_not_a_service_is_named_with_its_nearest(well: Shell) -> None:
    """A name that resolves to nothing is a usage error, reported with the names that are near it."""
    for command in (("logs", "blogg"), ("health", "blogg"), ("search", "blogg", "x"), ("diagnose", "blogg")):
        done = well.here(*command)
        assert (done.code, done.out) == (2, "")
        assert "there is no service 'blogg'" in done.err
        assert "blog-service" in done.err


def test_what_is_not_a_pod_is_reported_with_how_to_fix_it(well: Shell) -> None:
    """A pod that is not there is a failed check, and the hint names the command that lists them."""
    done = well.here("describe", "pod/nosuch")
    assert (done.code, done.out) == (1, "")
    assert "HTTP 404" in done.err
    assert "opsagent pods" in done.err
    neither = well.here("describe", "nosuch")
    assert (neither.code, neither.out) == (2, "")
    assert "nosuch" in neither.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("stats", "--watch", "--json"),
        ("logs", "blog", "-f", "-o", "yaml"),
        ("pods", "--json", "-o", "yaml"),
        ("watch", "--json"),
        ("restart", "auth", "--accept-data-loss"),
        ("report", "show", "--json", "--format", "md"),
    ],
)
def test_a_combination_that_cannot_work_is_refused_by_its_flags(boxed: Boxed, arguments: tuple[str, ...]) -> None:
    """Before the first request, with exit code 2, the flags by their names, and a way out."""
    shell = boxed()
    done = shell.here(*arguments)
    assert (done.code, done.out) == (2, "")
    assert next(word for word in arguments if word.startswith("-")) in done.err.replace("--follow", "-f")
    assert "hint:" in done.err
    assert shell.box.requests == []


def test_a_wrong_pattern_and_a_wrong_span_are_usage(well: Shell) -> None:
    """What RE2 does not take, and what is not a span of time, is exit code 2 with a hint."""
    for arguments in (("search", "blog", "("), ("logs", "blog", "--since", "soon")):
        done = well.here(*arguments)
        assert (done.code, done.out) == (2, "")
        assert "hint:" in done.err


def test_logs_are_followed_until_interrupted(boxed: Boxed) -> None:
    """logs -f shows what is written after it began, and ends at Ctrl-C with 130."""

    shell = boxed()
    with shell.start("logs", "blog", "-f", "--tail", "0") as process:
        until(lambda: any("follow=" in path for _, path in shell.box.requests), "the log is being followed")
        shell.box.state.log("blog-service", "a line from later")
        assert process.stdout is not None
        deadline = time.monotonic() + 30
        while b"a line from later" not in process.stdout.readline():
            assert time.monotonic() < deadline
        done = ended(process, signal.SIGINT)
    assert done.code == 130
    assert "Traceback" not in done.err


@pytest.mark.parametrize(("scenario", "code"), [("healthy", 0), ("db-locked", 3)])
def test_stats_fail_where_a_service_is_not_well(boxed: Boxed, scenario: str, code: int) -> None:
    """For scripts: without --fail the table is what was asked for, and the code is 0."""
    shell = boxed(scenario)
    until(lambda: shell.here("stats", "--fail").code == code, f"exit code {code} of stats --fail")
    assert shell.here("stats").code == 0

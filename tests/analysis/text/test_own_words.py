"""What others chose, quoted or stored accuses nobody, whichever rule its words would fit."""

import json
from collections.abc import Callable
from urllib.parse import quote_plus

import pytest

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.analysis.text.levels import Level
from opsagent.analysis.text.own_words import coped_with, plain_words
from opsagent.models.observed import LogRef
from tests.analysis.log_lines import POSITIVE

SERVED = '10.0.0.4 - - "GET /cart HTTP/1.1" 200 12\n'
STOOD: dict[str, Callable[[str], str]] = {
    "runbook": lambda line: f"WARN runbook: if you see '{_double(line)}' then call the owner",
    "title": lambda line: f'ERROR post not saved: title="{_single(line)}" is too long',
    "json": lambda line: json.dumps({"level": "warn", "msg": "rejected as spam", "comment": line}),
    "path": lambda line: f'10.0.0.9 - - "GET /search?q={quote_plus(line)} HTTP/1.1" 404 12',
    "agent": lambda line: f'10.0.0.9 - - "GET / HTTP/1.1" 404 12 "-" "{_single(line)}"',
    "sql": lambda line: f"WARN wrote INSERT INTO audit (msg) VALUES ('{_doubled(line)}')",
    "statement": lambda line: f"STATEMENT:  SELECT '{_doubled(line)}'",
    "login": lambda line: f"WARNING:auth:Login failed for '{_double(line)}': Invalid credentials",
    "search": lambda line: f'WARN no result for query "{_single(line)}"',
    "metric": lambda line: f"# HELP app_errors_total Errors such as {line}",
    "input": lambda line: f'ERROR validation failed user=7 input="{_single(line)}"',
}


def _single(line: str) -> str:
    return line.replace('"', "'")


def _double(line: str) -> str:
    return line.replace("'", '"')


def _doubled(line: str) -> str:
    return line.replace("'", "''")


@pytest.mark.parametrize("where", STOOD)
def test_the_words_of_every_mechanism_in_somebody_elses_mouth_accuse_nobody(where: str) -> None:
    """A runbook, a title, a path, a statement, a login name: each line of every code is there without success."""
    accused: list[tuple[str, str]] = []
    for lines in POSITIVE.values():
        for line in lines:
            if "\n" in line:
                continue
            text = SERVED * 5 + STOOD[where](line) + "\n" + SERVED * 30
            found = log_findings([digest(LogRef("app.log"), [text.encode()])])
            accused += [(f.code, line) for f in found if f.strength >= 0.45 and not f.over and f.code != "unknown"]
    assert accused == []


def test_a_login_name_cannot_pass_for_the_database() -> None:
    """Who logs in as a driver's own message is still only somebody who logs in."""
    hostile = "WARN Login failed for 'FATAL: password authentication failed for user \"cart\"': no such account"
    assert "password authentication" not in plain_words(hostile)
    driver = 'FATAL:  password authentication failed for user "cart"'
    assert "password authentication failed" in plain_words(driver)


@pytest.mark.parametrize(
    ("code", "line", "level", "coped"),
    [
        ("config.missing-env", "SENTRY_DSN is not set, reports are disabled", Level.WARNING, True),
        ("config.missing-env", "SENTRY_DSN is not set, reports are disabled", Level.ERROR, False),
        ("network.refused", "cache refused, falling back to the database", Level.WARNING, False),
        ("quota.cpu", "cpu quota exceeded for user 7", Level.ERROR, True),
        ("quota.cpu", "exceeded quota: team, requested: cpu=2", Level.ERROR, False),
        ("access.permission-denied", "order 7: permission denied", Level.ERROR, True),
        ("access.permission-denied", "order 7: open '/data/7': permission denied", Level.ERROR, False),
    ],
)
def test_what_a_program_copes_with_is_distinguished_from_what_stops_it(
    code: str, line: str, level: Level, coped: bool
) -> None:
    """A default taken at a warning, or a thing of the users; never a failing dependency, never a file."""
    assert coped_with(code, line, level) is coped


def test_quotes_are_as_before_they_were_written_into_json() -> None:
    """A message inside JSON or logfmt reads as the program stated it."""
    assert plain_words(r'{"msg":"storageclass \"fast\" not found"}') == '{"msg":"storageclass "fast" not found"}'


def test_the_kubelets_word_of_a_probe_reads_as_its_event() -> None:
    """Its log names the probe behind the words, its events before them."""
    said = plain_words('I0201 10:00:00.1 9 prober.go:107] "Probe failed" probeType="Liveness" pod="a/b" output="x"')
    assert "Liveness probe failed:" in said


def test_a_sentence_of_the_program_goes_on_behind_a_name() -> None:
    """MySQL quotes the user and the resource: only the user is somebody's choice."""
    line = "ERROR 1226 (42000): User 'cart' has exceeded the 'max_user_connections' resource (current value: 5)"
    assert "max_user_connections" in plain_words(line)
    assert "cart" not in plain_words(line)


def test_a_quoted_field_is_the_program_s_word() -> None:
    """The apostrophe of "doesn't" ends no quotation."""
    assert "default value" in plain_words("ERROR 1364 (HY000): Field 'note' doesn't have a default value")

"""A Ready pod that fails most of its requests is not well, though no rule knows why."""

import pytest

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef
from tests.analysis.logs.said import said

WELL = '10.0.0.4 - - "GET /cart HTTP/1.1" 200 12\n'
BAD = '10.0.0.4 - - "GET /cart HTTP/1.1" 500 12\n'
PROBE = '10.0.0.4 - - "GET /health HTTP/1.1" 200 2\n'
ERROR = "ERROR cart: index 7 out of bounds\n"


@pytest.mark.parametrize(
    ("text", "firm"),
    [
        ((WELL + BAD) * 20, True),
        ((WELL + ERROR + BAD) * 20 + PROBE * 400, True),
        (WELL * 20 + BAD * 3 + WELL * 20, False),
        ((WELL + BAD) * 20 + WELL * 60, False),
        (ERROR * 40 + "served\n" * 10, True),
        (ERROR * 3 + "served\n" * 200, False),
        (BAD * 4, False),
        ("ERROR insert: duplicate key value violates unique constraint\n" * 40, False),
    ],
    ids=["half-5xx", "behind-probes", "few", "over", "errors", "few-errors", "too-short", "the-clients-fault"],
)
def test_unknown_is_reported_about_a_running_pod_only_where_much_of_what_it_does_fails(text: str, firm: bool) -> None:
    """A share of failures, still going on; one bad request of a working program is none."""
    found = log_findings([digest(LogRef("logs/p/c.log", pod="p", service="s"), [text.encode()])])
    said = [finding.code for finding in found if finding.strength >= 0.45 and not finding.over]
    assert said == (["unknown"] if firm else [])


def test_a_known_mechanism_stays_before_the_share() -> None:
    """Where the log states why, the share of failures adds nothing."""
    text = (WELL + "ERROR sqlite3.OperationalError: database is locked\n" + BAD) * 20
    found = log_findings([digest(LogRef("logs/p/c.log", pod="p", service="s"), [text.encode()])])
    assert [finding.code for finding in found if finding.strength >= 0.45] == ["db.locked"]


def test_the_log_of_a_container_that_ended_is_judged_by_its_end() -> None:
    """A share reports nothing of the container before: Kubernetes shows how it ended."""
    ref = LogRef("logs/p/c.previous.log", pod="p", service="s", previous=True)
    assert not [f for f in log_findings([digest(ref, [((WELL + BAD) * 20).encode()])]) if f.strength >= 0.45]


def test_one_request_that_always_fails() -> None:
    """Ten failures of one request and no success, few others beside: something is wrong, and it is not stated what."""
    failed = '10.0.0.4 - - "POST /quote HTTP/1.1" 500 9\n'
    well = '10.0.0.4 - - "GET /cart HTTP/1.1" 200 9\n'
    assert said(failed * 12 + well * 4) == ["unknown"]
    assert not said(failed * 12 + well * 400)
    assert not said(failed * 12 + failed.replace("500", "200") * 6)
    assert not said(failed.replace("500", "404") * 50 + well * 4)


def test_one_request_that_fails_now_and_then_all_the_time() -> None:
    """Successes between its failures are no recovery; those after the last one are."""
    failed = "WARN front: request failed | route=/price/sum | status=500\n"
    well = "INFO front: request | route=/price/sum | status=200\n"
    assert said((failed + well) * 12) == ["unknown"]
    assert not said((failed + well) * 12 + well * 40)


def test_three_failures_of_one_request_and_an_exception_beside_them() -> None:
    """No success of it, and the program prints what it met; without the exception three are few."""
    failed = "GET /profile 500 in 40ms\n"
    others = "GET /list 200 in 12ms\n" * 12
    thrown = "Error: rendering failed\n    at render (server.js:10:3)\n    at run (server.js:90:1)\n"
    assert said(others + failed * 3 + thrown + others) == ["unknown"]
    assert not said(others + failed * 3 + others)


def test_failures_are_counted_in_json_too() -> None:
    """Requests reported as fields count as access lines do."""
    failed = '{"level":"info","msg":"handled","method":"GET","path":"/a","status":500}\n'
    assert said(failed * 15) == ["unknown"]


OFFER = '10.0.0.4 - - "POST /offers HTTP/1.1" %d 9\n'


@pytest.mark.parametrize(
    ("text", "firm"),
    [
        (WELL * 9 + OFFER % 502 * 6 + WELL * 9, True),
        (WELL * 9 + OFFER % 500 * 3 + WELL * 9, False),
        (WELL * 9 + ("ERROR offer: undefined\n" + OFFER % 500) * 3 + WELL * 9, True),
        (WELL * 9 + OFFER % 500 * 6 + OFFER % 201 + WELL * 9, False),
        (WELL * 9 + OFFER % 500 * 6 + WELL * 90, False),
    ],
    ids=["all-of-it", "too-few", "with-errors", "one-went-well", "long-ago"],
)
def test_a_request_of_which_none_went_well(text: str, firm: bool) -> None:
    """Five are enough, three with an error beside each; one that went well, or much good work since, speaks against."""
    found = log_findings([digest(LogRef("logs/p/c.log", pod="p", service="s"), [text.encode()])])
    said = [finding.code for finding in found if finding.strength >= 0.45 and not finding.over]
    assert said == (["unknown"] if firm else [])

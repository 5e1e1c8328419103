"""What logs report about the cause, over many stacks; what must not accuse; what comes first; what is over."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Finding
from opsagent.models.observed import LogRef
from tests.analysis.log_lines import HARMLESS, POSITIVE


def of(text: str) -> LogDigest:
    """Digest one text."""
    return digest(LogRef("logs/shop-1/app.log", service="shop"), [text.encode()])


def top(text: str) -> Finding:
    """Take the finding that is first."""
    return log_findings([of(text)])[0]


@pytest.mark.parametrize(("code", "line"), [(code, line) for code, lines in POSITIVE.items() for line in lines])
def test_each_mechanism_is_recognised_in_many_wordings(code: str, line: str) -> None:
    """A line in the words of some stack points to its code, firmly, with the line as evidence."""
    found = top(f"starting\n{line}\n")
    assert found.code == code
    assert found.strength >= 0.5
    assert not found.over
    assert found.service == "shop"
    assert found.observations[0].where.startswith("logs/shop-1/app.log:L")


@pytest.mark.parametrize("line", HARMLESS)
def test_lines_that_only_sound_bad_accuse_nobody(line: str) -> None:
    """Counts of none, good ends, settings, names, quoted words of others give no firm finding."""
    firm = [(f.code, f.strength) for f in log_findings([of(f"started\n{line}\nserving\n")]) if f.strength >= 0.5]
    assert firm == []


@pytest.mark.parametrize("other", sorted(POSITIVE))
def test_no_mechanism_is_taken_for_the_lock(other: str) -> None:
    """The lines of every other code never read as a locked database."""
    codes = {f.code for line in POSITIVE[other] for f in log_findings([of(line)])}
    assert ("db.locked" in codes) == (other == "db.locked")


POOL = "HikariPool-1 - Connection is not available, request timed out after 3000ms"
REFUSED = "ERROR connect ECONNREFUSED 10.0.0.1:80"
SLOW = 'ERROR Get "http://rates/": context deadline exceeded'
CASCADES: dict[str, tuple[str, ...]] = {
    "volume.disk-full": ("ERROR write journal: no space left on device", "ERROR attempt to write a readonly database"),
    "network.dns": ("ERROR lookup bank: no such host", *["ERROR payment timed out"] * 40),
    "db.locked": (*[SLOW] * 90, "OperationalError: database is locked"),
    "network.tls-certificate": ("x509: certificate has expired or is not yet valid", *[REFUSED] * 9),
    "db.credentials": ('FATAL: password authentication failed for user "a"', POOL),
    "db.too-many-connections": (*[POOL] * 20, "FATAL: sorry, too many clients already"),
    "load.open-files": ("accept: too many open files", REFUSED),
}


@pytest.mark.parametrize(("first", "lines"), CASCADES.items())
def test_the_first_link_wins_not_the_loudest(first: str, lines: tuple[str, ...]) -> None:
    """In a cascade the earlier link is first, wherever and however seldom it is logged."""
    assert top("\n".join(lines)).code == first


def test_a_complaint_names_whom_it_blames() -> None:
    """Host and port of a network complaint are read out of the words of several stacks."""
    lines = {
        'Post "http://mailer:8080/send": dial tcp 10.3.1.9:8080: connect: connection refused': "mailer:8080",
        "HTTPConnectionPool(host='rates', port=81): Max retries exceeded (Connection refused)": "rates:81",
        "Error: connect ECONNREFUSED 10.0.0.5:3000": "10.0.0.5:3000",
        "java.net.UnknownHostException: cart.shop.svc": "cart.shop.svc",
    }
    assert {line: top(line).blames for line in lines} == lines


def test_an_object_is_named_only_where_the_log_names_it() -> None:
    """A missing ConfigMap is the object that has to change; a network complaint names none."""
    assert top('Error: configmap "cart-settings" not found').object == "ConfigMap/cart-settings"
    assert top("Error: connect ECONNREFUSED 10.0.0.5:3000").object is None


LOCKED = '"POST /orders HTTP/1.1" 500 Internal\nERROR sqlite3.OperationalError: database is locked\n'
SERVED = '"POST /orders HTTP/1.1" 201 Created\n'


@pytest.mark.parametrize(
    ("after", "over"),
    [
        ("", False),
        (SERVED * 2, False),
        (SERVED * 300, True),
        ('"GET /health HTTP/1.1" 200 OK\n' * 300, False),
        ("INFO retrying\n" * 300, False),
        ("INFO: Started server process [9]\n", True),
    ],
    ids=["nothing", "too-few", "served-again", "only-probes", "no-success", "restarted"],
)
def test_a_lock_is_over_when_the_same_log_shows_it_served_again(after: str, over: bool) -> None:
    """Later successes of the request that failed, or a new start, end a complaint; probes and silence do not."""
    (found,) = [f for f in log_findings([of(SERVED * 20 + LOCKED + after)]) if f.code == "db.locked"]
    assert found.over == over


def test_refused_while_everything_came_up_is_over_once_time_went_by() -> None:
    """A refused connection in the first seconds counts no more when a minute passed without another."""
    log = of(
        "2026/11/22 12:00:00 gateway started on :80\n"
        '2026/11/22 12:00:03 Get "http://rates:80/": dial tcp 10.0.0.1:80: connect: connection refused\n'
    )
    soon = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)
    later = datetime(2026, 11, 22, 12, 1, 30, tzinfo=UTC)
    assert [f.over for f in log_findings([log], now=soon)] == [False]
    assert [f.over for f in log_findings([log], now=later)] == [True]


def test_the_log_of_a_container_that_ended_is_never_over() -> None:
    """What the previous container complained of is not fixed by lines that came after it there."""
    log = digest(LogRef("logs/p/c.previous.log", previous=True), [(SERVED * 20 + LOCKED + SERVED * 300).encode()])
    assert not any(f.over for f in log_findings([log]))


def test_an_unknown_error_in_service_is_a_hint_and_no_cause() -> None:
    """A failure that no rule knows states unknown, weakly."""
    found = top("serving\nERROR order 12 could not be priced\nserving\n" + "served\n" * 50)
    assert (found.code, found.strength <= 0.3) == ("unknown", True)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from([line for lines in POSITIVE.values() for line in lines] + list(HARMLESS)), max_size=8),
    st.binary(max_size=60),
    st.integers(0, 400),
)
def test_mutilated_lines_never_raise(lines: list[str], junk: bytes, at: int) -> None:
    """Any mixture, with junk in the middle, yields findings within their bounds."""
    data = "\n".join(lines).encode()
    log = digest(LogRef("x.log"), [data[:at] + junk + data[at:]])
    for found in log_findings([log]):
        assert 0 < found.strength <= 0.95
        assert found.observations
        assert found.summary
        assert "{what}" not in found.summary


def test_no_log_reports_nothing() -> None:
    """Nothing in, nothing out."""
    assert log_findings([]) == ()


def alone(text: str) -> list[str]:
    """Return the firm codes of a log of which no pod is known."""
    return [
        f.code for f in log_findings([digest(LogRef("app.log"), [text.encode()])]) if f.strength >= 0.45 and not f.over
    ]


@pytest.mark.parametrize(
    "failed",
    [
        "[FATAL] table 7 of the index is not what it was",
        "ERROR invariant 7 broken in shard 3\n" * 3,
        "2030-01-01 12:00:00 ERROR invariant 7 broken in shard 3",
        "could not place the last page",
    ],
)
def test_a_log_that_ends_in_what_no_rule_knows_is_not_called_well(failed: str) -> None:
    """Fatal, frequent, or the last thing stated: unknown; with work after it, one bad request."""
    assert alone("serving\n" * 3 + failed + "\n") == ["unknown"]
    assert not alone("serving\nERROR order 12 could not be priced\n" + "served order\n" * 40)
    assert not alone("serving\nimported module add_error_code\n")


def test_of_two_that_account_for_each_other_the_earlier_link_stays() -> None:
    """Workers run out, calls time out: each may lead to the other, and one of them is stated."""
    text = (
        "WARNING: server reached pm.max_children setting (30)\n[error] upstream timed out (110: Connection timed out)\n"
    )
    assert alone(text)[:1] == ["load.thread-pool"]


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ("503 UF,URX", "network.refused"),
        ("503 UH", "service.no-endpoints"),
        ("504 UT", "network.timeout"),
        ("503 DF", "network.dns"),
        ("429 RL", "dependency.rate-limited"),
    ],
)
def test_a_proxy_states_in_flags_why_it_answered_so(flags: str, code: str) -> None:
    """The status is the same for many causes; the flags and the upstream cluster show which."""
    line = f'[2030-01-01T00:00:00Z] "GET /a HTTP/1.1" {flags} x - "-" 0 9 outbound|8080||rates.fx.svc.cluster.local -'
    found = top(line)
    assert (found.code, found.blames) == (code, "rates.fx.svc.cluster.local:8080")
    hostile = '10.0.0.9 - - "GET /a?q=503+UH+rbac_access_denied HTTP/1.1" 200 12'
    assert not alone(hostile)


@pytest.mark.parametrize("quiet", [(16, 20, True), (16, 3, False), (2, 20, False)], ids=str)
def test_a_complaint_of_long_ago_is_over(quiet: tuple[int, int, bool]) -> None:
    """So many minutes and so much work since then; one of them alone is not enough."""
    minutes, lines, over = quiet
    text = "2030-01-01T12:00:00Z INFO up\n2030-01-01T12:00:40Z ERROR store: dial tcp pg:5432: connection refused\n"
    text += "".join(f"2030-01-01T12:{minutes + 1:02d}:{i:02d}Z INFO order {i} priced\n" for i in range(lines))
    assert [f.over for f in log_findings([of(text)])] == [over]

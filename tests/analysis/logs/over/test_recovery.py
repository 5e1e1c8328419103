"""Whether a complaint is over: what the same log states after it."""

from datetime import UTC, datetime

import pytest

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef
from tests.analysis.logs.said import said

REFUSED = "ERROR rates:80: connection refused\n"
SERVED = '10.0.0.4 - - "GET /cart HTTP/1.1" 200 12\n'


def over(after: str, before: str = REFUSED) -> bool:
    """Return whether the complaint before is over by what comes after it."""
    found = log_findings([digest(LogRef("app.log"), [f"{before}{after}\n{SERVED * 5}".encode()])])
    return found[0].over


@pytest.mark.parametrize(
    "after",
    [
        "INFO retry succeeded after 2 attempts",
        "INFO order 7 saved (attempt 2)",
        "INFO attempt 2/3 ok",
        "INFO second attempt succeeded",
        "INFO successfully processed message after retry",
        "INFO retried, ok now",
        '{"level":"info","msg":"operation succeeded","attempt":2}',
        "INFO back to normal",
        "INFO circuit breaker rates is closed",
        "INFO connection restored",
    ],
)
def test_what_passed_by_itself_is_over(after: str) -> None:
    """A success that names the attempt, or the state that is healthy again, in the words of many programs."""
    assert over(after)


@pytest.mark.parametrize(
    "after",
    [
        "INFO retry 3 sent",
        "INFO attempt 2 of 5",
        "INFO message accepted, retries queued",
        "WARN retry failed, giving up",
        "INFO retrying until it is ok",
        "INFO processed 12 orders",
        "INFO retries: 9, successful: 0",
        "  1. make sure that rates is available and the connection is allowed",
        "INFO rates: reading the updated list of accounts (attempt 9)",
        "INFO rates connection will be refused unless it is registered",
    ],
)
def test_an_attempt_is_not_yet_a_success(after: str) -> None:
    """Another try, or a word of success about something else, ends nothing."""
    assert not over(after)


def test_a_complaint_after_the_success_is_not_over() -> None:
    """Only what comes after the last complaint counts."""
    assert not over("", before=f"{REFUSED}INFO retry succeeded after 2 attempts\n{REFUSED}")


def test_a_command_that_was_missed_is_over_once_the_program_started() -> None:
    """A wrapper that lacks a tool and starts the program all the same is not a bad command."""
    missed = "WARN entrypoint.sh: line 4: git: command not found\n"
    assert over("INFO listening on :8080", before=missed)
    assert not over("INFO cleaning up", before=missed)


ELECTION = "E0201 10:00:00.1 1 lock.go:9] error retrieving resource lock a/op: Get lease: EOF\n"
DOWN = 'Server pool/app2 is DOWN, reason: Layer4 check failed, info: "Connection refused"\n'
GATEWAY = '[2026-02-01T10:00:00.100Z] "GET /a HTTP/1.1" 503 UC - "-" outbound|80||a.shop.svc.cluster.local\n'
GOOD = '[2026-02-01T10:{:02}:00.100Z] "GET /a HTTP/1.1" 200 - via_upstream - "-"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ELECTION, "I0201 10:00:09.1 1 lock.go:12] successfully acquired lease a/op\nI done\nI done\nI done\n"),
        (DOWN, "Server pool/app2 is UP, reason: Layer7 check passed, code: 200. 2 active servers online.\n"),
        ("WARN broker: LEADER_NOT_AVAILABLE for topic a\n", "INFO Successfully joined group mail with generation 3\n"),
        ("# Connection to primary lost: Connection refused\n", "* Partial resync done, resync completed\n"),
        ("WARN throttled: 429 Too Many Requests\n", '{"msg":"chunk uploaded","chunk":3,"attempt":2}\n'),
        (
            'WARN "Health check failed, server removed" url=http://a:80 err="connection refused"\n',
            'WARN "Health check up"\n',
        ),
        ("WARN heartbeat to b-1:27017: connection refused\n", '{"msg":"new state","newState":"SECONDARY"}\n'),
        ("FATAL:  could not connect to server: Connection refused\n", "LOG:  started streaming WAL from primary\n"),
        ("WARN raft: vote of b: connection refused\n", "INFO raft: election won: term=4\n"),
        ("ERROR order check of a.example failed\n", "INFO order of a.example issued successfully\n"),
    ],
)
def test_the_same_thing_is_well_later(before: str, after: str) -> None:
    """A lease, a member, a transfer, a certificate: whatever it was, the log shows it healthy again."""
    assert not said(before + after)
    assert said(before)


def test_as_many_come_up_as_went_down() -> None:
    """That one of two servers answers again reports nothing of the other."""
    both = DOWN + DOWN.replace("app2", "app7")
    assert said(both + "Server pool/app2 is UP, reason: Layer7 check passed.\n")
    assert not said(both + "Server pool/app2 is UP, reason: a.\nServer pool/app7 is UP, reason: b.\n")


def test_one_failure_beside_good_answers_of_the_same_request() -> None:
    """One broken request is over once the very same was answered well for minutes; a second one just now is not."""
    well = "".join(map(GOOD.format, range(5, 45, 10)))
    assert not said(GATEWAY + well)
    assert said(GATEWAY + well + GATEWAY.replace("10:00", "10:46"))


def test_a_warning_that_states_that_it_tries_again_and_work_goes_on() -> None:
    """Followed by much ordinary work it is coped with; followed by little, or by a failure, it is not."""
    warned = "2026-02-01T10:00:00Z WARN flush to b:80: connection refused, will retry\n"
    worked = "".join(f"2026-02-01T10:0{n}:00Z INFO batch of 12 rows\n" for n in range(1, 6))
    assert not said(warned + worked)
    assert said(warned + worked[:40])
    assert said(warned + worked + "2026-02-01T10:06:00Z ERROR giving up on b:80: connection refused\n")


def test_a_log_alone_ends_with_its_last_line() -> None:
    """That time went by since a lone log was written reports nothing: its last word was the complaint."""
    log = digest(LogRef("a.log"), [f"2026-02-01T10:00:00Z listening on :80\n2026-02-01T10:00:09Z {REFUSED}".encode()])
    found = log_findings([log], now=datetime(2026, 3, 1, tzinfo=UTC))
    assert [finding.over for finding in found] == [False]


PENDING = "6m  Warning  FailedScheduling  pod/a-1  0/3 nodes are available: 3 Insufficient cpu.\n"


def test_a_pod_that_was_placed_waits_no_more() -> None:
    """A pod that another pod's placement follows still waits."""
    assert said(PENDING) == ["scheduling.cpu"]
    assert not said(f"{PENDING}1m  Normal  Scheduled  pod/a-1  Successfully assigned shop/a-1 to node-7\n")
    assert said(f"{PENDING}1m  Normal  Scheduled  pod/b-1  Successfully assigned shop/b-1 to node-7\n")


def test_a_probe_failed_while_its_pod_came_up() -> None:
    """A described pod that is ready and was never started again; one that was killed by its probe is not well."""
    event = "  Warning  Unhealthy  9m  kubelet  {} probe failed: HTTP probe failed with statuscode: 503\n"
    ready = "    Ready:          True\n    Restart Count:  {}\n"
    assert not said(ready.format(0) + event.format("Readiness"))
    assert said(ready.format(4) + event.format("Liveness"))
    killed = "  Normal  Killing  9m  kubelet  Container a failed liveness probe, will be restarted\n"
    assert said(
        event.format("Liveness") + killed + "INFO Started server process [1]\nINFO listening on :80\n" + SERVED * 30
    )


def test_of_two_complaints_each_has_to_be_well() -> None:
    """A transfer that came through reports nothing of the certificate."""
    text = "ERROR order check of a.example failed\nERROR upload of b.tar failed\n"
    assert said(f"{text}INFO upload of b.tar completed\n")
    assert not said(f"{text}INFO upload of b.tar completed\nINFO order of a.example issued successfully\n")


def test_good_news_of_one_peer_reports_nothing_of_another() -> None:
    """That the broker is connected again does not help the database, nor does a lease, where both are named."""
    refused = "ERROR connect to rates:80: connection refused\n"
    assert not said(f"{refused}INFO connected to rates:80\n")
    assert said(f"{refused}INFO connected to nats:4222\nINFO a\nINFO b\n")
    assert said(f"{refused}INFO acquired the lock sweep\nINFO a\nINFO b\n")
    assert said(f"{refused}INFO joined group mail\nINFO a\nINFO b\n")


USED_UP = "2026-02-01 10:00:0{} [{}] 12#0: cache: EMFILE while opening /srv/parts/{}\n"
PART = '10.0.0.4 - - [01/Feb/2026:10:{:02}:{:02} +0000] "GET /parts HTTP/1.1" 200 12\n'


@pytest.mark.parametrize(
    ("level", "after", "over"),
    [
        ("alert", [(0, second) for second in range(5, 59)] * 2, False),
        ("crit", [(minute, 1) for minute in range(1, 4)], False),
        ("crit", [(minute, second) for minute in range(1, 5) for second in range(59)], True),
        ("crit", [(minute, 1) for minute in range(12)] * 6, True),
        ("warn", [(0, second) for second in range(5, 59)] * 2, True),
    ],
    ids=["within-the-minute", "few", "minutes-and-many", "ten-minutes", "a-warning"],
)
def test_good_answers_prove_nothing_for_long_where_something_is_used_up(
    level: str, after: list[tuple[int, int]], over: bool
) -> None:
    """What has no room left lets some through; only much and long shows that there is room again."""
    text = "".join(USED_UP.format(n, level, n) for n in range(4)) + "".join(PART.format(*at) for at in after)
    assert said(text) == ([] if over else ["load.open-files"])


def test_a_circuit_that_opens_was_closed_before() -> None:
    """The state that it leaves is no good news; the one that it comes to is."""
    assert not over("INFO circuit breaker rates: closed -> open")
    assert not over("INFO circuit breaker rates CLOSED => HALF_OPEN")
    assert over("INFO circuit breaker rates: half-open -> closed")


def test_a_request_that_is_completed_with_an_error_is_no_good_news() -> None:
    """That it completed states how it ended only with its status."""
    lost = '{"level":50,"msg":"booking failed: Object"}\n'
    done = '{"level":30,"method":"POST","url":"/booking","status":%d,"msg":"booking completed"}\n'
    assert said(lost + done % 500)
    assert not said(lost + done % 200)


_STAMP = "2026-11-22T12:25:{:02d}Z "
_FROM_START = "".join(
    f"{_STAMP.format(second)}{line}\n"
    for second, line in [
        (0, "INFO:     Started server process [1]"),
        (3, 'INFO:     10.0.0.4:41 - "GET /health HTTP/1.1" 200 OK'),
        (5, 'INFO:     10.0.0.4:42 - "POST /api/posts HTTP/1.1" 500 Internal Server Error'),
        (5, "sqlite3.OperationalError: database is locked"),
    ]
)


@pytest.mark.parametrize(
    ("after", "is_over"),
    [("", False), (_STAMP.format(50) + 'INFO:     10.0.0.4:43 - "GET /health HTTP/1.1" 200 OK\n', True)],
)
def test_silence_after_a_complaint_is_not_a_recovery(after: str, is_over: bool) -> None:
    """A program that logged its requests and then nothing more hangs; one that goes on got over its start."""
    log = digest(LogRef("logs/blog-1/main.log", pod="blog-1", service="blog"), [(_FROM_START + after).encode()])
    locked = next(
        f for f in log_findings([log], now=datetime(2026, 11, 22, 12, 30, tzinfo=UTC)) if f.code == "db.locked"
    )
    assert locked.over is is_over

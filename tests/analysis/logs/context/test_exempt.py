"""Test runs that passed, and exceptions that only DEBUG shows."""

import pytest

from tests.analysis.logs.said import said

REFUSED = "ERROR connect ECONNREFUSED 10.0.0.7:5432\n"
TRACE = "java.lang.UnsatisfiedLinkError: no fastzip in java.library.path\n\tat java.lang.ClassLoader.load(A.java:1)\n"


@pytest.mark.parametrize(
    ("passed", "failed"),
    [
        ("ok  \texample.org/shop/cart\t0.41s\n", "FAIL\texample.org/shop/cart\t0.41s\n"),
        ("===== 12 passed, 1 warning in 0.41s =====\n", "===== 1 failed, 11 passed in 0.41s =====\n"),
        ("[INFO] Tests run: 9, Failures: 0, Errors: 0, Skipped: 1\n", "[ERROR] Tests run: 9, Failures: 0, Errors: 2\n"),
        ("Tests:       7 passed, 7 total\n", "Tests:       1 failed, 6 passed, 7 total\n"),
        ("      Tests  11 passed (11)\n", "      Tests  1 failed | 10 passed (11)\n"),
        ("test result: ok. 4 passed; 0 failed; 0 ignored\n", "test result: FAILED. 3 passed; 1 failed\n"),
        ("  14 passing (31ms)\n", "  14 passing (31ms)\n  1 failing\n"),
        ("12 examples, 0 failures\n", "12 examples, 3 failures\n"),
    ],
)
def test_nothing_in_a_passed_test_run_accuses(passed: str, failed: str) -> None:
    """What a test provokes it also expects, unless one failed; what comes after the run counts."""
    assert not said(REFUSED + passed)
    assert said(REFUSED + failed)
    assert said(passed + REFUSED)


def test_a_program_that_passes_something_is_not_a_test_run() -> None:
    """Only a runner's summary exempts."""
    assert said(f"{REFUSED}INFO 9 orders passed\nINFO ok\n")


def test_an_exception_that_only_debug_shows_accuses_nobody() -> None:
    """A library tries one way after another; the same at a higher level, or once more without DEBUG, counts."""
    assert not said(f"10:00:00 DEBUG loader: trying the native library\n{TRACE}10:00:01 INFO started\n")
    assert said(f"10:00:00 ERROR loader: native library\n{TRACE}10:00:01 INFO started\n")
    assert said(f"10:00:00 DEBUG loader: trying\n{TRACE}10:00:01 ERROR loader: gave up\n{TRACE}10:00:02 INFO a\n")


def test_an_exception_in_a_debug_line_itself_accuses_nobody() -> None:
    """The line that holds the exception may be the DEBUG line."""
    assert not said(f"10:00:00 DEBUG loader: {TRACE}10:00:01 INFO started\n")


def test_indented_lines_have_the_level_of_the_line_above() -> None:
    """A console that puts the message below its level: what DEBUG states it accuses nobody either."""
    told = "{}: App.Server[20]\n      Ended\n      Net.SocketException (111): Connection refused\n"
    well = "info: App[0]\n      Order placed\n" * 9
    assert not said(told.format("dbug") + well)
    assert said(told.format("fail") + well)


_IN = "2031-02-03 [info] <0.7.0> connection <0.7.0> (10.0.0.9:4 -> 10.0.0.2:5672 - till): user 'till' authenticated and granted access to vhost 'till'\n"  # noqa: E501
_OFF = "2031-02-03 [error] <0.9.0> closing AMQP connection <0.9.0> (10.0.0.1:7 -> 10.0.0.2:5672):\n2031-02-03 [error] <0.9.0> {handshake_timeout,frame_header}\n"  # noqa: E501
_BEATS = "2031-02-03 [error] <0.7.0> closing AMQP connection <0.7.0> (10.0.0.9:4 -> 10.0.0.2:5672 - till):\nmissed heartbeats from client, timeout: 60s\n"  # noqa: E501


@pytest.mark.parametrize(("log", "well"), [(_IN + _OFF, True), (_OFF * 3, False), (_IN + _BEATS * 2, False)])
def test_handshakes_that_a_stranger_breaks_off(log: str, well: bool) -> None:
    """Beside clients that come in they are checks; where nobody comes in, or of a named client, they are not."""
    assert bool(said(log)) is not well


_NPM = "npm warn deprecated glob@7.2.3: versions prior to v9 cannot be supported\nadded 118 packages in 41s\n"
_APPLY = "till_record.api: Creating...\ntill_record.api: Still creating... [10s elapsed]\n"
_RETRY = "#7 2.01 WARNING: Retrying after connection broken by 'ReadTimeoutError: Read timed out'\n"
_IGNORED = 'fatal: [web-1]: FAILED! => {"msg": "Could not find the service till-old"}\n...ignoring\n'
_RECAP = "web-1 : ok=3 changed=1 unreachable=0 failed={} skipped=1\n"


@pytest.mark.parametrize(
    ("healthy", "faulty"),
    [
        (_NPM + "found 0 vulnerabilities\n", _NPM + "npm error code 1\nnpm error command failed\n"),
        (_APPLY + "Apply complete! Resources: 1 added\n", _APPLY + "Error: AccessDenied: not authorized to create\n"),
        (_RETRY + "#8 naming to r.example/till:1 done\n", _RETRY + "ERROR: failed to solve: exit code: 1\n"),
        (_IGNORED + _RECAP.format(0), _IGNORED + _RECAP.format(1)),
        (
            "10:00:01 upload failed, timeout\n10:00:09 backup finished, exit 0\n",
            "10:00:01 upload failed, timeout\n10:00:09 backup finished, exit 1\n",
        ),
    ],
    ids=["npm", "terraform", "docker", "ansible", "exit code"],
)
def test_a_command_that_reports_its_success_had_no_failure(healthy: str, faulty: str) -> None:
    """What was tried again or ignored on the way kept it from nothing; one that reports its failure is a fault."""
    assert not said(healthy)
    assert said(faulty)
    assert said(healthy + REFUSED)


_SERVED = "10:00:02 INFO order {} placed\n"
_CALLER = "10:00:01 WARNING: Unauthenticated.\n"


def test_few_callers_that_may_not_beside_many_that_are_served() -> None:
    """Where nobody is served, or nobody is after them, or the program itself is refused, it counts."""
    served = "".join(_SERVED.format(n) for n in range(20))
    assert not said(served + _CALLER * 2 + served)
    assert said(_CALLER * 9 + _SERVED.format(1))
    assert said(served + _CALLER * 20)
    assert said(served + "10:00:01 ERROR rpc error: code = Unauthenticated desc = no token\n" * 3)


def test_what_a_program_threw_was_refused_to_itself() -> None:
    """A login that a database refuses is printed in the words of a caller's; the exception shows whose it is."""
    served = "".join(_SERVED.format(n) for n in range(20))
    thrown = "SqlException (0x80131904): Login failed for user 'till'.\n   at Till.Open() in Till.cs:line 8\n"
    assert said(served + "fail: Till[0]\n" + thrown + served) == ["db.credentials"]

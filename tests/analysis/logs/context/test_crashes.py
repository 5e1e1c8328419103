"""The program's own end, in words that no rule knows: which lines show that it ended."""

import pytest

from tests.analysis.logs.said import said

_WORK = "".join(f"2031-05-04T06:0{n // 60}:{n % 60:02d}Z INFO stored berth {n}\n" for n in range(90))


@pytest.mark.parametrize(
    "line",
    [
        "Nov 13 05:06:21 n1 kernel: relay[812]: segfault at 0 ip 000055 sp 00007ffc error 4 in relay",
        "thread 'main' panicked at src/tide.rs:7:5: bad ledger",
        "fatal error: concurrent map writes",
    ],
)
def test_an_end_by_the_programs_own_fault_is_a_crash(line: str) -> None:
    """A kernel's word of a fault of memory, a panic, a fatal error of the runtime."""
    assert said(f"{_WORK}{line}\n") == ["pod.crash-app-error"]


def test_a_unit_that_systemd_gave_up_is_at_least_unknown() -> None:
    """The journal does not state why a unit failed so often, only that it did."""
    assert said(f"{_WORK}Nov 13 05:06:21 n1 systemd[1]: quay.service: Start request repeated too quickly.\n") == [
        "unknown"
    ]

"""Names that nobody has: told from a resolver that does not answer."""

import pytest

from tests.analysis.logs.said import said

_FAILS = "2031-05-04T09:12:{s}Z ERROR till: GET http://raets:8080/v1: dial tcp: lookup raets on 10.96.0.10:53: {why}\n"
_GONE, _SILENT = "no such host", "read udp 10.1.0.4:4411->10.96.0.10:53: i/o timeout"
_WORKS = "2031-05-04T09:13:00Z INFO till: consumed 40 events from kafka-0.kafka:9092\n"
_MEANT = "2031-05-04T09:12:00Z INFO till: RATES was http://ratess:8080/v1\n"


def _log(why: str, *, before: str = "", after: str = "") -> str:
    return before + "".join(_FAILS.format(s=second, why=why) for second in range(10, 16)) + after


@pytest.mark.parametrize("log", [_log(_GONE, after=_WORKS), _log(_GONE, before=_MEANT.replace("ratess", "raetss"))])
def test_a_name_that_nobody_has_beside_a_known_one_is_a_wrong_address(log: str) -> None:
    """The resolver answers, and others are reached by name, or a name that differs by one letter is known."""
    assert said(log)[:1] == ["config.wrong-address"]


@pytest.mark.parametrize(
    "log",
    [
        _log(_GONE),  # nothing shows what was meant
        _log(_SILENT, after=_WORKS),  # the resolver does not answer
        _log(_GONE, after=_log(_GONE, after=_WORKS).replace("raets", "stock")),  # two names at once
    ],
)
def test_a_resolver_that_fails_or_a_name_alone_stays_with_the_resolver(log: str) -> None:
    """A guess at the address needs more than the name that was not found."""
    assert said(log)[:1] == ["network.dns"]

"""What reports nothing alone and something in company: slow statements, suspected members, resets."""

import pytest

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef

SLOW = "LOG:  duration: 6012.871 ms  statement: SELECT * FROM stock\n"
SERVED = '10.0.0.4 - - "GET /cart HTTP/1.1" 200 12\n'


def firm(text: str) -> list[str]:
    """Return the codes that a log carries firmly, the first one first."""
    found = log_findings([digest(LogRef("app.log"), [text.encode()])])
    return [finding.code for finding in found if finding.strength >= 0.45 and not finding.over]


@pytest.mark.parametrize(
    ("log", "codes"),
    [
        (SLOW, []),
        (SLOW * 30 + SERVED * 30, []),
        (SLOW * 4 + "ERROR fetch stock: context deadline exceeded\n", ["db.slow"]),
        (SLOW * 4 + '10.0.0.4 - - "GET /stock HTTP/1.1" 500 12\n' * 3, ["db.slow"]),
        (SLOW.replace("6012", "60012") + "ERROR fetch stock: context deadline exceeded\n", ["db.slow"]),
        (SLOW.replace("6012", "0012") * 9 + "ERROR fetch stock: context deadline exceeded\n", ["network.timeout"]),
        (
            SLOW.replace("6012", "1012") * 4 + 'ERROR Get "http://bank/": context deadline exceeded\n',
            ["network.timeout"],
        ),
        ("WARN slow query: 2.5 s select x\n" * 12, ["db.slow"]),
        ("WARN slow query: 2.5 s select x\n" * 12 + SERVED * 60, []),
    ],
    ids=[
        "alone",
        "many-and-all-is-well",
        "time-out",
        "failed-requests",
        "very-long",
        "quick",
        "of-another",
        "only-slow",
        "few",
    ],
)
def test_slow_statements_count_where_something_gave_up_or_where_the_log_states_little_else(
    log: str, codes: list[str]
) -> None:
    """One slow statement, quick ones, or somebody else's time-out are not a slow database."""
    assert firm(log) == codes


def test_a_lock_is_the_earlier_link_of_slow_statements() -> None:
    """Who waits for a lock is slow too: the lock is named."""
    log = SLOW * 4 + "ERROR: canceling statement due to lock timeout\nERROR fetch stock: timed out\n"
    assert firm(log)[0] == "db.locked"


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        (("store-a",) * 5, []),
        (("rates-0", "ledger-1", "mail-2"), ["network.loss"]),
    ],
    ids=["one-is-gone", "several"],
)
def test_several_suspected_members_lost_packets_one_is_only_gone(members: tuple[str, ...], codes: list[str]) -> None:
    """A member that fails alone is down; several at once do not hear each other."""
    log = "".join(f"[WARN] memberlist: Suspect {name} has failed, no acks received\n" for name in members)
    assert firm(log) == codes


def test_resets_by_several_peers_are_the_network_by_one_are_the_peer() -> None:
    """Three services break off at once: none of them is the cause; a client that leaves is not a peer."""
    reset = 'ERROR Get "http://{}:80/x": read: connection reset by peer\n'
    assert firm("".join(map(reset.format, ("rates", "bank", "mailer")))) == ["network.loss"]
    assert firm(reset.format("rates") * 9) == ["dependency.down"]
    assert firm("ERROR read tcp 10.0.0.4:8080->10.0.0.9:51234: read: connection reset by peer\n" * 9) == []


def test_a_faint_finding_accounts_for_nothing() -> None:
    """A single slow statement does not take the weight off a time-out beside it."""
    found = log_findings([digest(LogRef("app.log"), [f"{SLOW}ERROR call to bank: timed out\n".encode()])])
    assert next(f.strength for f in found if f.code == "network.timeout") == pytest.approx(0.72)

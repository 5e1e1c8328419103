"""HAProxy's termination states."""

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.logs.matching.proxy_flags import ended

LINE = (
    "lb haproxy[8]: 10.0.0.9:5 [01/Feb/2026:10:00:00.1] fe {} 0/0/-1/-1/9 503 212 - - {}-- 9/9/4/2/3 {} "
    '"GET /a HTTP/1.1"'
)


@pytest.mark.parametrize(
    ("server", "state", "code"),
    [
        ("be/a1", "SC", "network.refused"),
        ("be/<NOSRV>", "SC", "service.no-endpoints"),
        ("be/a1", "sC", "network.timeout"),
        ("be/a1", "sH", "network.timeout"),
        ("be/a1", "SH", "dependency.down"),
    ],
)
def test_a_session_that_ended_badly_states_where(server: str, state: str, code: str) -> None:
    """Small letters are time-outs, the second letter is how far it came."""
    rule = ended(builtin(), LINE.format(server, state, "0/7"))
    assert rule is not None
    assert rule.code == code


@pytest.mark.parametrize("state", ["--", "CD", "cD", "CH", "PR", "LR", "sQ"])
def test_a_session_that_ended_well_or_by_its_client_accuses_nobody(state: str) -> None:
    """Clients leave, the proxy answers some itself, and of its queue a rule shows."""
    assert ended(builtin(), LINE.format("be/a1", state, "0/0")) is None

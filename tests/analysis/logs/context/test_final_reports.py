"""A run or a tool that reports a failure nothing explains is at least unknown; beside a cause it adds nothing."""

import pytest

from tests.analysis.logs.said import said


@pytest.mark.parametrize(
    ("healthy", "faulty"),
    [
        ("    health: HEALTH_OK\n", "    health: HEALTH_ERR\n"),
        ("Sealed          false\n", "Sealed          true\n"),
        ("UN  10.3.0.4   91.1 GiB   16\n", "UN  10.3.0.4   91.1 GiB   16\nDN  10.3.0.5   90.4 GiB   16\n"),
        ("Status:              Succeeded\n", "Status:              Failed\n"),
        ("/dev/sda1   97G   41G   56G  43% /\n", "/dev/sda1   97G   97G     0 100% /\n"),
        ("✖ 2 problems (0 errors, 2 warnings)\n", "✖ 2 problems (1 error, 1 warning)\n"),
    ],
    ids=["Ceph", "Vault", "nodetool", "Argo Workflows", "df", "eslint"],
)
def test_a_tool_states_what_it_checked(healthy: str, faulty: str) -> None:
    """Its own word of success accuses nobody, and its word of failure is never taken for health."""
    assert not said(healthy)
    assert said(faulty)


def test_a_cause_outranks_the_report() -> None:
    """What the run states of its reason is named, and the report adds no unknown beside it."""
    assert said("ERROR connect ECONNREFUSED 10.0.0.7:5432\nERROR: Job failed: exit code 1\n")[0] != "unknown"

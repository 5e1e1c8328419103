"""The very operation that failed is reported done later, or what it was about is; another one's success is not it."""
# ruff: noqa: E501 — log lines are as long as they are

import pytest

from tests.analysis.logs.said import said

_AGENT = "2031-02-03T10:00:{:02}.100Z {}\n"
_REFUSED = '[ERROR] agent.auth: error authenticating: error="Code: 403. Errors: permission denied"'
_MOUNT = 'E0203 10:00:0{}.000001 71 nestedpendingoperations.go:348] MountVolume.SetUp failed for volume "conf" pod "till-{}" : failed to sync configmap cache: timed out waiting for the condition\n'
_MOUNTED = 'I0203 10:00:09.000001 71 operation_generator.go:721] "MountVolume.SetUp succeeded for volume \\"conf\\" pod \\"till-{}\\""\n'
_CHECK = 'E0203 10:00:01.000001 1 sync.go:208] "propagation check failed" err="wrong status code \'503\', expected \'200\'" resource_name="quay-tls-7-{}"\n'
_ISSUED = 'I0203 10:00:09.000001 1 acme.go:236] "certificate issued" related_resource_name="quay-tls-{}"\n'


def _agent(*records: str) -> str:
    return "".join(_AGENT.format(n, record) for n, record in enumerate(records))


@pytest.mark.parametrize(
    ("healthy", "faulty"),
    [
        (
            _agent(_REFUSED, "[INFO]  agent.auth: authentication successful, sending token"),
            _agent(_REFUSED, "[INFO]  agent.auth: authenticating", _REFUSED),
        ),
        (_MOUNT.format(1, "7") + _MOUNTED.format("7"), _MOUNT.format(1, "7") + _MOUNTED.format("8")),
        (_CHECK.format(11) + _ISSUED.format(7), _CHECK.format(11) + _ISSUED.format(8)),
        (
            "10:00:01 ERROR unable to obtain certificate of quay.example: dns: connection refused\n10:00:09 INFO certificate obtained\n",
            "10:00:01 ERROR unable to obtain certificate of quay.example: dns: connection refused\n10:00:09 INFO certificate not obtained\n",
        ),
    ],
    ids=["an operation by its name", "a volume of the same pod", "what was made of the same object", "a participle"],
)
def test_the_same_operation_done_later_ends_a_failure(healthy: str, faulty: str) -> None:
    """Each beside a twin: it fails again, or what is done is of another pod, another object, or denied."""
    assert not said(healthy)
    assert said(faulty)


def test_one_success_does_not_end_many_failures() -> None:
    """Of many that could not be done one is done: the others were not."""
    assert said(_agent(*[_REFUSED] * 5, "[INFO]  agent.auth: authentication successful"))


def test_the_success_of_another_user_ends_nothing() -> None:
    """Both records name whom they are about, and not the same."""
    failed = '10:00:01 ERROR authentication failed: password authentication failed for user "till"\n'
    assert said(f"{failed}10:00:02 INFO authentication successful user=ann\n")
    assert not said(f"{failed}10:00:02 INFO authentication successful user=till\n")

"""What ended or was given up without a word of why is unknown, never healthy."""

import pytest

from tests.analysis.logs.said import said

WORKED = "INFO order 7 handled\n" * 30


@pytest.mark.parametrize(
    "text",
    [
        "    Last State:     Terminated\n      Reason:       Error\n      Exit Code:    2\n",
        "NAME    READY   STATUS             RESTARTS      AGE\nweb-1   0/1     CrashLoopBackOff   7 (2m ago)    3d\n",
        "2m  Warning  BackOff  pod/a-1  Back-off restarting failed container a in pod a-1\n",
        f"{WORKED}worker exited with code 3\n",
        "WARN: moving mail.send to the dead letter queue\nINFO next\nWARN: moving mail.send to the dead letter queue\n",
        "worker 1 (pid 7) died\nworker 2 (pid 9) died\n",
        "INFO job 7: giving up after 5 attempts\nINFO job 9: giving up after 5 attempts\n",
    ],
)
def test_an_end_without_a_reason_is_unknown(text: str) -> None:
    """A container that ended, one that Kubernetes starts again and again, work that is given up."""
    assert said(text) == ["unknown"]


@pytest.mark.parametrize(
    "text",
    [
        "      Exit Code:    0\n",
        "INFO SIGTERM received, draining\nINFO exiting with code 143\n",
        f"worker exited with code 3, started again\n{WORKED}",
        "web-1   0/1   CrashLoopBackOff   7   3d\n$ kubectl get pods\nweb-1   1/1   Running   8   3d\n",
        "INFO giving up after 5 attempts\n" + WORKED,
        "INFO the dead letter queue holds 0 messages\n" * 3,
    ],
)
def test_what_ended_well_is_not_reported(text: str) -> None:
    """An end in good order, a pod that runs by now, one message of many."""
    assert not said(text)


def test_a_reason_makes_it_needless() -> None:
    """Where a cause is known the end is its consequence."""
    text = "      Exit Code:    1\nFATAL: password authentication failed for user app\n"
    assert said(text) == ["db.credentials"]


@pytest.mark.parametrize(
    "line",
    [
        "# A fatal error has been detected by the Java Runtime Environment:",
        "Fatal Python error: Segmentation fault",
        "*** stack smashing detected ***: terminated",
        "malloc(): corrupted top size",
        "corrupted double-linked list",
        "Bus error (core dumped)",
    ],
)
def test_a_runtime_that_dies_is_a_crash(line: str) -> None:
    """However the runtime shows its own end."""
    assert said(f"{WORKED}{line}\n") == ["pod.crash-app-error"]

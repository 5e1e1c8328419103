"""Workers that their master killed: because they hung, or by the kernel for their memory."""

from tests.analysis.logs.said import said

_KILLED = "[2031-05-04 09:12:{s}1 +0000] [1] [ERROR] Worker (pid:31) was sent SIGKILL! Perhaps out of memory?\n"
_HUNG = "[2031-05-04 09:12:{s}0 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:31)\n"


def test_a_worker_that_timed_out_was_not_killed_for_its_memory() -> None:
    """The master kills what does not answer, and guesses at memory for every SIGKILL."""
    assert said("".join((_HUNG + _KILLED).format(s=s) for s in range(3)))[:1] == ["pod.hung"]


def test_a_worker_that_was_killed_without_a_time_out_was_out_of_memory() -> None:
    """Nobody but the kernel kills a worker that answers."""
    assert said("".join(_KILLED.format(s=s) for s in range(3)))[:1] == ["pod.oom-killed"]

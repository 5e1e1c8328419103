"""Who asks whether an API server is one, and when."""

import threading
import time

import pytest

from opsagent.clients.proof import Proof
from opsagent.errors import NotAnAnswerError
from opsagent.tools.side_by_side import side_by_side


def test_asked_once_a_pass() -> None:
    """One proof is enough for a pass, one given by another answer as well, and a new pass begins without."""
    asked: list[int] = []
    proof = Proof(lambda: asked.append(1))
    for _ in range(3):
        proof.prove()
    assert len(asked) == 1
    proof.forget()
    proof.given()
    proof.prove()
    assert len(asked) == 1
    proof.forget()
    proof.prove()
    assert len(asked) == 2


def test_proof_since_a_time() -> None:
    """An older proof reports nothing of now."""
    asked: list[int] = []
    proof = Proof(lambda: asked.append(1))
    proof.given()
    proof.prove(since=time.monotonic() + 60)
    proof.prove(since=0)
    assert len(asked) == 1


def test_threads_that_wait_share_one_failure() -> None:
    """While one asks, the others wait and are reported the same error; who comes later asks again."""
    asked: list[int] = []
    waiting = threading.Barrier(8)

    def fail() -> None:
        asked.append(1)
        # All others have arrived at the lock, or are about to.
        while proof_waiters() < 7:
            threading.Event().wait(0.001)
        raise NotAnAnswerError("HTML", source="cluster", hint="no API server")

    proof = Proof(fail)
    begun: list[int] = []

    def proof_waiters() -> int:
        return len(begun) - 1

    def ask(_: int) -> tuple[str, str | None, str]:
        waiting.wait()
        begun.append(1)
        with pytest.raises(NotAnAnswerError) as caught:
            proof.prove()
        return caught.value.message, caught.value.hint, caught.value.source

    assert set(side_by_side(ask, range(8))) == {("HTML", "no API server", "cluster")}
    assert 1 <= len(asked) <= 8
    before = len(asked)
    with pytest.raises(NotAnAnswerError):
        proof.prove()
    assert len(asked) == before + 1

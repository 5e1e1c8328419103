"""Python searches for garbage rarely while a command works, and as before afterwards."""

import gc

import pytest

from opsagent.cli.garbage import HARDLY_EVER, RARELY, collected


@pytest.mark.parametrize("after", [RARELY, HARDLY_EVER])
def test_the_threshold_is_raised_for_a_while(after: int) -> None:
    """Inside it is far higher; whatever ends the work, the process has its own back."""
    before = gc.get_threshold()
    inside: list[int] = []

    @collected(after)
    def work() -> None:
        inside.append(gc.get_threshold()[0])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert inside == [after]
    assert after > 10 * before[0]
    assert gc.get_threshold() == before

"""Python looks for garbage rarely while a diagnosis works, and as before afterwards."""

import gc

import pytest

from opsagent.cli.garbage import collected_rarely


def test_the_threshold_is_raised_for_a_while() -> None:
    """Inside it is far higher; whatever ends the work, the process has its own back."""
    before = gc.get_threshold()
    inside: list[int] = []

    @collected_rarely()
    def work() -> None:
        inside.append(gc.get_threshold()[0])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert inside[0] > 10 * before[0]
    assert gc.get_threshold() == before

"""Python looks for garbage rarely while a diagnosis works, and as before afterwards."""

import gc

import pytest

from opsagent.cli.garbage import collected_rarely


def test_the_threshold_is_raised_for_a_while() -> None:
    """Inside it is far higher; whatever ends the work, the process has its own back."""
    before = gc.get_threshold()
    with pytest.raises(KeyboardInterrupt), collected_rarely():
        assert gc.get_threshold()[0] > 10 * before[0]
        raise KeyboardInterrupt
    assert gc.get_threshold() == before

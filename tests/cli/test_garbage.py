"""Python searches for garbage rarely while a command works, and as before afterwards."""

import gc
import subprocess
import sys

import pytest

from opsagent.cli.garbage import HARDLY_EVER, RARELY, collected

COMMAND = """
import gc
from opsagent.cli.app import main
searches = []
gc.callbacks.append(lambda phase, info: searches.append(phase))
try:
    main()
finally:
    print(gc.get_freeze_count() > 10_000, searches)
"""


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


def test_one_inside_another_gives_nothing_back() -> None:
    """The threshold falls when the outer one ends: falling earlier, all that was loaded would be searched at once."""
    before = gc.get_threshold()
    with collected(RARELY):
        with collected(HARDLY_EVER):
            pass
        assert gc.get_threshold()[0] == HARDLY_EVER
    assert gc.get_threshold() == before


def test_nothing_is_searched_while_a_command_ends() -> None:
    """What is left at the end of a command is out of reach of the searches that Python makes while it ends."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[1:] == ["True []"]

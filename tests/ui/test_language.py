"""The language in use: English costs nothing and changes nothing."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from opsagent.ui.language import localised, use
from tests.ui.drawing import drawn


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Whatever a test chose is English for the next one."""
    yield
    use("en")


def test_english_is_returned_as_it_is() -> None:
    """Without a choice a sentence is the very same object."""
    text = "a disk is full"
    assert localised(text) is text


def test_the_language_in_use_counts_where_none_is_named() -> None:
    """A named language counts for one sentence, the one in use for all."""
    assert localised("a disk is full", "ko") == "디스크가 가득 찼습니다"
    assert localised("a disk is full") == "a disk is full"
    use("ko")
    assert localised("a disk is full") == "디스크가 가득 찼습니다"
    assert localised("a disk is full", "en") == "a disk is full"


def test_english_loads_no_translation() -> None:
    """A view that is drawn in English imports neither the messages nor what matches them."""
    script = (
        "import sys; from opsagent.ui.layout import labelled, say; from opsagent.ui.console import plain_text\n"
        "plain_text(labelled([('CAUSE', say('x'))])); sys.exit('opsagent.ui.translation' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_wide_labels_keep_the_columns() -> None:
    """A label of double-width characters takes the cells that it fills."""
    from rich.cells import cell_len

    from opsagent.ui.layout import labelled, say

    use("ko")
    lines = drawn(labelled([("NOT CHECKED", say("x")), ("FOUND BY", say("y"))])).splitlines()
    assert [cell_len(line.rstrip()) for line in lines] == [10, 11]

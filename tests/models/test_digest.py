"""The digest of a log as a checkpoint hands it back."""

from typing import Any

from opsagent.models.digest import Figure, LogGroup


def test_a_group_from_a_checkpoint_is_the_group_that_was_kept() -> None:
    """Its figures come back as a list: it is equal all the same, and rules can hash it."""
    figures: Any = [Figure("pool", 1.0, 9.0)]
    group = LogGroup("error", "x", 1, 1, 1, figures=figures)
    assert group == LogGroup("error", "x", 1, 1, 1, figures=(Figure("pool", 1.0, 9.0),))
    assert hash(group) == hash(LogGroup("error", "x", 1, 1, 1, figures=tuple(figures)))

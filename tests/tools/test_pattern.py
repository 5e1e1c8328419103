"""Search patterns in linear time."""

import pytest

from opsagent.errors import UsageError
from opsagent.tools.pattern import compile_pattern


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("ab(cd", "position 1"),
        ("x(?=y)", "invalid perl operator at position 2: (?="),
        ("ab[c", "missing ] at position 3: [c"),
        ("abc\\", "trailing \\ at position 4"),
        ("a{5000}", "invalid repetition size at position 2: {5000}"),
    ],
)
def test_wrong_pattern_names_the_place(pattern: str, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A pattern that cannot be used is a usage error that states where; the library writes nothing by itself."""
    with pytest.raises(UsageError) as caught:
        compile_pattern(pattern)
    assert said in caught.value.message
    assert caught.value.hint
    assert capfd.readouterr() == ("", "")


def test_nested_repetition_is_harmless() -> None:
    """The pattern that hangs a backtracking engine for longer than anybody lives is answered."""
    assert compile_pattern("(a+)+$").search("a" * 20_000 + "b") is None

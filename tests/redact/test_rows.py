"""The rows of secrets.yaml: each shows that it is right, and what is loaded is what is written."""

import re
from copy import deepcopy

import pytest

from opsagent.redact import Redactor
from opsagent.redact.checks import CHECKS
from opsagent.redact.compile import HERE, source
from opsagent.redact.disguise import undisguised
from opsagent.redact.rows import Shown, as_json, compiled, rows_of, shown

SOURCE = source()
SHOWN = tuple(shown(SOURCE))


@pytest.mark.parametrize("row", [row for row in SHOWN if row.secrets], ids=lambda row: row.text[:60])
def test_every_example_loses_what_is_marked(row: Shown) -> None:
    """And nothing else: what surrounds the secret comes through."""
    hidden = Redactor()(row.text)
    for secret in row.secrets:
        assert secret not in hidden
    around = row.text
    for secret in row.secrets:
        around = around.replace(secret, "\0")
    for piece in around.split("\0"):
        assert undisguised(piece) in hidden


@pytest.mark.parametrize("row", [row for row in SHOWN if not row.secrets], ids=lambda row: row.text[:60])
def test_what_must_survive_does(row: Shown) -> None:
    """A row's near misses are left as they are by all rows together."""
    assert Redactor()(row.text) == row.text


def test_the_compiled_file_is_what_is_written() -> None:
    """`python -m tests.compile` was run after the last change, and nothing is lost on the way."""
    rows = rows_of(SOURCE)
    assert (HERE / "secrets.json").read_text("utf-8") == as_json(rows), "run `python -m tests.compile`"
    assert compiled() == rows


def test_every_hint_is_in_what_it_points_to() -> None:
    """A hint that no example holds would spare a text the search that finds its secret."""
    rows = rows_of(SOURCE)
    for written, shape in zip(SOURCE["shapes"], rows.shapes, strict=True):
        for example in written["examples"]:
            text = re.sub("[«»]", "", example)
            text = text.lower() if shape.folded else text
            assert not shape.hints or any(hint in text for hint in shape.hints), example
    for written, name in zip(SOURCE["names"], rows.names, strict=True):
        for example in written["examples"]:
            assert any(hint in example.lower() for hint in name.hints), example


def test_every_check_is_one() -> None:
    """The conditions that rows name exist, and each of them is used."""
    assert {shape.check for shape in compiled().shapes if shape.check} == set(CHECKS)


@pytest.mark.parametrize("field", ["examples", "survives"])
def test_a_row_without_proof_does_not_compile(field: str) -> None:
    """The message names the row."""
    document = deepcopy(SOURCE)
    del document["shapes"][0][field]
    with pytest.raises(ValueError, match=rf"{field} is missing: .*AKIA"):
        rows_of(document)


def test_an_example_has_to_mark_what_goes() -> None:
    """Without a mark the example would show nothing."""
    document = deepcopy(SOURCE)
    document["names"][0]["examples"] = ["password=x"]
    with pytest.raises(ValueError, match="no «…» marks what must go: password=x"):
        rows_of(document)

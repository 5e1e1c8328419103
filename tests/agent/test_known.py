"""The catalog that a configuration asks for: wrong packs are refused by file and line, rows that are off are named."""

from dataclasses import replace
from pathlib import Path

import pytest

from opsagent.agent.known import catalog_of, catalog_with, switched_off
from opsagent.analysis.catalog.catalog import builtin
from opsagent.config.settings import Settings
from opsagent.errors import ConfigError

_ROW = """\
phrases:
  - code: db.unreachable
    pattern: 'LEDGER-\\d+: book is closed'
    example: "ERROR LEDGER-1207: book is closed, payment 77 not booked"
    not: "INFO LEDGER-1200: book opened"
"""


def _pack(folder: Path, text: str) -> Path:
    path = folder / "shop.yaml"
    path.write_text(text)
    return path


def test_without_packs_the_catalog_is_the_built_in_one() -> None:
    """Nothing is read that nobody configured, and nothing is switched off."""
    catalog = catalog_of(Settings())
    assert catalog is builtin()
    assert switched_off(catalog) == ()


def test_a_pack_adds_its_rows(tmp_path: Path) -> None:
    """The configured pack's phrase is one of the catalog's."""
    catalog = catalog_of(replace(Settings(), catalog=(_pack(tmp_path, _ROW),)))
    assert len(catalog.meanings) == len(builtin().meanings) + 1


def test_a_wrong_pack_is_refused_by_its_first_line(tmp_path: Path) -> None:
    """A diagnosis does not begin with half of what an operator taught it: place, number of others, and a hint."""
    wrong = _pack(tmp_path, _ROW.replace("db.unreachable", "db.nosuch") + _ROW.partition("\n")[2].replace("db.", "no."))
    with pytest.raises(ConfigError, match=r"shop\.yaml:\d+.*\(and \d+ more\)$") as refused:
        catalog_of(replace(Settings(), catalog=(wrong,)))
    assert "opsagent catalog check" in (refused.value.hint or "")


def test_a_row_that_is_off_is_reported_as_not_checked(tmp_path: Path) -> None:
    """A report names each built-in row that a pack switched off, with the pack's reason."""
    row = "db.locked#780"
    pack = _pack(tmp_path, f"off:\n  - row: {row}\n    why: our queue reports it\n")
    catalog, problems = catalog_with((pack,))
    assert problems == ()
    [skipped] = switched_off(catalog)
    assert (skipped.source, "our queue reports it" in skipped.why) == ("catalog", True)
    assert row in skipped.why

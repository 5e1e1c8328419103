"""What an installed opsagent brings along, and that its version is reported everywhere alike."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import opsagent

ROOT = Path(__file__).parent.parent
PACKAGE = Path(opsagent.__file__).parent


def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["py.typed", "LICENSE", "CHANGELOG.md"])
def test_the_package_holds_its_papers(name: str) -> None:
    """License text and change log are files of the package, so that a wheel has them."""
    assert (PACKAGE / name).is_file()
    assert name in project()["tool"]["setuptools"]["package-data"]["opsagent"]


def test_the_license_is_named() -> None:
    """The metadata names the license and the file that holds its text."""
    assert project()["project"]["license"] == "MIT"
    [path] = project()["project"]["license-files"]
    assert (ROOT / path).read_text(encoding="utf-8").startswith("MIT License")


def test_every_data_file_is_covered_by_a_pattern() -> None:
    """Each file that is not a Python is under a pattern of the package data: a wheel misses none."""
    patterns = project()["tool"]["setuptools"]["package-data"]["opsagent"]
    held = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    data = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert data - held == set()


def test_the_change_log_begins_with_this_version() -> None:
    """The newest entry is the version that `opsagent --version` prints."""
    headings = re.findall(r"(?m)^## (\S+)$", (PACKAGE / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert headings[:2] == [opsagent.__version__, "0.1.0"]


def test_the_hooks_are_the_checks_of_the_project() -> None:
    """pre-commit runs ruff, its formatter, mypy and lint-imports, with the project's own tools."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    assert [hook["id"] for hook in hooks[0]["hooks"]] == ["ruff", "ruff-format", "mypy", "lint-imports"]

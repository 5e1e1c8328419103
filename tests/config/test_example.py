"""The example file is the documentation of every setting: it cannot drift from the code."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from opsagent.config.keys import keys
from opsagent.config.load import load
from opsagent.config.settings import Settings
from opsagent.models.log_source import LogSource
from opsagent.models.service import Service

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def test_it_loads_to_the_defaults() -> None:
    """A user who copies the example changes nothing."""
    assert load(EXAMPLE, {}, {}) == Settings()


def test_it_holds_every_setting_with_its_default() -> None:
    """Each key of the dataclasses is in the example with the value that counts without a file, and no other."""
    given = dict(_flat(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")), ""))
    assert given == {name: key.default for name, key in keys().items()} | {
        "services": None,
        "ignore": [],
        "catalog": [],
        "logs.sources": [],
    }


def test_every_setting_has_a_comment_in_words() -> None:
    """An operator finds beside (or right above) each key what it does."""
    bare = [
        line
        for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
        if line and "#" not in line and not line.startswith(("kubernetes:", "logs:", "services:"))
    ]
    assert bare == []


def test_the_service_example_is_true(tmp_path: Path) -> None:
    """The commented-out service loads, and shows every key that a service has."""
    text = EXAMPLE.read_text(encoding="utf-8")
    lines = text.splitlines()
    block = [line.removeprefix("# ") for line in lines[lines.index("# services:") : lines.index("services: null")]]
    others = "  - name: payments\n  - name: db\n"
    path = tmp_path / "config.yaml"
    path.write_text("\n".join(block) + "\n" + others, encoding="utf-8")
    services = load(path, {}, {}).services
    assert services is not None
    assert services[0] == Service(
        "checkout", "checkout", "checkout", "http://checkout:8080/health", ("payments", "db"), "all carts"
    )
    assert {field.name for field in fields(Service)} == set(yaml.safe_load("\n".join(block))["services"][0])


def test_the_ignore_example_is_true(tmp_path: Path) -> None:
    """The commented-out entry loads as it stands."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    start = lines.index("# ignore:")
    block = [
        line.removeprefix("# ")
        for line in lines[start : lines.index("ignore: []                   # nothing is known")]
    ]
    path = tmp_path / "config.yaml"
    path.write_text("\n".join(block) + "\n", encoding="utf-8")
    (rule,) = load(path, {}, {}).ignore
    assert (rule.code, rule.object) == ("quota.pods", "ResourceQuota/team")
    assert (rule.until.isoformat(), rule.reason) == ("2027-02-01T00:00:00+00:00", "OPS-123, more pods are asked for")


def test_the_log_sources_example_is_true(tmp_path: Path) -> None:
    """The commented-out sources load as they stand."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    start = lines.index("  # sources:")
    block = [line.replace("# ", "", 1) for line in lines[start : start + 4]]
    path = tmp_path / "config.yaml"
    path.write_text("\n".join(["logs:", *block]) + "\n", encoding="utf-8")
    command = ("docker", "logs", "--timestamps", "--since", "{since}", "{service}")
    assert load(path, {}, {}).logs.sources == (
        LogSource(command=command),
        LogSource("blog-service", "/var/log/blog/*.log"),
    )


def _flat(tree: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value

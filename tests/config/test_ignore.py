"""`ignore:` of the file: every entry has a code, an end and a reason, or is refused with its line."""

from pathlib import Path

import pytest

from opsagent.config.load import load
from opsagent.config.settings import Settings
from opsagent.errors import ConfigError
from opsagent.models.ignore import IgnoreRule
from opsagent.store.records import from_json, to_json


def loaded(tmp_path: Path, text: str) -> tuple[IgnoreRule, ...]:
    """Load a file with these entries."""
    path = tmp_path / "config.yaml"
    path.write_text(f"ignore:\n{text}\n", encoding="utf-8")
    return load(path, {}, {}).ignore


def test_days_times_families_and_objects(tmp_path: Path) -> None:
    """A day counts to its end in UTC, a time in its own zone; the object may be left out."""
    rules = loaded(
        tmp_path,
        "  - {code: db.locked, object: Deployment/blog, until: 2026-12-31, reason: OPS-1}\n"
        '  - {code: quota.*, until: "2026-12-31T18:00:00+02:00", reason: more is asked for}\n'
        "  - {code: db.slow, until: 2026-12-31T18:00:00Z, reason: x}",
    )
    assert [(rule.code, rule.object) for rule in rules] == [
        ("db.locked", "Deployment/blog"),
        ("quota.*", None),
        ("db.slow", None),
    ]
    assert [rule.until.isoformat() for rule in rules] == [
        "2027-01-01T00:00:00+00:00",
        "2026-12-31T16:00:00+00:00",
        "2026-12-31T18:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{code: db.locked, until: 2026-12-31}", "needs a reason"),
        ("{code: db.locked, reason: x}", "needs an end"),
        ("{until: 2026-12-31, reason: x}", "not a cause code"),
        ("{code: DB, until: 2026-12-31, reason: x}", "not a cause code"),
        ("{code: '*', until: 2026-12-31, reason: x}", "not a cause code"),
        ("{code: unknown, until: 2026-12-31, reason: x}", "cannot be known"),
        ("{code: db.locked, until: 2026-02-30, reason: x}", "2026-02-30"),
        ("{code: db.locked, until: next week, reason: x}", "next week"),
        ("{code: db.locked, until: '2026-12-31T10:00:00', reason: x}", "no time zone"),
        ("{code: db.locked, until: 9999-12-31, reason: x}", "9999-12-31"),
        ("{code: db.locked, until: 2026-12-31, reason: x, object: blog}", "Kind/name"),
        ("{code: db.locked, until: 2026-12-31, reason: x, objekt: a/b}", "objekt"),
        ("{code: db.locked, until: 2026-12-31, reason: ''}", "expected a text"),
        ("{code: [a], until: 2026-12-31, reason: x}", "expected a text"),
        ("just words", "expected keys and values"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, entry: str, said: str) -> None:
    """Each mistake is refused, never half understood."""
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, f"  - {entry}")
    assert said in caught.value.message
    assert "config.yaml:2" in caught.value.message


def test_no_list_and_nothing(tmp_path: Path) -> None:
    """A mapping is refused; null and an empty list ignore nothing; no variable takes it."""
    with pytest.raises(ConfigError, match="expected a list"):
        loaded(tmp_path, "  a: b")
    assert loaded(tmp_path, "") == ()
    with pytest.raises(ConfigError, match="configuration file"):
        load(None, {"OPSAGENT_IGNORE": "x", "XDG_CONFIG_HOME": "/nonexistent"}, {})


def test_it_is_kept_with_an_incident(tmp_path: Path) -> None:
    """Whoever resumes an incident ignores what was ignored before."""
    rules = loaded(tmp_path, "  - {code: db.locked, until: 2026-12-31, reason: x}")
    settings = Settings(ignore=rules)
    assert from_json(Settings, to_json(settings)) == settings

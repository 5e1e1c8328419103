"""The tables, by version: a migration that was ever released is never edited, only followed by another."""

_SAMPLES = """
CREATE TABLE samples (
    server TEXT NOT NULL,
    at TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (server, at)
) WITHOUT ROWID
"""

_INCIDENTS = """
CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    service TEXT,
    namespace TEXT NOT NULL,
    server TEXT,
    stage TEXT NOT NULL,
    code TEXT,
    text TEXT NOT NULL DEFAULT '',
    started_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    expires_at TEXT,
    place TEXT NOT NULL,
    settings TEXT NOT NULL DEFAULT '{}',
    redaction TEXT
)
"""

_ACTIONS = """
CREATE TABLE actions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    incident TEXT NOT NULL,
    at TEXT NOT NULL,
    record TEXT NOT NULL
)
"""

# Append-only for everybody who comes through SQLite, a slip of our own included.
_ACTIONS_STAY = """
CREATE TRIGGER actions_stay BEFORE UPDATE ON actions
BEGIN SELECT RAISE(ABORT, 'the action history is append-only'); END
"""
_ACTIONS_ARE_KEPT = """
CREATE TRIGGER actions_are_kept BEFORE DELETE ON actions
BEGIN SELECT RAISE(ABORT, 'the action history is append-only'); END
"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        _SAMPLES,
        _INCIDENTS,
        "CREATE INDEX incidents_by_time ON incidents (started_at)",
        _ACTIONS,
        "CREATE INDEX actions_by_incident ON actions (incident)",
        _ACTIONS_STAY,
        _ACTIONS_ARE_KEPT,
    ),
)

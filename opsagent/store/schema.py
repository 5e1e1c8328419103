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

_AUDIT = """
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    incident TEXT NOT NULL,
    key TEXT,
    record TEXT NOT NULL,
    hash TEXT NOT NULL
)
"""
_AUDIT_STAYS = """
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
_AUDIT_IS_KEPT = """
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""

_SIGHTINGS = """
CREATE TABLE sightings (
    key TEXT PRIMARY KEY,
    platform TEXT NOT NULL,
    record TEXT NOT NULL
)
"""

# Version 0.1 bound an approval to less than the exact change: what it left open is closed, and never gone on with.
_CLOSED_BY_UPDATE = """
UPDATE incidents SET stage = 'rejected', expires_at = NULL, text =
    'closed by the update from opsagent 0.1: what it left pending does not hold the exact change; nothing was done'
    WHERE stage = 'awaiting_approval'
"""
_STOPPED_BY_UPDATE = """
UPDATE incidents SET stage = 'escalated', expires_at = NULL, text =
    'closed by the update from opsagent 0.1: it stopped on its way, and a change may have been made: '
    || 'opsagent audit ' || id || ' shows'
    WHERE stage IN ('running', 'interrupted', 'failed')
"""

_BLIND_SPOTS = """
CREATE TABLE blind_spots (
    platform TEXT NOT NULL,
    subject TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (platform, subject)
)
"""

_ALERTS = """
CREATE TABLE alerts (
    fingerprint TEXT NOT NULL,
    begun TEXT NOT NULL,
    at TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (fingerprint, begun)
)
"""

_JUDGEMENTS = """
CREATE TABLE judgements (
    incident TEXT PRIMARY KEY,
    record TEXT NOT NULL
)
"""

# An alert waits until its diagnosis has ended: what was delivered right before the end of `serve` is not lost.
_ALERT_STATES = (
    "ALTER TABLE alerts ADD COLUMN state TEXT NOT NULL DEFAULT 'done'",
    "ALTER TABLE alerts ADD COLUMN delivery TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE alerts ADD COLUMN incident TEXT",
)

_FAULT = "ALTER TABLE incidents ADD COLUMN fault TEXT"

_MUTES = """
CREATE TABLE mutes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    record TEXT NOT NULL
)
"""

_MODEL_TOKENS = """
CREATE TABLE model_tokens (
    day TEXT PRIMARY KEY,
    tokens INTEGER NOT NULL
)
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
    (
        _AUDIT,
        "CREATE INDEX audit_by_key ON audit (kind, key)",
        "CREATE INDEX audit_by_incident ON audit (incident)",
        _AUDIT_STAYS,
        _AUDIT_IS_KEPT,
    ),
    (_SIGHTINGS, "CREATE INDEX sightings_by_platform ON sightings (platform)"),
    (_CLOSED_BY_UPDATE, _STOPPED_BY_UPDATE),
    (_BLIND_SPOTS,),
    (_ALERTS,),
    (_JUDGEMENTS,),
    _ALERT_STATES,
    (_FAULT, "CREATE INDEX incidents_by_fault ON incidents (fault)", _MUTES),
    (_MODEL_TOKENS,),
)

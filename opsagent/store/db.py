"""The database: one SQLite file, a schema by version, and errors that state how to fix it."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from opsagent.errors import StoreError
from opsagent.store.paths import DATABASE, make_private, not_a_file, open_private, reason, way_out
from opsagent.store.schema import MIGRATIONS

_PAGE = 4096  # SQLite's: with less nothing can be written
BUSY_S = 10.0  # how long a write of another process is waited for


@contextmanager
def writing(state_dir: Path, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
    """Yield a connection in one transaction: committed at the end, rolled back on any error.

    `durable` waits until the disk has it; StoreError where that cannot be.
    """
    make_private(state_dir)
    path = state_dir / DATABASE
    with store_errors(path, "written"), closing(_open(path)) as connection:
        _migrate(connection, path)
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


@contextmanager
def reading(state_dir: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that can only read, on a read-only directory too; an empty database where there is none."""
    path = state_dir / DATABASE
    with store_errors(path, "read"), closing(_open_to_read(path)) as connection:
        yield connection


@contextmanager
def store_errors(path: Path, doing: str) -> Iterator[None]:
    """Turn SQLite's errors into StoreError with how to fix it."""
    try:
        yield
    except (sqlite3.Error, UnicodeEncodeError) as error:
        # In WAL mode SQLite calls a full disk an I/O error, too.
        full = " (the file system is full)" if _full(path.parent) else ""
        raise StoreError(f"{path} cannot be {doing}: {error}{full}", hint=_way_out(error, path)) from error


def connect(path: Path, *, same_thread: bool = True) -> sqlite3.Connection:
    """Return a connection to a database file of mode 0600, in WAL mode, waiting for other writers."""
    os.close(open_private(path))
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=same_thread)
    try:
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            # Two processes that both turn a new file to WAL get "locked" at once, without waiting.
            with _set_up_by_one(path):
                connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _open(path: Path) -> sqlite3.Connection:
    return connect(path)


def _open_to_read(path: Path) -> sqlite3.Connection:
    try:
        path.stat()
    except FileNotFoundError:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        _apply(connection, 0)
        return connection
    except OSError as error:  # a file in the place of a directory, no right to enter it: nothing is known
        raise StoreError(f"{path} cannot be read: {reason(error)}", hint=way_out(error)) from error
    if not path.is_file():
        raise not_a_file(path)
    uri = path.absolute().as_uri()
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        # On a read-only directory WAL's side files cannot be made: "immutable" does without them.
        connection = sqlite3.connect(f"{uri}?{mode}", uri=True, timeout=BUSY_S, isolation_level=None)
        try:
            version = _version(connection, path)
        except sqlite3.OperationalError:
            connection.close()
            if "immutable" in mode:
                raise
            continue
        except BaseException:
            connection.close()
            raise
        if version == len(MIGRATIONS):
            return connection
        return _migrated_copy(connection, version)
    raise AssertionError("unreachable: the last mode returns or raises")


def _migrated_copy(old: sqlite3.Connection, version: int) -> sqlite3.Connection:
    """Return an older database as the schema of today in memory: reading changes no file."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    with closing(old):
        old.backup(copy)
    _apply(copy, version)
    return copy


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection, path) == len(MIGRATIONS):
        return
    with _set_up_by_one(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            _apply(connection, _version(connection, path))
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


def _apply(connection: sqlite3.Connection, version: int) -> None:
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={number:d}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path} was written by a newer opsagent (schema {version}, this one knows {len(MIGRATIONS)})",
            hint="use that opsagent, or another state directory: OPSAGENT_STATE_DIR",
        )
    return version


@contextmanager
def _set_up_by_one(path: Path) -> Iterator[None]:
    descriptor = open_private(path.parent / "setup.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _full(directory: Path) -> bool:
    try:
        left = os.statvfs(directory)
    except OSError:
        return False  # it cannot be determined; the error itself states what went wrong
    return left.f_bavail * left.f_frsize < _PAGE


def _way_out(error: Exception, path: Path) -> str:
    text = str(error)
    if "full" in text or _full(path.parent):
        return f"make room on the file system of {path.parent}, or name another directory: OPSAGENT_STATE_DIR"
    if "locked" in text or "busy" in text:
        return "another opsagent is writing there; try again"
    if "not a database" in text or "malformed" in text:
        return f"the file is damaged: move it aside (mv {path} {path}.damaged); a new one is made"
    if "readonly" in text or "read-only" in text or "unable to open" in text or "disk I/O" in text:
        return f"check the rights and the disk of {path.parent}, or name another directory: OPSAGENT_STATE_DIR"
    return f"check {path}, or name another directory: OPSAGENT_STATE_DIR"

"""The graph's checkpoints: where an incident goes on after a pause, a crash or a reboot."""

import importlib
import pkgutil
from contextlib import contextmanager
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsagent import models
from opsagent.errors import StoreError
from opsagent.store.db import connect, store_errors
from opsagent.store.paths import make_private

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import CheckpointTuple
    from langgraph.checkpoint.sqlite import SqliteSaver


def checkpointer(path: Path) -> "SqliteSaver":
    """Return the saver on a database file of mode 0600; close it with `saver.conn.close()`.

    Only the records of opsagent.models come back as what they were; anything else that somebody wrote into the file
    stays plain data, and nothing in it is ever run. Raises StoreError where it cannot be read or written.
    """
    # LangGraph's saver costs half a second at import: only who runs or resumes an incident pays it.
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer  # noqa: PLC0415
    from langgraph.checkpoint.sqlite import SqliteSaver  # noqa: PLC0415

    class Saver(SqliteSaver):
        @contextmanager
        def cursor(self, transaction: bool = True) -> "Iterator[sqlite3.Cursor]":  # noqa: FBT001, FBT002  as inherited
            with store_errors(path, "used"), super().cursor(transaction) as cursor:
                yield cursor

        def get_tuple(self, config: "RunnableConfig") -> "CheckpointTuple | None":
            try:
                found = super().get_tuple(config)
                if found is not None:
                    _ = found.checkpoint["v"], found.checkpoint["channel_values"], found.checkpoint["channel_versions"]
            # What the serializer makes of damaged bytes: whatever it meets first.
            except (ValueError, TypeError, LookupError, AttributeError, NotImplementedError) as error:
                which = config["configurable"]["thread_id"]
                raise StoreError(
                    f"the checkpoint of incident {which} in {path} is damaged: {error!r}",
                    hint="it cannot be gone on with; opsagent diagnose begins a new incident",
                ) from error
            return found

    make_private(path.parent)
    with store_errors(path, "opened"):
        connection = connect(path, same_thread=False)
    return Saver(connection, serde=JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=record_types()))


def record_types() -> list[tuple[str, str]]:
    """Return (module, class) of every record and enum of opsagent.models."""
    found: list[tuple[str, str]] = []
    for info in pkgutil.iter_modules(models.__path__, f"{models.__name__}."):
        module: Any = importlib.import_module(info.name)
        found += [
            (info.name, name)
            for name, item in vars(module).items()
            if isinstance(item, type)
            and (is_dataclass(item) or issubclass(item, Enum))
            and item.__module__ == info.name
        ]
    return found

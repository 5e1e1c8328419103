"""A pool of urllib3 whose connections are watched by the deadline of the thread that uses them."""

import socket
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection

from opsagent.clients.deadline import watch


def watched(manager: urllib3.PoolManager) -> None:
    """Let every connection that a pool makes or takes up again be watched, whatever its scheme or proxy."""
    classes = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _watching(pool) for scheme, pool in classes.items()}


def _watching(pool: type[Any]) -> type[Any]:
    connection = type(f"Watched{pool.ConnectionCls.__name__}", (_Watched, pool.ConnectionCls), {})
    return type(f"Watched{pool.__name__}", (pool,), {"ConnectionCls": connection})


class _Watched(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        watch(made)
        return made

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            watch(self.sock)
        super().request(*args, **kwargs)

"""Calls to the pod itself and to a database's wrong port, distinguished from a peer that is down."""

import pytest

from tests.analysis.logs.said import said

_RUBY = """\
Puma starting in single mode...
* Listening on http://0.0.0.0:3000
Use Ctrl-C to stop
E, [2031-02-03T10:00:05.100] ERROR -- : Faraday::ConnectionFailed: Failed to open TCP connection to localhost:{port} (Connection refused - connect(2) for "localhost" port {port})
E, [2031-02-03T10:00:09.100] ERROR -- : Faraday::ConnectionFailed: Failed to open TCP connection to localhost:{port} (Connection refused - connect(2) for "localhost" port {port})
"""  # noqa: E501
_GO = 'level=error msg="stock not read" err="Get \\"http://127.0.0.1:{port}/stock\\": dial tcp 127.0.0.1:{port}: connect: connection refused"\n'  # noqa: E501
_UNSET = 'level=warn msg="no address of stock given, falling back to http://localhost:8081"\n'
_DEFAULT = 'level=debug msg="stock is at http://localhost:8081 (STOCK_URL is unset)"\n'
_MYSQL = """\
store-db | [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.4.0'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.
till     | starting
till     | Error: connect ECONNREFUSED 10.0.0.9:{port}
till     |     at createConnectionError (/srv/node_modules/mysql2/promise.js:60:9)
till     | DatabaseError: cannot connect to mysql at store-db:{port}: connect ECONNREFUSED 10.0.0.9:{port}
"""  # noqa: E501
_MONGO = """\
{{"t":{{"$date":"2031-02-03T10:00:00.000+00:00"}},"s":"I","c":"NETWORK","id":23015,"ctx":"listener","msg":"Listening on","attr":{{"address":"0.0.0.0:27017"}}}}
2031-02-03 10:00:09 ERROR pymongo.errors.ServerSelectionTimeoutError: carts-mongo:{port}: [Errno 111] Connection refused, Timeout: 30s
2031-02-03 10:00:39 ERROR pymongo.errors.ServerSelectionTimeoutError: carts-mongo:{port}: [Errno 111] Connection refused, Timeout: 30s
"""  # noqa: E501


@pytest.mark.parametrize(
    "log",
    [_RUBY.format(port=9292), _UNSET + _GO.format(port=8081) * 3, _DEFAULT + _GO.format(port=8081) * 3],
)
def test_a_call_to_the_pod_itself_where_nothing_listens_is_a_wrong_address(log: str) -> None:
    """In a container, localhost is the container: a peer is never there."""
    assert said(log)[:1] == ["config.wrong-address"]


@pytest.mark.parametrize(
    ("log", "instead"),
    [
        (_RUBY.format(port=3000), "network.refused"),  # it names that port as its own
        (_GO.format(port=8081) * 3, "network.refused"),  # nothing shows that it runs in a pod at all
        (_UNSET + _GO.format(port=4317) * 3, "network.refused"),  # an agent's
        (_GO.replace("127.0.0.1", "stock").format(port=8081) * 3, "network.refused"),
    ],
)
def test_a_call_to_a_port_that_somebody_in_the_pod_holds_is_none(log: str, instead: str) -> None:
    """The program itself, or a side-car that everybody runs, may be down for a moment."""
    assert said(log)[:1] == [instead]


@pytest.mark.parametrize("log", [_MYSQL.format(port=3307), _MONGO.format(port=27071)])
def test_a_database_that_listens_elsewhere_shows_the_wrong_port(log: str) -> None:
    """The same text holds the database's own word on its port."""
    assert said(log)[:1] == ["db.wrong-port"]


@pytest.mark.parametrize("log", [_MYSQL.format(port=3306), _MONGO.format(port=27017)])
def test_a_database_that_refuses_on_its_own_port_is_unreachable(log: str) -> None:
    """The port is right: it went down, or something stands between."""
    assert said(log)[:1] == ["db.unreachable"]


_OWN = """\
INFO client settings:
    cache.nodes: localhost:{port}
    cache.pool = 8
"""
_TRIED = "ERROR Connection to node 0 (localhost/127.0.0.1:7400) could not be established\n" * 3


def test_a_client_that_lists_localhost_among_its_settings() -> None:
    """Its own settings name the pod itself; another port in them, or none, shows nothing."""
    assert said(_OWN.format(port=7400) + _TRIED)[:1] == ["config.wrong-address"]
    assert said(_OWN.format(port=7100) + _TRIED)[:1] == ["dependency.down"]
    assert said(_TRIED)[:1] == ["dependency.down"]

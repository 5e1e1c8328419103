"""What a program is, by its name, image, port or words: one answer for every check."""

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.peers import TOOL, PeerIndex
from opsagent.analysis.catalog.records import Peer


@pytest.mark.parametrize("row", builtin().peers, ids=lambda row: row.product)
def test_a_row_knows_its_example(row: Peer) -> None:
    """Each row's example, a name, an image or an address, is of the row's kind and of no other."""
    index = builtin().peer_index
    found = index.find(name=row.example) or index.find(image=row.example)
    assert (found.product if found else None) == (None if row.kind == TOOL else row.product)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("orders-db", "database"), ("userdb", "database"), ("clickhouse", "database"), ("Postgres", "database"),
        ("pg-0", "database"), ("mydb.abc.us-east-1.rds.amazonaws.com", "database"), ("10.0.0.1:5432", "database"),
        ("shop-postgres.prod.svc.cluster.local", "database"), ("web-db", "database"), ("local-redis-service", "cache"),
        ("redis7", "cache"), ("session_cache", "cache"), ("kafka-broker-1", "broker"), ("es-data", "search"),
        ("istio-proxy", "mesh"), ("cloud-sql-proxy", "sidecar"), ("dbx-viewer", None), ("web", None),
        ("redis-exporter", None), ("istiod", "control-plane"),
        ("user-db-api", None), ("api.database", None), ("dashboard", None), ("10.0.0.1", None), ("", None),
    ],
)  # fmt: skip
def test_a_name_is_of_one_kind(name: str, kind: str | None) -> None:
    """A product or a plain word for it decides; a tool around it and a namespace do not make a server."""
    assert builtin().peer_kind(name=name) == kind


def test_image_port_and_words_state_it_too() -> None:
    """Where the name reports nothing, an image does, then a port, then the words of a protocol."""
    known = builtin()
    assert known.peer_kind(image="registry.example.org:5000/bitnami/postgresql:16@sha256:ab") == "database"
    assert known.peer_kind(image="oliver006/redis_exporter:v1") is None
    assert known.peer_kind(name="store", port=6379) == "cache"
    assert known.peer_kind(name="store:27017") == "database"
    assert known.peer_kind(text="ERROR pq: the database system is starting up") == "database"
    assert known.peer_kind(text="everything is fine") is None


def test_a_name_states_more_than_a_port() -> None:
    """A cache that listens on a database's port is a cache."""
    assert builtin().peer_kind(name="redis:5432") == "cache"


def test_rows_of_a_pack_are_known_too() -> None:
    """A row that is added knows its own name and port."""
    index = PeerIndex((*builtin().peers, Peer("database", "ledgerstore:7777", names=("ledgerstore",), ports=(7777,))))
    assert index.kind(name="ledgerstore-0") == "database"
    assert index.kind(port=7777) == "database"

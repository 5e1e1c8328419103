"""Logs from a Loki: which it has, in which order they come, and every way in which it does not answer."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from opsagent.clients.loki import Loki as Client
from opsagent.config.settings import LokiSettings
from opsagent.errors import (
    CheckError,
    ForbiddenError,
    NotAnAnswerError,
    TransientCheckError,
    UnauthorizedError,
    UnreachableError,
)
from opsagent.models.observed import LogRef
from tests.clients.loki import NS, Loki, loki
from tests.clients.loopback import Reply

GONE = {"namespace": "shop", "pod": "blog-6f-old1", "container": "blog", "app": "blog"}


@pytest.fixture
def server() -> Iterator[Loki]:
    """A Loki with the log of a pod that is gone and of one that runs."""
    with loki() as served:
        start = int(time.time() - 600) * NS
        served.add(start, [f"old {n}" for n in range(5)], GONE)
        served.add(start, ["runs"], {**GONE, "pod": "blog-6f-new1"})
        served.add(start, ["elsewhere"], {**GONE, "namespace": "other", "pod": "blog-x"})
        yield served


def client(server: Loki, **settings: Any) -> Client:
    """Return a client of the namespace shop."""
    return Client(LokiSettings(url=server.url, **settings), "shop", 3600, {"TOKEN": "t0p"})


def refs(one: Client, services: tuple[str, ...] = ("blog",), listed: tuple[str, ...] = ()) -> dict[str, LogRef]:
    """Return the logs by their place."""
    return {ref.where: ref for ref in one.refs(services, listed) if isinstance(ref, LogRef)}


def lines(one: Client, ref: LogRef, **bounds: Any) -> list[str]:
    """Return the lines of a log without their stamps."""
    text = b"".join(one.read(ref, **{"tail": None, "since_s": None, **bounds})).decode()
    return [line.partition(" ")[2] for line in text.splitlines()]


def test_pods_that_are_gone(server: Loki) -> None:
    """A pod that the cluster lists is read there; the others come from Loki, in this namespace and of this service."""
    one = client(server)
    found = refs(one, listed=("blog-6f-new1",))
    assert found == {
        "logs/blog-6f-old1/blog.log": LogRef(
            "logs/blog-6f-old1/blog.log", "blog-6f-old1", "blog", service="blog", namespace="shop"
        )
    }
    assert lines(one, found["logs/blog-6f-old1/blog.log"]) == [f"old {n}" for n in range(5)]
    assert refs(one, ("shop",)) == {}
    assert len(refs(one, ())) == 2  # where no service is known all are listed


def test_the_last_lines_oldest_first_each_with_its_stamp(server: Loki) -> None:
    """Loki gives the newest first; a tail is the newest lines, in the order in which they were written."""
    one = client(server)
    ref = refs(one)["logs/blog-6f-old1/blog.log"]
    assert lines(one, ref, tail=2) == ["old 3", "old 4"]
    assert lines(one, ref, tail=2, since_s=5) == []
    stamp = b"".join(one.read(ref, tail=1, since_s=None)).decode().partition(" ")[0]
    assert stamp.endswith(".000000000Z")


@pytest.mark.parametrize("step_ns", [NS // 10, 1, 0])
def test_pages_lose_and_double_nothing(server: Loki, step_ns: int) -> None:
    """Lines of one nanosecond lie on both sides of a page; none is lost, none comes twice."""
    many = [f"line {n}" for n in range(2500 if step_ns else 900)]
    labels = {**GONE, "pod": "blog-6f-many"}
    server.add(int(time.time() - 600) * NS, many, labels, step_ns)
    one = client(server)
    assert lines(one, refs(one)["logs/blog-6f-many/blog.log"]) == many


def test_more_lines_of_one_nanosecond_than_a_page_end(server: Loki) -> None:
    """There is no way past them: what a page holds is read, and it does not go on for ever."""
    server.add(int(time.time() - 600) * NS, ["x"] * 2500, {**GONE, "pod": "blog-6f-same"}, 0)
    one = client(server)
    assert len(lines(one, refs(one)["logs/blog-6f-same/blog.log"])) == 1000


def test_hostile_labels_and_lines(server: Loki) -> None:
    """A label is text from outside: quoted in the query, made plain in the place; three items are a line too."""
    labels = {**GONE, "pod": '../x"y\\z', "container": "a/b"}
    server.add(int(time.time() - 60) * NS, ["one\n"], labels)
    one = client(server)
    place = "logs/_x_y_z/a_b.log"
    found = refs(one)
    assert place in found
    assert lines(one, found[place]) == ["one"]
    values = [["1", "a", {"trace": "b"}], ["x", "b"], ["2"], "c", [None, "d"], ["9" * 40, "e"]]
    data = {"resultType": "streams", "result": [{"stream": {}, "values": values}, 5]}
    server.script.on("/loki/api/v1/query_range", Reply(body={"status": "success", "data": data}))
    assert lines(one, found[place]) == ["a"]


def test_the_tenant_and_the_token_are_sent(server: Loki) -> None:
    """Without its tenant Loki answers 401, which names the setting."""
    server.tenant = "shop"
    with pytest.raises(UnauthorizedError, match="no org id") as refused:
        refs(client(server))
    assert "loki.org_id" in (refused.value.hint or "")
    assert refs(client(server, org_id="shop", bearer_env="TOKEN"))
    assert server.script.seen[-1].headers["Authorization"] == "Bearer t0p"


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (Reply(400, b"parse error at line 1", "text/plain"), CheckError, "HTTP 400: parse error at line 1"),
        (Reply(403, b"no", "text/plain"), ForbiddenError, "HTTP 403"),
        (Reply(404, b"404 page not found", "text/plain"), CheckError, "HTTP 404"),
        (Reply(429, b"too many outstanding requests", "text/plain"), TransientCheckError, "too many"),
        (Reply(502, b"<html>Bad gateway</html>", "text/html"), TransientCheckError, "HTTP 502: a page"),
        (Reply(302, b"", headers={"Location": "/login"}), CheckError, "HTTP 302"),
        (Reply(200, b"<!doctype html>", "text/html"), NotAnAnswerError, "HTML"),
        (Reply(200, b""), NotAnAnswerError, "empty body"),
        (Reply(200, b'{"status": "succ'), NotAnAnswerError, "broken"),
        (Reply(200, {"status": "success"}), NotAnAnswerError, "no list of series"),
        (Reply(200, {"status": "error", "error": "x"}), NotAnAnswerError, "error"),
        (Reply(drop=True), TransientCheckError, "broke off"),
        (Reply(200, b"{}", delay_s=30), UnreachableError, "did not answer"),
    ],
)
def test_no_answer_is_never_an_empty_log(server: Loki, reply: Reply, kind: type[CheckError], said: str) -> None:
    """Whatever comes in place of an answer is an error in Loki's own words."""
    server.script.on("/loki/api/v1/series", reply)
    with pytest.raises(kind, match=said):
        refs(client(server, timeout_s=0.5 if reply.delay_s else 20.0))


def test_what_services_it_has(server: Loki) -> None:
    """doctor names them."""
    assert client(server).services() == ("blog",)
    assert client(server, label="job").services() == ()

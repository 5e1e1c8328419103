"""One deadline for all of an answer, against a server that writes a byte at a time."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opsagent.clients.cluster import ClusterClient
from opsagent.clients.http import get
from opsagent.clients.kube_errors import LateError
from opsagent.config.settings import KubernetesSettings
from opsagent.errors import CheckError, NotAnAnswerError, TransientCheckError, UnreachableError
from tests.clients.loopback import kubeconfig

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DRIPS = {
    "status line": (b"", b"H" * 10),
    "header": (HEAD + b"X-Long: ", b"x"),
    "many headers": (HEAD, b"X-Another: one\r\n"),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
    "body without length": (HEAD + b"Connection: close\r\n\r\n", b" "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "chunk extension": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
}
Drip = Callable[[bytes, bytes], str]


@pytest.fixture
def drip() -> Iterator[Drip]:
    """Return a maker: what comes at once, and what comes again and again -> the server's URL."""
    ended = threading.Event()
    threads: list[threading.Thread] = []
    listeners: list[socket.socket] = []

    def serve(listener: socket.socket, first: bytes, again: bytes) -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                continue
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(first)
                    while not ended.wait(0.02):
                        connection.sendall(again)
                except OSError:
                    continue  # the client hung up, as it should

    def start(first: bytes, again: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(0.05)
        listeners.append(listener)
        threads.append(threading.Thread(target=serve, args=(listener, first, again)))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    ended.set()
    for thread in threads:
        thread.join()
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize("what", DRIPS)
def test_api_server_that_drips(drip: Drip, tmp_path: Path, what: str) -> None:
    """Whatever part of its answer never ends, a request ends with its time, and never as a complete answer."""
    settings = KubernetesSettings(kubeconfig=kubeconfig(tmp_path, drip(*DRIPS[what])), timeout_s=0.3)
    with pytest.raises((TransientCheckError, NotAnAnswerError)) as caught:
        ClusterClient(settings).list("Pod", "shop")
    if what not in ("many headers", "early hints"):  # of those the library has enough before
        assert isinstance(caught.value, LateError)
        assert "within 0.3 s" in caught.value.message


@pytest.mark.parametrize("what", DRIPS)
def test_server_that_drips(drip: Drip, what: str) -> None:
    """The same over plain HTTP, for /stats and health paths."""
    with pytest.raises(CheckError) as caught:
        get(drip(*DRIPS[what]), who="somebody", timeout_s=0.3, source="stats")
    if what != "many headers":
        assert isinstance(caught.value, UnreachableError)
        assert "timed out after 0.3 s" in caught.value.message


def test_log_that_drips(drip: Drip, tmp_path: Path) -> None:
    """A log is waited for no longer than that in all, and what came is kept."""
    url = drip(HEAD + b"Connection: close\r\n\r\nfirst line\n", b".")
    settings = KubernetesSettings(kubeconfig=kubeconfig(tmp_path, url), timeout_s=5.0)
    came: list[bytes] = []
    with pytest.raises(TransientCheckError, match=r"took more than 0\.3 s.*not whole"):
        came.extend(ClusterClient(settings).log("shop", "a", {}, follow=False, timeout_s=0.3))
    assert b"".join(came).startswith(b"first line\n")


def test_connections_are_kept_after_a_good_answer(drip: Drip, tmp_path: Path) -> None:
    """The deadline of one answer is none of the next one over the same connection."""
    body = b'{"kind": "PodList", "apiVersion": "v1", "items": []}'
    answer = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[int] = []

    def serve() -> None:
        connection, _ = listener.accept()
        accepted.append(1)
        with connection:
            for _ in range(3):
                connection.recv(65536)
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    cluster = ClusterClient(KubernetesSettings(kubeconfig=kubeconfig(tmp_path, url), timeout_s=5.0))
    assert [cluster.list("Pod", "shop") for _ in range(3)] == [[], [], []]
    thread.join()
    listener.close()
    assert accepted == [1]

"""A container's log over the wire: whole, followed, broken off, absent."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs

import pytest

from opsagent.clients.live import LivePlatform
from opsagent.errors import CheckError, NotCheckedError, NotFoundError, TransientCheckError
from opsagent.models.observed import LogRef
from tests.clients.loopback import Reply, Script, status

PATH = "/api/v1/namespaces/shop/pods/blog-1/log"
REF = LogRef("logs/blog-1/app.log", "blog-1", "app")
Make = Callable[..., LivePlatform]


def test_log_is_asked_for_with_stamps_and_bounds(script: Script, platform: Make) -> None:
    """Container, tail, since, previous and time stamps are asked of the API server."""
    script.on(PATH, Reply(body=b"2026-01-01T00:00:00Z a\n", kind="text/plain"))
    ref = LogRef("logs/blog-1/app.previous.log", "blog-1", "app", previous=True)
    assert b"".join(platform().read_log(ref, tail=7, since_s=60)) == b"2026-01-01T00:00:00Z a\n"
    assert parse_qs(script.seen[0].query) == {
        "timestamps": ["true"],
        "container": ["app"],
        "previous": ["true"],
        "tailLines": ["7"],
        "sinceSeconds": ["60"],
    }


def test_chunks_come_as_they_are_sent(script: Script, platform: Make) -> None:
    """A followed log gives each chunk at once, not when a buffer is full."""
    script.on(PATH, Reply(chunks=[b"one\n", b"two\n"], kind="text/plain"))
    chunks = platform().read_log(REF, follow=True)
    assert next(chunks) == b"one\n"
    assert b"".join(chunks) == b"two\n"
    assert "follow=true" in script.seen[0].query


@pytest.mark.parametrize(
    "reply",
    [
        Reply(chunks=[b"one\n", b"two\n"], unfinished=True),
        Reply(body=b"one\ntwo\n", length=5000),
    ],
)
def test_log_that_breaks_off_is_never_silently_short(script: Script, platform: Make, reply: Reply) -> None:
    """All that came is given, and then an error states that there should have been more."""
    script.on(PATH, reply)
    chunks: Iterator[bytes] = platform().read_log(REF)
    got = b""
    with pytest.raises(TransientCheckError, match="log is not whole"):  # noqa: PT012
        for chunk in chunks:
            got += chunk
    assert got == b"one\ntwo\n"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(404, status(404, "NotFound", 'pods "blog-1" not found')), NotFoundError),
        (
            Reply(
                400, status(400, "BadRequest", 'container "app" in pod "blog-1" is waiting to start: PodInitializing')
            ),
            NotFoundError,
        ),
        (
            Reply(400, status(400, "BadRequest", 'previous terminated container "app" in pod "blog-1" not found')),
            NotFoundError,
        ),
        (Reply(200, b"unable to retrieve container logs for containerd://abc", "text/plain"), NotFoundError),
        (
            Reply(500, status(500, "InternalError", "Get https://10.0.0.9:10250/…: dial tcp: connection refused")),
            TransientCheckError,
        ),
        (Reply(403, status(403, "Forbidden", "no pods/log")), CheckError),
        (Reply(drop=True), TransientCheckError),
    ],
)
def test_log_that_cannot_be_read(script: Script, platform: Make, reply: Reply, expected: type[CheckError]) -> None:
    """A pod that vanished, a container that has not run and a kubelet that is away are distinguished."""
    script.on(PATH, reply)
    with pytest.raises(expected) as caught:
        list(platform().read_log(REF))
    assert "blog-1" in caught.value.message
    assert caught.value.source == "logs"


def test_empty_log_is_an_empty_log(script: Script, platform: Make) -> None:
    """No lines at all is not an error."""
    script.on(PATH, Reply(body=b"", kind="text/plain"))
    assert list(platform().read_log(REF)) == []


def test_log_of_no_pod(platform: Make) -> None:
    """A log that belongs to no pod cannot be asked of a cluster."""
    with pytest.raises(NotCheckedError):
        platform().read_log(LogRef("logs/app.log"))

"""The webhook: reported, tried again, never followed elsewhere, never named."""

import json

import pytest

from opsagent.clients.webhook import post
from opsagent.errors import CheckError
from tests.clients.loopback import Reply, Script

PATH = "/hooks/T0K3N"


def told(script: Script, waits: list[float] | None = None, timeout_s: float = 2.0) -> None:
    """Post a message, without waiting between tries."""
    kept = waits if waits is not None else []
    post(script.url + PATH, {"text": "blog-service db.locked"}, pause=kept.append, timeout_s=timeout_s)


def test_a_message_is_posted_as_json(script: Script) -> None:
    """One POST with a JSON body."""
    script.on(PATH, Reply(204), method="POST")
    told(script)
    [request] = script.seen
    assert json.loads(request.body) == {"text": "blog-service db.locked"}
    assert request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("bad", [Reply(500), Reply(429), Reply(drop=True)])
def test_what_may_pass_is_tried_again(script: Script, bad: Reply) -> None:
    """A server error, too many requests, a connection that broke: the second try gets through, after a wait."""
    script.on(PATH, bad, Reply(200), method="POST")
    waits: list[float] = []
    told(script, waits)
    assert (len(script.seen), waits) == (2, [1.0])


def test_it_gives_up_and_does_not_name_the_url(script: Script) -> None:
    """Three tries, then an error with a way out, without the secret."""
    script.on(PATH, Reply(503), method="POST")
    with pytest.raises(CheckError) as failed:
        told(script)
    assert len(script.seen) == 3
    shown = f"{failed.value.message} {failed.value.hint}"
    assert "503" in shown
    assert "T0K3N" not in shown
    assert script.url not in shown


@pytest.mark.parametrize("code", [400, 404, 301, 307])
def test_a_refusal_and_a_redirect_end_it(script: Script, code: int) -> None:
    """Neither is tried again, and nothing is sent to where a redirect points."""
    script.on(PATH, Reply(code, headers={"Location": "/elsewhere"}), method="POST")
    with pytest.raises(CheckError, match=str(code)):
        told(script)
    assert script.paths("POST") == [PATH]


def test_nobody_there_and_no_answer_are_errors_of_ours(script: Script) -> None:
    """A refused connection, a silent server, and a URL that is none."""
    script.on(PATH, Reply(200, delay_s=0.5), method="POST")
    with pytest.raises(CheckError, match="timed out"):
        told(script, timeout_s=0.05)
    for url in ("http://127.0.0.1:1/T0K3N", "http://[::1/T0K3N"):
        with pytest.raises(CheckError) as failed:
            post(url, {}, pause=lambda _: None, timeout_s=0.5)
        assert "T0K3N" not in failed.value.message

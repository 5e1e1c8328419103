"""Names and addresses hidden from a model, and put back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from opsagent.clients.model.client import ModelClient
from opsagent.clients.model.mask import Mask, mask_of
from opsagent.config.settings import ModelSettings
from tests import model_server
from tests.model_server import Handler, replies

pytestmark = pytest.mark.usefixtures("own_environment")

NAMES = ("checkout", "checkout-7d9f8b6c5d-k8m2p", "node-a")


def masked(kinds: str) -> Mask:
    """Return a mask of an incident."""
    mask = mask_of(kinds)
    assert mask is not None
    mask.of(NAMES)
    return mask


@pytest.mark.parametrize(
    ("kinds", "text", "hidden"),
    [
        ("ip", "dial tcp 10.0.3.7:6379: refused", ["10.0.3.7"]),
        ("ip", "from fd00:10:244:1::5 and 192.168.1.254", ["192.168.1.254"]),
        ("ip", "version 1.2.3 of 2026", []),
        ("host", "lookup db.shop.svc.cluster.local: no such host", ["db.shop"]),
        ("host", "POST https://api.example.com/v1 and mail.corp.internal", ["api.example.com", "mail.corp"]),
        ("host", "java.lang.IllegalStateException in app.log", []),
        ("name", "Pod/checkout-7d9f8b6c5d-k8m2p of Deployment/checkout on node-a", ["checkout", "node-a"]),
        ("name", "checkouts and precheckout are other words", []),
        ("ip,host,name", "checkout at 10.0.0.1 (web.shop.svc)", ["checkout", "10.0.0.1", "web.shop.svc"]),
    ],
)
def test_what_is_named_is_hidden_and_put_back(kinds: str, text: str, hidden: list[str]) -> None:
    """None of it is in what is sent; what comes back is as it was, and other text is left alone."""
    mask = masked(kinds)
    sent = mask.hide(text)
    assert not [word for word in hidden if word in sent]
    assert hidden or sent == text
    assert mask.show(sent) == text
    assert mask.hide(text) == sent, "the same thing has the same sign"


def test_a_sign_that_was_never_given_stays() -> None:
    """An invented sign stands for nothing."""
    assert masked("ip").show("ip-masked-77") == "ip-masked-77"


@given(st.text(max_size=200))
def test_any_text_comes_back(text: str) -> None:
    """Hiding and showing loses nothing."""
    mask = masked("ip,host,name")
    assert mask.show(mask.hide(text)) == text


class Shape(BaseModel):
    """What the test asks for."""

    object: str


def test_the_model_never_sees_them_and_its_answer_names_them() -> None:
    """On the wire there are signs; the check and the caller see the names."""
    with model_server.running() as server:

        def script(handler: Handler) -> None:
            asked = server.requests[-1]["body"]["messages"][1]["content"]
            replies(json.dumps({"object": asked.split()[0]}))(handler)

        server.scripts = [script]
        model = ModelClient(ModelSettings(name="small", base_url=server.url, mask="ip,name"), {})
        model.hide(NAMES)
        seen: list[str] = []
        reply = model.ask("s", "Deployment/checkout is at 10.1.2.3", Shape, check=lambda one: seen.append(one.object))
        model.close()
        sent = json.dumps(server.requests[0]["body"])
    assert "checkout" not in sent
    assert "10.1.2.3" not in sent
    assert reply.answer.object == "Deployment/checkout"
    assert seen == ["Deployment/checkout"]


def test_without_the_setting_nothing_is_hidden() -> None:
    """None is the default."""
    assert mask_of(None) is None
    assert mask_of("") is None

"""Templates of notices: ready ones, one's own, and what cannot be one."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.clients.notices import FIELDS, READY, template_of
from opsagent.errors import ConfigError

MESSAGE = {
    "text": "opsagent: blog-service db.locked",
    "status": "awaiting_approval",
    "verdict": "AWAITING APPROVAL",
    "service": "blog-service",
    "code": "db.locked",
    "object": None,
    "incident_id": "b7k2",
    "approve": "opsagent approve b7k2",
    "cluster": "prod-seoul",
    "count": 1,
}


def filled(name: str, message: dict[str, Any]) -> Any:
    """Return what the template of that name sends."""
    template = template_of(name)
    assert template is not None
    return template.filled(message)


def test_plain_json_is_the_message_itself() -> None:
    """The default is not a template: the receiver gets every field."""
    assert template_of("json") is None


def test_slack_gets_one_text() -> None:
    """Slack takes {"text": …}: cluster, service, and the notice as it is in the mail."""
    assert filled("slack", MESSAGE) == {
        "text": "*prod-seoul* blog-service: AWAITING APPROVAL\n```opsagent: blog-service db.locked```"
    }


def test_jandi_gets_its_shape_and_its_header() -> None:
    """JANDI wants its own Accept header, and the text in `body` and `connectInfo`."""
    template = template_of("jandi")
    assert template is not None
    assert template.headers == {"Accept": "application/vnd.tosslab.jandi-v2+json"}
    body = template.filled(MESSAGE)
    assert body["body"] == "prod-seoul blog-service: AWAITING APPROVAL"
    assert body["connectInfo"][1]["description"] == "opsagent approve b7k2"


def test_text_from_a_cluster_is_not_a_markup() -> None:
    """Text from a log pages nobody: Slack's <!channel> and JANDI's links arrive as plain characters."""
    assert "<!channel>" not in json.dumps(filled("slack", MESSAGE | {"text": "<!channel> & more"}))
    assert "&lt;!channel&gt; &amp; more" in filled("slack", MESSAGE | {"text": "<!channel> & more"})["text"]
    assert "[x](http" not in json.dumps(filled("jandi", MESSAGE | {"text": "[x](http://x)"}))


@given(st.text(), st.sampled_from(FIELDS))
def test_no_text_changes_the_shape_or_fills_in_twice(text: str, field: str) -> None:
    """Whatever a field holds, quotes, braces or $fields: the document has the same keys, and the text once."""
    for name in ("slack", "jandi", "dooray"):
        usual, odd = filled(name, MESSAGE), filled(name, MESSAGE | {field: text})
        assert _shape(odd) == _shape(usual)
        json.dumps(odd)


def _shape(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _shape(item) for key, item in body.items()}
    return [_shape(item) for item in body] if isinstance(body, list) else type(body)


def test_a_file_of_the_operator(tmp_path: Path) -> None:
    """A YAML file with a body is a template; numbers and lists in it stay what they are."""
    path = tmp_path / "pager.yaml"
    path.write_text("body: {summary: '$service $code', severity: 2, tags: [$cluster]}\n", "utf-8")
    assert filled(str(path), MESSAGE) == {"summary": "blog-service db.locked", "severity": 2, "tags": ["prod-seoul"]}


@pytest.mark.parametrize(
    "text",
    ["[]", "bodies: {}", "body: {text: $nothing}", "body: {text: 'costs $'}", "body: x\nescape: {ab: c}",
     "body: x\nheaders: [a]", "body: x\nmore: 1", ":"],
)  # fmt: skip
def test_what_is_not_a_template_is_refused(tmp_path: Path, text: str) -> None:
    """Wrong keys, fields that are not there and broken YAML are errors that name the file."""
    path = tmp_path / "wrong.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"notify\.template"):
        template_of(str(path))


def test_a_name_that_is_nothing_names_what_there_is() -> None:
    """Neither ready nor a file: the error lists the ready ones."""
    with pytest.raises(ConfigError) as wrong:
        template_of("teams")
    assert "slack" in str(wrong.value.hint)


def test_every_ready_template_states_where_its_form_is_from() -> None:
    """The file is data that an operator can read: each template is known by its name in it."""
    assert [name for name in ("slack", "jandi", "dooray") if template_of(name) is None] == []
    assert READY.read_text("utf-8").count("\n  body:") == 3

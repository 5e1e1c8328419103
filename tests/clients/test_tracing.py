"""Nothing but the configuration states where prompts go."""

import pytest

from opsagent.clients.tracing import client_settings_hidden, switch_off_tracing


def test_tracing_is_off_and_all_else_stays() -> None:
    """Tracing settings are removed for good and tracing is set off; keys stay for the configuration to name."""
    environ = {"OPENAI_API_KEY": "k", "LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING": "true", "HOME": "/"}
    switch_off_tracing(environ)
    assert {name: value for name, value in environ.items() if value != "false"} == {"OPENAI_API_KEY": "k", "HOME": "/"}
    assert environ["LANGSMITH_TRACING"] == environ["LANGCHAIN_TRACING_V2"] == "false"
    assert "LANGCHAIN_TRACING" not in environ


def test_client_settings_are_hidden_and_come_back() -> None:
    """While a client is made it finds nothing; afterwards, also after an error, all is as it was."""
    before = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "u", "LC_OUTPUT_VERSION": "v1", "HOME": "/"}
    environ = dict(before)

    def make() -> None:
        with client_settings_hidden(environ):
            assert environ == {"HOME": "/"}
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        make()
    assert environ == before

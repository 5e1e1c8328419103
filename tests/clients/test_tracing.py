"""Nothing but the configuration says where prompts go."""

from opsagent.clients.tracing import switch_off_tracing


def test_foreign_variables_go_and_tracing_is_off() -> None:
    """Variables of the model libraries are removed, all others stay, and tracing is said to be off."""
    environ = {"OPENAI_API_KEY": "k", "LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING": "true", "HOME": "/", "KEY": "x"}
    switch_off_tracing(environ)
    assert {name: value for name, value in environ.items() if value != "false"} == {"HOME": "/", "KEY": "x"}
    assert environ["LANGSMITH_TRACING"] == environ["LANGCHAIN_TRACING_V2"] == "false"
    assert "LANGCHAIN_TRACING" not in environ

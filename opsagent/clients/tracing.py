"""Switch off whatever the graph's and the model's libraries would send elsewhere."""

import os
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from threading import Lock

# These turn tracing on, or redirect the model's end point to a gateway.
_TRACING = ("LANGSMITH_", "LANGCHAIN_")
_OFF = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2")
# These add a key, an organisation, headers or a proxy to requests, or state where they go.
_CLIENT = ("OPENAI_", "LC_OUTPUT_VERSION")
_ONE_AT_A_TIME = Lock()


def switch_off_tracing(environ: MutableMapping[str, str] | None = None) -> None:
    """Remove the tracing settings from the process' environment for good, and state that tracing is off.

    To be called before langgraph or langchain is imported: with LANGSMITH_TRACING set, a graph sends its state.
    """
    environ = os.environ if environ is None else environ
    for name in [name for name in environ if name.startswith(_TRACING)]:
        del environ[name]
    environ.update(dict.fromkeys(_OFF, "false"))
    utils = sys.modules.get("langsmith.utils")
    if utils is not None:  # it remembers the first answer for as long as the process lives
        utils.get_env_var.cache_clear()


@contextmanager
def client_settings_hidden(environ: MutableMapping[str, str] | None = None) -> Iterator[None]:
    """Hide what the model's client would read by itself while it is made; only opsagent's configuration counts.

    Put back afterwards, because the configuration may name one of these variables for the next diagnosis' key.
    """
    environ = os.environ if environ is None else environ
    with _ONE_AT_A_TIME:
        hidden = {name: environ.pop(name) for name in list(environ) if name.startswith(_CLIENT)}
        try:
            yield
        finally:
            environ.update(hidden)
